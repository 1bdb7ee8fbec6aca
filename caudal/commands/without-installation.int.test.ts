import assert from "node:assert/strict";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { run, type Ran } from "../test-parts/captured.ts";
import { commandTable } from "./table.ts";

/** What commands do, and say, where nothing runs. */
let folder = "";
before(async () => {
  folder = await mkdtemp(join(tmpdir(), "caudal-commands-"));
});
after(() => rm(folder, { recursive: true, force: true }));

/** Nothing ever listens at port 1 of loopback without being asked to. */
const NOWHERE = "http://127.0.0.1:1";

describe("help", () => {
  test("names every command, in both languages, and each command its own usage", async () => {
    const commands = commandTable.flatMap((group) => group.commands.map((command) => ({ group, command })));
    for (const lang of ["en", "es"]) {
      const all = await run(["--help", "--lang", lang]);
      assert.equal(all.code, 0);
      for (const { command } of commands) assert.ok(all.out.includes(`  caudal ${command.name}`), command.name);
      assert.match(all.out, lang === "es" ? /Códigos de salida/ : /Exit codes/);
      for (const { command } of commands) {
        const one = await run([...command.name.split(" "), "--help", "--lang", lang]);
        assert.equal(one.code, 0, command.name);
        assert.ok(one.out.startsWith(`${lang === "es" ? "Uso" : "Usage"}: caudal ${command.name}`), one.out);
      }
    }
    const names = commands.map(({ command }) => command.name);
    assert.deepEqual(names, ["up", "collector", "processor", "archiver", "analytics", "business", "compliance", "web", "doctor", "send", "tail", "points ls", "points show", "points set", "totaliser ls", "totaliser confirm", "totaliser correct", "totaliser undo", "totaliser recounts", "balance", "correct", "config export", "config diff", "config apply", "devices ls", "devices adopt", "devices feeds", "devices feed", "parked ls", "parked show", "parked replay", "replay", "rules try", "schema check", "mqtt try", "providers ls", "providers status", "providers try", "backfill", "dga status", "dga slots", "dga ledger", "dga plan", "dga run", "dga verify", "dga review", "dga stop", "dga resume", "dga write-off", "dga switch", "dga obras", "dga import", "dga credentials", "dga forget-rehearsal", "audit verify", "audit pack", "simulate", "sandbox providers", "sandbox dga", "tiers status", "tiers verify", "tiers repair", "tiers forget", "tiers pack", "clients ls", "clients create", "clients erase", "backup create", "backup ls", "backup restore", "backup drill", "demo clear", "tokens create", "tokens ls", "tokens revoke"]);
  });

  test("with no words, by word, of a noun; and what each flag of up means", async () => {
    assert.equal((await run([])).code, 0);
    assert.match((await run(["help", "send"])).out, /^Usage: caudal send DEVICE/);
    const noun = (await run(["points", "-h"])).out;
    assert.ok(noun.includes("caudal points set") && !noun.includes("caudal devices"));
    assert.match((await run(["up", "--help", "--lang", "es"])).out, /--mqtt, CAUDAL_MQTT +Dirección del broker/);
    assert.match((await run(["--version"])).out, /^\d+\.\d+\.\d+\n$/);
  });
});

describe("words that are no command", () => {
  test("end with exit 2 and the next step, as JSON when asked", async () => {
    const unknown = await run(["frobnicate"], { env: { CAUDAL_LANG: "es" } });
    assert.equal(unknown.code, 2);
    assert.equal(unknown.error, "✗ no existe la orden frobnicate\n  → Todas las órdenes: npx caudal --help\n");
    const verb = await run(["points", "drop", "--json"]);
    assert.equal(verb.code, 2);
    assert.match(verb.json<{ error: { message: string; next: string } }>().error.next, /caudal points ls .* \| caudal points show POINT/);
    assert.equal(verb.error, "");
  });

  test("and commands that lack a word or have one too many", async () => {
    const wrong = [
      ["send"], ["send", "m"], ["send", "m", "flow"], ["send", "m", "flow=1", "--unit", "level=m"], ["send", "m", "flow=1", "--unit", "flow"], ["tail", "--count", "0"], ["points", "show"],
      ["points", "set"], ["points", "set", "p"], ["points", "set", "p", "--map", "flow"], ["points", "set", "p", "--period", "often"], ["points", "set", "p", "--set", "depth"], ["points", "set", "p", "--from", "2026-01-01T00:00:00Z"], ["totaliser", "undo"], ["totaliser", "confirm", "d"], ["totaliser", "correct", "d", "--reason", "r", "--modulus", "many"],
      ["correct"], ["correct", "--point", "p", "--variable", "flow", "--reason", "r"], ["correct", "--point", "p", "--variable", "flow", "--reason", "r", "--value", "1"], ["correct", "--point", "p", "--variable", "flow", "--reason", "r", "--value", "x", "--at", "t"],
      ["devices", "adopt"], ["devices", "adopt", "nobody"],
      ["devices", "adopt", "acme/"], ["parked", "show"], ["parked", "replay"], ["parked", "replay", "a", "--all"], ["mqtt", "try", "--topic", "t"], ["tokens", "create", "--name", "a"],
      ["tokens", "create", "--name", "a", "--role", "king", "--client", "all"], ["tokens", "create", "--name", "a", "--role", "admin", "--client", "A b"], ["tokens", "revoke"],
      ["up", "now"], ["doctor", "--fix"], ["demo", "clear", "--force"],
    ];
    for (const argv of wrong) {
      const { code, error } = await run([...argv, "--data", join(folder, "none"), "--lang", "es"]);
      assert.equal(code, 2, argv.join(" "));
      assert.ok(error.includes(`→ Uso: caudal ${argv[0]}`), error);
    }
    assert.deepEqual((await readdir(folder)).includes("none"), false, "a command that was not understood makes no folder");
  });
});

describe("an address where no Caudal answers", () => {
  const asked = [
    ["send", "m", "flow=1"], ["tail"], ["points", "ls"], ["points", "show", "p"], ["points", "set", "p", "--name", "x"], ["devices", "ls"], ["devices", "adopt", "a/b"], ["parked", "ls"], ["parked", "show", "x"],
    ["parked", "replay", "--all"], ["demo", "clear"], ["tokens", "create", "--name", "a", "--role", "admin", "--client", "all"], ["tokens", "ls"], ["tokens", "revoke", "x"],
  ];

  test("ends with exit 3 and says how to start one", async () => {
    for (const argv of asked) {
      const { code, error } = await run([...argv, "--url", NOWHERE]);
      assert.equal(code, 3, argv.join(" "));
      assert.equal(error, `✗ nothing answers at ${NOWHERE}/\n  → Start Caudal with npm start, or name where it runs with --url or --data\n`);
    }
  });

  test("another server is told apart from Caudal", async () => {
    const other = createServer((request, response) => response.writeHead(request.url?.includes("points") === true ? 200 : 404).end("<html>"));
    await new Promise<void>((resolve) => other.listen(0, "127.0.0.1", resolve));
    try {
      const url = `http://127.0.0.1:${(other.address() as AddressInfo).port}`;
      for (const noun of ["points", "devices"]) {
        const { code, error } = await run([noun, "ls", "--url", url, "--lang", "es"]);
        assert.equal(code, 3);
        assert.match(error, /lo que responde en .* no es Caudal/);
      }
      const looked = await run(["doctor", "--url", url]);
      assert.equal(looked.code, 1);
      assert.match(looked.out, /✗ not ready: HTTP 404/);
    } finally {
      other.close();
    }
  });

  test("and what is no address at all", async () => {
    const { code, error } = await run(["points", "ls", "--url", "ftp://example.test"]);
    assert.equal(code, 2);
    assert.match(error, /ftp:\/\/example.test is not an http/);
  });
});

test("a data folder that cannot be made is named, with what to do", async () => {
  await writeFile(join(folder, "in-the-way"), "");
  const data = join(folder, "in-the-way", "data");
  for (const argv of [["up", "--http", "0", "--mqtt", "off"], ["tokens", "ls"], ["demo", "clear"]]) {
    const { code, error } = await run([...argv, "--data", data, "--lang", "es"]);
    assert.equal(code, 3, argv.join(" "));
    assert.match(error, /^✗ no se puede usar .*in-the-way.* \(ENOTDIR\)\n {2}→ Hágalo suyo/);
  }
});

describe("doctor", () => {
  const texts = ({ out }: Ran): string[] => out.trim().split("\n");

  test("looks at Node, settings, mappings, the data folder and the schemas, and makes nothing", async () => {
    const data = join(folder, "not", "there");
    const found = await run(["doctor", "--data", data]);
    assert.equal(found.code, 0, found.out);
    assert.equal(texts(found).length, 6);
    assert.ok(texts(found).every((line) => line.startsWith("✓ ")));
    assert.ok(!(await readdir(folder)).includes("not"));
    const { findings } = (await run(["doctor", "--data", data, "--json"])).json<{ findings: { check: string; ok: boolean }[] }>();
    assert.deepEqual(findings.map(({ check }) => check), ["node", "settings", "mappings", "data", "schemas", "running"]);
  });

  test("names a setting that is wrong, a folder that cannot be made, an installation that does not answer", async () => {
    const setting = await run(["doctor", "--data", folder], { env: { CAUDAL_MQTT: "nowhere" } });
    assert.equal(setting.code, 1);
    assert.match(setting.out, /✗ CAUDAL_MQTT is "nowhere": .*docs\/settings.md/);
    const mappings = await run(["doctor", "--data", folder], { env: { CAUDAL_MQTT_MAPPINGS: join(folder, "no.yaml") } });
    assert.match(mappings.out, /✗ .*no\.yaml cannot be read/);
    await writeFile(join(folder, "a-file"), "");
    const file = await run(["doctor", "--data", join(folder, "a-file", "below"), "--lang", "es"]);
    assert.equal(file.code, 1);
    assert.match(file.out, /✗ no se puede escribir en la carpeta de datos .*Elija otra con --data/);
    const away = await run(["doctor", "--url", NOWHERE]);
    assert.equal(away.code, 1);
    assert.match(away.out, /✗ nothing answers at http:\/\/127.0.0.1:1\//);
  });
});

describe("mqtt try", () => {
  const tried = (topic: string, payload: string, ...more: readonly string[]): Promise<Ran> => run(["mqtt", "try", "--topic", topic, "--payload", payload, ...more]);

  test("shows the readings that a message would give", async () => {
    const { code, out } = await tried("caudal/acme/well-7/readings", '{"ts":"2024-05-01T12:00:00Z","flow":12.5}');
    assert.equal(code, 0);
    assert.match(out, /^caudal\nacme\/well-7 {2}mqtt {2}2024-05-01T12:00:00Z\n {2}flow {2}12.5/);
    const json = (await tried("caudal/acme/well-7/readings", '{"flow":12.5}', "--json")).json<{ readings: { client: string; time: string | null }[] }>();
    assert.deepEqual(json.readings.map(({ client, time }) => [client, time]), [["acme", null]]);
    assert.match((await tried("caudal/acme/well-7/readings", '{"flow":12.5}', "--lang", "es")).out, /sin hora: vale la del borde/);
  });

  test("a finding when nothing would be made of it", async () => {
    const bad = await tried("caudal/acme/well-7/readings", "{not json");
    assert.equal(bad.code, 1);
    assert.match(bad.error, /^malformed-json: /);
    const unmapped = await tried("somewhere/else", "1");
    assert.equal(unmapped.code, 1);
    assert.match(unmapped.error, /no mapping takes the topic somewhere\/else; see config\/mqtt.yaml/);
  });

  test("a binary payload in hex and in base64", async () => {
    const cbor = "a3 62 6964 64 572d3037 62 7473 1a 69a42a40 64 666c6f77 f9 4a40";
    const binary = (topic: string, ...payload: readonly string[]): Promise<Ran> => run(["mqtt", "try", "--topic", topic, ...payload, "--json"]);
    for (const payload of [["--payload-hex", cbor], ["--payload-base64", Buffer.from(cbor.replaceAll(" ", ""), "hex").toString("base64")]]) {
      const { code, json } = await binary("caudal/acme/W-07/readings", ...payload);
      assert.equal(code, 0);
      assert.deepEqual(json<{ readings: { time: string; samples: { value: number }[] }[] }>().readings.map(({ time, samples }) => [time, samples[0]?.value]), [["2026-03-01T12:00:00Z", 12.5]]);
    }
    const birth = "08809494caca3312120a05626453657118809494caca3320085807121d0a07666c6f775f6c73100118809494caca33200a6900000000000029401800";
    assert.match((await run(["mqtt", "try", "--topic", "spBv1.0/g/NBIRTH/n1", "--payload-hex", birth])).out, /flow_ls {2}12.5[^]*n1 {2}online/);
    assert.equal((await binary("a", "--payload-hex", "xyz")).code, 2);
    assert.equal((await binary("a", "--payload-base64", "a")).code, 2);
    assert.equal((await binary("a", "--payload-hex", "00", "--payload", "x")).code, 2);
  });

  test("a payload and mappings from files", async () => {
    const [payload, mappings] = [join(folder, "payload.json"), join(folder, "mqtt.yaml")];
    await writeFile(payload, '{"flow":3}');
    await writeFile(mappings, "mappings:\n  - { name: mine, topic: 'wells/{device}', device: '{device}', format: json }\n  - { name: words, topic: 'state/{device}', client: acme, device: '{device}', format: presence }\n");
    assert.match((await tried("wells/w1", `@${payload}`, "--mappings", mappings)).out, /^mine\n\?\/w1 .*\n {2}flow {2}3/);
    assert.match((await tried("state/w1", "online", "--mappings", mappings)).out, /acme\/w1 {2}online/);
    const missing = await tried("wells/w1", `@${join(folder, "none")}`);
    assert.equal(missing.code, 2);
    assert.match(missing.error, /none cannot be read\n {2}→ --payload @FILE reads a file/);
    const broken = await tried("wells/w1", "1", "--mappings", join(folder, "none.yaml"));
    assert.equal(broken.code, 2);
  });
});

test("schema check lists every version with its fingerprint", async () => {
  const checked = await run(["schema", "check"]);
  assert.equal(checked.code, 0);
  assert.match(checked.out, /caudal.readings-value version 1: id 1, sha256 [0-9a-f]{64}\n/);
  const { versions, findings } = (await run(["schema", "check", "--json"])).json<{ versions: unknown[]; findings: unknown[] }>();
  assert.ok(versions.length >= 5);
  assert.deepEqual(findings, []);
});

test("tokens on a folder where nothing runs", async () => {
  const data = ["--data", join(folder, "tokens")];
  assert.equal((await run(["tokens", "ls", ...data])).out, "none\n");
  const made = await run(["tokens", "create", "--name", "office", "--role", "admin", "--client", "all", ...data, "--lang", "es"]);
  assert.match(made.out, /^token \(se muestra una sola vez\): cdl_[\w-]{43}\n$/);
  const scoped = (await run(["tokens", "create", "--name", "field", "--role", "device", "--client", "acme, norte", ...data, "--json"])).json<{ id: string; token: string; clients: string[] }>();
  assert.deepEqual(scoped.clients, ["acme", "norte"]);
  const { items } = (await run(["tokens", "ls", ...data, "--json"])).json<{ items: Record<string, unknown>[] }>();
  assert.deepEqual(items.map(({ name }) => name).sort(), ["field", "office"]);
  assert.ok(items.every((item) => !JSON.stringify(item).includes(scoped.token)), "a token is shown once");
  assert.equal((await run(["tokens", "revoke", "office", ...data])).out, "revoked office\n");
  assert.match((await run(["tokens", "ls", ...data])).out, /office +admin +all .* revoked 20/);
  const again = await run(["tokens", "revoke", "office", ...data]);
  assert.equal(again.code, 1);
  assert.match(again.error, /no valid token is called office\n {2}→ /);
});
