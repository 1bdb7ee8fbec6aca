import assert from "node:assert/strict";
import { EventEmitter } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import mqtt from "mqtt";
import { pointIdOf } from "@caudal/core";
import { findRunning } from "./commandline/running-instance.ts";
import { run, type Ran, type RunOptions } from "./test-parts/captured.ts";
import { startUp, type Started } from "./test-parts/started.ts";
import { until } from "./test-parts/until.ts";

/** The commands against one installation that asks before it adopts. */
describe("commands beside a running installation", { concurrency: false }, () => {
  let folder = "";
  let caudal: Started;
  const point = pointIdOf("default", "my-meter");

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "caudal-beside-"));
    caudal = await startUp(["--data", folder, "--no-demo", "--adopt", "ask", "--http", "127.0.0.1:0", "--mqtt", "127.0.0.1:0"]);
  });
  after(async () => {
    await caudal?.stop();
    await rm(folder, { recursive: true, force: true });
  });

  const here = (argv: readonly string[], options?: RunOptions): Promise<Ran> => run([...argv, "--data", folder], options);
  const publish = async (topic: string, payload: string): Promise<void> => {
    const client = await mqtt.connectAsync(findRunning(folder)?.mqtt ?? "", { protocolVersion: 4, reconnectPeriod: 0 });
    await client.publishAsync(topic, payload, { qos: 1 });
    await client.endAsync();
  };

  test("send takes a reading in and prints its page", async () => {
    const { code, out } = await here(["send", "my-meter", "flow=12.5", "note=dry", "--unit", "flow=L/s", "--time", "2024-05-01T12:00:00Z"]);
    assert.equal(code, 0);
    assert.equal(out, `accepted: ${findRunning(folder)?.http}points/${point}\n`);
    assert.equal((await fetch(out.replace("accepted: ", "").trim())).status, 200, "the page is there");
    const { items } = (await here(["send", "my-meter", "flow=-1e1", "--json"])).json<{ items: { status: string; point: string; page: string }[] }>();
    assert.deepEqual(items.map((item) => [item.status, item.point]), [["accepted", point]]);
    assert.match((await here(["send", "my-meter", "flow=3", "--lang", "es"])).out, /^aceptada: http/);
    assert.match((await here(["send", "pump", "flow=3", "--client", "acme"])).out, new RegExp(pointIdOf("acme", "pump")));
  });

  test("send says what is wrong with a reading, and the next step, in the caller's language", async () => {
    const late = await here(["send", "my-meter", "flow=1", "--time", "yesterday"]);
    assert.equal(late.code, 2);
    assert.match(late.error, /^✗ .*timestamp.*\n {2}→ .+\n$/);
    const client = await here(["send", "my-meter", "flow=1", "--client", "No Such", "--lang", "es"]);
    assert.equal(client.code, 2);
    assert.match(client.error, /^✗ Un parámetro no es válido: query.client: .*a-z.*\n {2}→ Corrija/);
  });

  test("devices: the ones that wait are listed, and adopting one processes what was kept", async () => {
    await until("both wait", async () => ((await here(["devices", "ls", "--state", "waiting", "--json"])).json<{ items: unknown[] }>().items.length === 2 ? true : undefined));
    assert.match((await here(["devices", "ls"])).out, /^acme\/pump +waiting .*\ndefault\/my-meter +waiting /m);
    assert.deepEqual((await here(["devices", "ls", "--refused", "--json"])).json(), { items: [], next: null });
    assert.equal((await here(["devices", "ls", "--refused", "--state", "waiting"])).code, 2);
    await until("three readings are kept", async () => ((await here(["parked", "ls", "--client", "default", "--json"])).json<{ items: unknown[] }>().items.length === 3 ? true : undefined));
    const adopted = await here(["devices", "adopt", "default/my-meter"]);
    assert.equal(adopted.code, 0);
    assert.equal(adopted.out, "adopted default/my-meter; 3 of its kept readings are being processed\n");
    assert.equal((await here(["devices", "adopt", "acme/pump", "--json"])).json<{ state: string }>().state, "active");
    const nobody = await here(["devices", "adopt", "acme/nobody"]);
    assert.equal(nobody.code, 1);
    assert.match(nobody.error, /→ /);
    await until("its readings are measurements", async () => ((await fetch(new URL(`/api/v1/analytics/points/${point}/history?from=2024-05-01T00:00:00Z&to=2024-05-02T00:00:00Z&resolution=raw`, findRunning(folder)?.http)).then((answer) => answer.text())).includes("12.5") ? true : undefined));
  });

  test("points: listed page by page, shown, renamed, their keys mapped", async () => {
    const first = await here(["points", "ls", "--limit", "1"]);
    assert.equal(first.out.trim().split("\n").length, 2);
    const cursor = /--cursor (\S+)/.exec(first.out)?.[1] ?? "";
    assert.equal((await here(["points", "ls", "--limit", "1", "--cursor", cursor])).out.trim().split("\n").length, 1);
    assert.match((await here(["points", "ls", "--q", "nothing-like-it", "--lang", "es"])).out, /^ninguno\n/);
    assert.deepEqual((await here(["points", "ls", "--client", "acme", "--json"])).json<{ items: { device: string }[] }>().items.map(({ device }) => device), ["pump"]);
    assert.match((await here(["points", "show", point])).out, /^My meter {2}default\/my-meter {2}http:\/\/\S+\/points\/\S+\n {2}flow → flow \[L\/s\] \?\n/);
    const set = await here(["points", "set", point, "--name", "Well 7", "--period", "60", "--map", "flow=flow:m3/h"]);
    assert.equal(set.out, "configured: Well 7\n");
    const shown = (await here(["points", "show", point, "--json"])).json<{ name: string; periodS: number; variables: { key: string; sourceUnit: string; guessed: boolean }[] }>();
    assert.deepEqual([shown.name, shown.periodS, shown.variables.map(({ key, sourceUnit, guessed }) => [key, sourceUnit, guessed])], ["Well 7", 60, [["flow", "m3/h", false]]]);
    assert.equal((await here(["points", "set", point, "--period", "auto", "--json"])).json<{ periodS: number | null }>().periodS, null);
    assert.match((await here(["points", "show", point])).out, /flow → flow \[m3\/h → L\/s\]\n/);
    const limited = await here(["points", "set", point, "--set", "flow.max=40", "--set", "flow.flat-line-s=7200", "--set", "sensor-depth-m=45", "--from", "2026-03-01T00:00:00Z", "--reason", "new pump", "--json"]);
    const { settings, limits } = limited.json<{ settings: { validFrom: string; values: object; reason: string }[]; limits: { variable: string; validFrom: string; values: object; reason: string }[] }>();
    assert.deepEqual([settings.map(({ values, reason }) => [values, reason]), limits.map(({ variable, validFrom, values, reason }) => [variable, validFrom, values, reason])],
      [[[{ sensorDepthM: 45 }, "new pump"]], [["flow", "2026-03-01T00:00:00Z", { max: 40, flatLineS: 7200 }, "new pump"]]]);
    assert.match((await here(["points", "show", point])).out, /from 2026-03-01T00:00:00Z \([^)]+\) · new pump\n {2}flow\.max +40 +Most that is good, in the stored unit\n {2}flow\.flatLineS +7200 /);
    assert.match((await here(["points", "set", point, "--set", "flow.top=40"])).error, /flow\.top|top is no limit/);
  });

  test("points: one that is not there, a unit that nobody knows, a page that is too long", async () => {
    const missing = await here(["points", "show", "nowhere"]);
    assert.equal(missing.code, 1);
    const variable = await here(["points", "set", point, "--map", "flow=flow:furlong"]);
    assert.equal(variable.code, 2);
    assert.match(variable.error, /furlong[^]*\n {2}→ .+/);
    const limit = await here(["points", "ls", "--limit", "many", "--lang", "es"]);
    assert.equal(limit.code, 2);
    assert.match(limit.error, /^✗ Un parámetro no es válido/);
  });

  test("parked: what cannot be read is listed with its reason, shown whole, and stays parked while its cause does", async () => {
    await publish("caudal/default/broken/readings", '{"flow": 12.5\u001b[2J');
    const { id } = await until("it is parked", async () => (await here(["parked", "ls", "--reason", "malformed-json", "--json"])).json<{ items: { id: string }[] }>().items[0]);
    assert.match((await here(["parked", "ls", "--group", "collector", "--state", "parked"])).out, new RegExp(`^${id} .* malformed-json +caudal/default/broken/readings `, "m"));
    const shown = await here(["parked", "show", id]);
    assert.ok(shown.out.includes('{"flow": 12.5\ufffd[2J'), shown.out);
    assert.match(shown.out, /\(malformed-json\)[^]*\n→ .+\n/);
    assert.equal((await here(["parked", "show", id, "--json"])).json<{ text: string }>().text, '{"flow": 12.5\u001b[2J');
    const again = await here(["parked", "replay", id, "--lang", "es"]);
    assert.equal(again.code, 1);
    assert.equal(again.out, "reprocesados 0, aún apartados 1\n");
    const all = (await here(["parked", "replay", "--all", "--reason", "malformed-json", "--client", "default", "--json"]));
    assert.equal(all.code, 1);
    assert.deepEqual(all.json(), { replayed: 0, stillParked: 1 });
    assert.equal((await here(["parked", "replay", "--all", "--group", "processor-mapping"])).out, "replayed 0, still parked 0\n");
    const bytes = await until("bytes are parked", async () => {
      await publish("caudal/default/bytes/readings", "\u0000");
      return (await here(["parked", "ls", "--json"])).json<{ items: { id: string; origin: string }[] }>().items.find(({ origin }) => origin.includes("bytes"));
    });
    assert.equal((await here(["parked", "show", bytes.id])).code, 0);
    assert.equal((await here(["parked", "show", "00000000"])).code, 1);
  });

  test("tail prints measurements as they arrive, of the points asked for, until so many, a signal, or the end", async () => {
    const signals = new EventEmitter();
    const endless = here(["tail"], { signals });
    const counted = here(["tail", point, "--count", "2", "--json"]);
    let seen = false;
    void counted.then(() => (seen = true));
    for (let flow = 1; !seen; flow++) {
      await here(["send", "pump", `flow=${flow}`, "--client", "acme"]);
      await here(["send", "my-meter", `flow=${flow}`]);
    }
    const lines = (await counted).out.trim().split("\n").map((line) => JSON.parse(line) as { id: string; point: string; values: { variable: string }[] });
    assert.deepEqual(lines.map((line) => [line.point, line.values[0]?.variable]), [[point, "flow"], [point, "flow"]]);
    assert.ok(lines.every(({ id }) => id !== ""));
    signals.emit("SIGINT");
    const { code, out } = await endless;
    assert.equal(code, 0);
    assert.match(out, new RegExp(`^\\d{4}-\\d\\d-\\d\\dT\\S+Z {2}${point} {2}flow \\S+ L/s`, "m"));
    assert.match(out, new RegExp(pointIdOf("acme", "pump")));
    assert.deepEqual(signals.eventNames(), []);
    assert.equal((await here(["tail", "nowhere"])).code, 1);
  });

  test("tokens: made, listed and revoked through the installation; a wrong one is refused with the next step", async () => {
    const held = await here(["tokens", "create", "--name", "one logger", "--role", "device", "--client", "acme", "--device", "W-07,X-*", "--json"]);
    assert.deepEqual(held.json<{ devices: string[] }>().devices, ["W-07", "X-*"]);
    assert.equal((await here(["tokens", "create", "--name", "x", "--role", "viewer", "--client", "acme", "--device", "W-07"])).code, 2);
    const { token, id } = (await here(["tokens", "create", "--name", "reader", "--role", "viewer", "--client", "acme", "--json"])).json<{ token: string; id: string }>();
    assert.match((await here(["tokens", "ls"])).out, new RegExp(`^${id} +reader +viewer +acme `, "m"));
    assert.match((await here(["tokens", "ls"])).out, / one logger +device +acme\/W-07,X-\* /);
    const asReader = (argv: readonly string[]): Promise<Ran> => here(argv, { env: { CAUDAL_TOKEN: token } });
    assert.deepEqual((await asReader(["points", "ls", "--json"])).json<{ items: { client: string }[] }>().items.map(({ client }) => client), ["acme"]);
    const forbidden = await asReader(["tokens", "ls"]);
    assert.equal(forbidden.code, 2);
    assert.match(forbidden.error, /→ Use a token whose role allows this/);
    assert.equal((await here(["tokens", "revoke", id])).out, "revoked reader\n");
    assert.equal((await here(["tokens", "revoke", id])).code, 1);
    const refused = await here(["points", "ls", "--token", token, "--lang", "es"]);
    assert.equal(refused.code, 2);
    assert.match(refused.error, /^✗ El token no es válido\n {2}→ Dé un token con --token o CAUDAL_TOKEN/);
  });

  test("doctor finds it running and ready, by the folder and by its address", async () => {
    const { code, out } = await here(["doctor"]);
    assert.equal(code, 0, out);
    assert.match(out, new RegExp(`✓ running as process ${process.pid} at http://127.0.0.1:\\d+/\n✓ ready\n$`));
    const url = findRunning(folder)?.http ?? "";
    assert.match((await run(["doctor", "--url", url, "--lang", "es", "--data", join(folder, "other")])).out, /✓ en marcha en http.*\n✓ listo\n$/);
  });

  test("the status says everything of the installation", async () => {
    const url = findRunning(folder)?.http ?? "";
    const status = (await (await fetch(new URL("/api/v1/status", url))).json()) as Record<string, unknown> & { lag: Record<string, number>; send: Record<string, string>; lastWrite: Record<string, string | null> };
    assert.deepEqual(Object.keys(status), ["version", "engines", "readingsPerS", "lag", "parked", "lastWrite", "demo", "urls", "send"]);
    assert.equal(Object.keys(status.lag).length, 10);
    assert.equal(status["demo"], false);
    assert.ok(Number(status["parked"]) >= 1);
    for (const tier of ["hot", "warm", "cold"]) assert.ok(Date.parse(status.lastWrite[tier] ?? "") > Date.now() - 60_000, tier);
    for (const line of [status.send["npx"], status.send["curl"], status.send["mosquitto_pub"]]) assert.ok(caudal.out().includes(`  ${line}\n`), line);
  });

  test("clearing a demo that never was leaves everything", async () => {
    const { code, out } = await here(["demo", "clear"]);
    assert.equal(code, 0);
    assert.match(out, /^demo removed: 0 points\./);
    assert.equal((await here(["points", "ls", "--json"])).json<{ items: unknown[] }>().items.length, 2);
    assert.equal((await here(["send", "my-meter", "flow=99"])).code, 0);
    await until("the processor is back at work", async () => ((await fetch(new URL(`/api/v1/analytics/points/${point}/realtime`, findRunning(folder)?.http)).then((answer) => answer.text())).includes("27.5") ? true : undefined));
  });

  test("a tail whose installation stops ends with exit 3, and Ctrl-C in under 5 seconds with 0", async () => {
    const tailing = here(["tail", "--lang", "es"]);
    const live = new URL("/metrics", findRunning(folder)?.http);
    await until("it follows", async () => (/caudal_live_clients\S* [1-9]/.test(await (await fetch(live)).text()) ? true : undefined));
    const sinceMs = performance.now();
    assert.equal(await caudal.stop(), 0);
    assert.ok(performance.now() - sinceMs < 5000);
    const { code, error } = await tailing;
    assert.equal(code, 3);
    assert.match(error, /✗ http:\S+ terminó el flujo\n {2}→ Inicie Caudal con npm start/);
    assert.match(caudal.out(), /stopping: no more intake.*\nstopped in \d\.\d s\n$/);
    assert.equal(findRunning(folder), undefined);
  });
});
