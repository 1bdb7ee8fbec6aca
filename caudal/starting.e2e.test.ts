import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { request } from "node:http";
import { createServer, type AddressInfo, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { promisify } from "node:util";
import mqtt from "mqtt";
import { pointIdOf } from "@caudal/core";
import { root, startCaudal, type RunningCaudal } from "../regression/integrity/running-caudal.ts";
import { findMosquittoPub } from "../tools/mosquitto.ts";
import { findRunning } from "./commandline/running-instance.ts";
import type { StartReport } from "./status/start-report.ts";
import { run } from "./test-parts/captured.ts";
import { startUp, type Started } from "./test-parts/started.ts";
import { until } from "./test-parts/until.ts";

const FREE = ["--no-demo", "--http", "127.0.0.1:0", "--mqtt", "127.0.0.1:0"];
let folder = "";
// Two at a time: one of them waits for most of its time.
describe("starting", { concurrency: 2 }, () => {
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "caudal-starting-"));
  });
  after(() => rm(folder, { recursive: true, force: true }));

  /** Takes the port, unless somebody has it already; either way it is taken. */
  async function taken(port: number): Promise<Server> {
    const server = createServer();
    await new Promise<void>((resolve) => server.once("error", () => resolve()).listen(port, "127.0.0.1", resolve));
    return server;
  }

  const portOf = (url: string): number => Number(new URL(url).port);
  const shell = promisify(execFile);
  const paste = (line: string): Promise<{ stdout: string }> => shell("sh", ["-c", line], { cwd: root, env: { ...process.env, CAUDAL_LANG: "en" } });

  describe("npm start with its default ports taken", { concurrency: false }, () => {
    let caudal: RunningCaudal;
    let servers: readonly Server[] = [];
    const lineWith = (text: string): string => caudal.output().split("\n").find((line) => line.startsWith("  ") && line.includes(text))?.trim() ?? assert.fail(caudal.output());

    before(async () => {
      servers = await Promise.all([8000, 1883].map(taken));
      caudal = await startCaudal(join(folder, "defaults"), ["--no-demo"]);
      await until("it has told everything", () => (caudal.output().includes("/api/v1/readings") ? true : undefined));
    });
    after(async () => {
      await caudal?.kill().catch(() => undefined);
      for (const server of servers) server.close();
    });

    test("moves to the next free ones, says so, and shows the real ones in every line", () => {
      const [http, broker] = [portOf(caudal.http), portOf(caudal.mqtt)];
      assert.ok(http > 8000 && http < 8050 && broker > 1883 && broker < 1933, `${http} ${broker}`);
      assert.match(caudal.output(), new RegExp(`^HTTP: port 8000 is taken( \\(process \\d+\\))?; ${http} is used instead$`, "m"));
      assert.match(caudal.output(), new RegExp(`^MQTT: port 1883 is taken( \\(process \\d+\\))?; ${broker} is used instead$`, "m"));
      assert.match(caudal.output(), new RegExp(`^dashboard: http://127.0.0.1:${http}/$`, "m"));
      const after = caudal.output().slice(caudal.output().indexOf("Caudal is ready"));
      assert.doesNotMatch(after, /\b(8000|1883)\b/);
      assert.match(after, /^engines: log embedded \(SQLite\), .*, mqtt built-in \(aedes\)$/m);
      assert.ok(after.includes(`data: ${join(folder, "defaults")}\n`));
      assert.doesNotMatch(caudal.output(), /\u001b/, "nobody watches, so no control characters");
    });

    test("its npx line sends a reading and prints the page where it appears", async () => {
      const { stdout } = await paste(lineWith("npx caudal send"));
      assert.equal(stdout, `accepted: ${caudal.http}points/${pointIdOf("default", "my-meter")}\n`);
      assert.equal((await fetch(stdout.replace("accepted: ", "").trim())).status, 200);
    });

    test("its curl line sends a reading", async () => {
      const { stdout } = await paste(`${lineWith("curl ")} --silent --show-error`);
      assert.match(stdout, /"status":"accepted".*"accepted":1,"refused":0/);
    });

    test("its mosquitto_pub line sends a reading", { skip: findMosquittoPub() === undefined ? "no mosquitto_pub here; apt-get install mosquitto-clients" : false }, async () => {
      await paste(lineWith("mosquitto_pub "));
      const metrics = new URL("/metrics", caudal.http);
      await until("the reading by MQTT is accepted", async () => (/caudal_readings_accepted_total\{[^}]*transport="mqtt"[^}]*\} 1$/m.test(await (await fetch(metrics)).text()) ? true : undefined));
    });

    test("a plain line comes every ten seconds", async () => {
      const line = /^\d+(\.\d)? readings\/s \| lag .+ \| parked 0 \| last write hot \d+ s warm \d+ s cold \d+ s$/m;
      assert.match(await until("a line", () => (line.test(caudal.output()) ? caudal.output() : undefined)), line);
    });

    test("a second process on the same folder is refused with the owner's pid and address", async () => {
      const { code, error } = await run(["up", "--data", join(folder, "defaults"), ...FREE]);
      assert.equal(code, 3);
      assert.ok(error.includes(`is in use by process ${caudal.pid} (${caudal.http})`), error);
      assert.match(error, /→ Open http/);
      const offline = await run(["tokens", "ls", "--data", join(folder, "defaults")]);
      assert.equal(offline.code, 0, "commands go through the one that runs");
    });

    test("Ctrl-C stops it in under 5 seconds with exit 0", async () => {
      const { tookMs, code } = await caudal.stop();
      assert.equal(code, 0);
      assert.ok(tookMs < 5000, `${tookMs} ms`);
      assert.match(caudal.output(), /stopping: no more intake[^]*stopped in \d\.\d s\n$/);
      assert.equal(findRunning(join(folder, "defaults")), undefined);
    });
  });

  test("a port that was asked for and cannot be had ends with exit 3 and the owner's pid, by flag and by environment", async () => {
    const server = await taken(0);
    const { port } = server.address() as AddressInfo;
    try {
      const data = ["--data", join(folder, "asked"), "--no-demo"];
      const cases: readonly [readonly string[], Record<string, string>][] = [
        [["--http", String(port), "--mqtt", "off"], {}], [["--http", "0"], { CAUDAL_MQTT: `127.0.0.1:${port}` }],
      ];
      for (const [flags, env] of cases) {
        const { code, error } = await run(["up", ...data, ...flags], { env });
        assert.equal(code, 3, error);
        // Where the owner cannot be looked up, the line does without.
        assert.match(error, process.platform === "linux" ? new RegExp(`port ${port} of 127.0.0.1 is taken by process ${process.pid}\n`) : new RegExp(`port ${port} of 127.0.0.1 is taken`));
        assert.match(error, /→ Stop that process, or choose another port \(0 takes a free one\)/);
      }
      const away = await run(["up", ...data, "--http", "192.0.2.1:0", "--mqtt", "off", "--json"]);
      assert.equal(away.code, 2, "an address beyond this machine needs a token before anything");
    } finally {
      server.close();
    }
  });

  test("--json prints the start as one line and nothing else", async () => {
    const caudal = await startUp(["--data", join(folder, "json"), ...FREE, "--json"]);
    const text = caudal.out();
    assert.equal(await caudal.stop(), 0);
    assert.equal(caudal.out(), text);
    const report = JSON.parse(text) as StartReport;
    assert.equal(text, `${JSON.stringify(report)}\n`);
    assert.deepEqual([report.pid, report.data, report.moved, report.demoDevices], [process.pid, join(folder, "json"), [], null]);
    assert.ok(report.seconds > 0 && report.urls.page.startsWith("http://127.0.0.1:") && report.send.curl.includes(report.urls.page));
  });

  test("on a terminal a live line stays at the bottom, in colour; in Spanish when asked", async () => {
    const caudal = await startUp(["--data", join(folder, "terminal"), ...FREE], { env: { CAUDAL_LANG: "es" }, columns: 140 });
    await until("a line over another", () => (/\u001b\[2K0 lecturas\/s \| atraso 0 \| apartados 0 \| última escritura caliente nunca tibia nunca fría nunca$/.test(caudal.out()) ? true : undefined));
    assert.equal(await caudal.stop(), 0);
    assert.match(caudal.out(), /panel: \u001b\[36mhttp:/);
    assert.match(caudal.out(), /\r\u001b\[2Kdeteniendo: [^]*\ndetenido en \d\.\d s\n$/);
  });

  test("settings come from .env too, and without the built-in broker there is no demo", async () => {
    const envFile = join(folder, ".env");
    await writeFile(envFile, `CAUDAL_DATA=${join(folder, "by-env-file")}\nCAUDAL_HTTP=127.0.0.1:0\nCAUDAL_MQTT=off\nCAUDAL_DEMO=on\n`);
    const caudal = await startUp([], { envFile });
    try {
      assert.match(caudal.error(), /the demo plays to the built-in broker only/);
      assert.match(caudal.out(), /, mqtt off\n/);
      assert.doesNotMatch(caudal.out(), /mosquitto_pub|real meters/);
      const { http, mqtt: broker } = findRunning(join(folder, "by-env-file")) ?? assert.fail("it runs");
      assert.equal(broker, null);
      assert.equal((await run(["doctor", "--url", http])).code, 0);
      assert.equal((await run(["points", "ls"], { envFile })).out, "none\n", "the folder of the .env is where commands look");
    } finally {
      assert.equal(await caudal.stop(), 0);
    }
  });

  describe("beyond this machine", { concurrency: false }, () => {
    const data = (): string[] => ["--data", join(folder, "exposed")];
    const everywhere = ["--http", "0.0.0.0:0", "--mqtt", "0.0.0.0:0"];
    let caudal: Started | undefined;
    let token = "";
    after(() => caudal?.stop());

    test("HTTP or MQTT without a token does not start, and says how to make one", async () => {
      for (const [flags, what, lang] of [[["--http", "0.0.0.0:0", "--mqtt", "off"], "HTTP", "en"], [["--http", "0", "--mqtt", "[::]:0"], "MQTT", "en"], [everywhere, "HTTP", "es"]] as const) {
        const { code, error } = await run(["up", ...data(), ...flags, "--lang", lang]);
        assert.equal(code, 2);
        assert.match(error, lang === "en" ? new RegExp(`^✗ ${what} would listen beyond this machine`) : /^✗ HTTP escucharía fuera de este equipo/);
        assert.match(error, /→ .*npx caudal tokens create --name \S+ --role admin --client all/);
      }
      const { items } = (await run(["tokens", "ls", ...data(), "--json"])).json<{ items: unknown[] }>();
      assert.deepEqual(items, [], "the folder is free again");
    });

    test("with a token it starts and asks everybody for it, also on loopback; the demo plays all the same", async () => {
      ({ token } = (await run(["tokens", "create", "--name", "office", "--role", "admin", "--client", "all", ...data(), "--json"])).json<{ token: string }>());
      caudal = await startUp([...data(), ...everywhere, "--demo", "on"], { env: { CAUDAL_HTTP_NAMES: "water.example.test" } });
      const { http, mqtt: broker } = findRunning(join(folder, "exposed")) ?? assert.fail("it runs");
      assert.match(caudal.out(), /curl \S+ -H "authorization: Bearer \$CAUDAL_TOKEN" /);
      assert.match(caudal.out(), /mosquitto_pub .* -u me -P "\$CAUDAL_TOKEN" /);

      assert.equal((await fetch(new URL("/api/v1/points", http))).status, 401);
      const refused = await run(["points", "ls", ...data()]);
      assert.equal(refused.code, 2);
      assert.match(refused.error, /→ Give a token with --token or CAUDAL_TOKEN; npx caudal tokens create makes one/);
      assert.equal((await run(["points", "ls", ...data(), "--token", token])).code, 0);
      assert.equal((await run(["doctor", ...data()])).code, 0, "health is open to all");

      await assert.rejects(mqtt.connectAsync(broker ?? "", { protocolVersion: 4, reconnectPeriod: 0 }), /Not authorized/);
      await assert.rejects(mqtt.connectAsync(broker ?? "", { protocolVersion: 4, reconnectPeriod: 0, username: "me", password: "cdl_no" }), /Not authorized|Bad username/i);
      const client = await mqtt.connectAsync(broker ?? "", { protocolVersion: 4, reconnectPeriod: 0, username: "me", password: token });
      await client.publishAsync("caudal/acme/pump/readings", '{"flow":1}', { qos: 1 });
      await client.endAsync();
      const listed = async (name: string): Promise<string> => (await run(["points", "ls", "--client", name, ...data()], { env: { CAUDAL_TOKEN: token } })).out;
      await until("the reading with a token is a point", async () => ((await listed("acme")).includes("pump") ? true : undefined));
      await until("the demo plays", async () => ((await listed("demo")).includes("demo") ? true : undefined));
    });

    test("whoever reaches it by another name is shown lines with that name", async () => {
      const { http } = findRunning(join(folder, "exposed")) ?? assert.fail("it runs");
      const asked = await new Promise<string>((resolve, reject) => {
        request(new URL("/api/v1/status", http), { headers: { host: "water.example.test:8000", authorization: `Bearer ${token}` } }, (answer) => {
          let text = "";
          answer.on("data", (chunk: Buffer) => (text += chunk.toString())).on("end", () => resolve(text));
        }).on("error", reject).end();
      });
      const { send } = JSON.parse(asked) as StartReport;
      assert.match(send.npx, / --url http:\/\/water\.example\.test:8000\/$/);
      assert.match(send.curl, /^curl http:\/\/water\.example\.test:8000\/api/);
      assert.match(send.mosquitto_pub ?? "", /^mosquitto_pub -h water\.example\.test -p \d+ /);
    });
  });
});
