import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { connectAsync } from "mqtt";
import { until } from "../../caudal/test-parts/until.ts";
import { withEngine } from "../engines/for-tests.ts";
import { freePort } from "../engines/free-ports.ts";
import { readCompose, type ComposeService } from "./compose-file.ts";
import { serviceNames } from "./fleet.ts";
import { withProgram } from "./programs.ts";
import { cleanUp } from "./test-parts/clean-up.ts";
import { root, withServer } from "./test-parts/container.ts";
import { healthy, missingEngine, onLoopback, runOnce, startProcess } from "./test-parts/fleet.ts";
import { startMosquitto } from "./test-parts/mosquitto.ts";
import { startNginx } from "./test-parts/nginx.ts";

const run = promisify(execFile);

const fleetTest = (program: string): void => withServer("mosquitto", "the containers of the fleet, with compose's own commands, environment, health checks and nginx, on the engines", async (t, mosquitto) => {
  const own = `deploy_${randomBytes(4).toString("hex")}`;
  const { services } = readCompose(root);
  const service = (name: string): ComposeService => services[name] ?? assert.fail(`compose has no ${name}`);
  const { node } = await startMosquitto(t, mosquitto);
  const shared = { own, broker: `${node.host}:${node.port}` };
  const place = { folder: await mkdtemp(join(tmpdir(), "caudal-first-token-")), port: await freePort(), ...shared };
  t.after(() => rm(place.folder, { recursive: true, force: true }));
  t.after(() => cleanUp(own));

  // What nobody may enter yet does not start beyond its machine.
  const early = await startProcess(t, "business", service("business"), shared);
  await until("a service without a token ends", () => (/token/i.test(early.output()) ? true : undefined));
  assert.notEqual(await early.stop(), 0);

  await runOnce(service("first-token"), place);
  const made = await readFile(join(place.folder, "prometheus"), "utf8");
  await runOnce(service("first-token"), place);
  assert.equal(await readFile(join(place.folder, "prometheus"), "utf8"), made, "a second start makes no second token");

  const fleet = await Promise.all(serviceNames.map((name) => startProcess(t, name, service(name), shared)));
  await Promise.all(fleet.map((each) => healthy(each, service(each.name))));

  // As docs/deploying.md says: docker compose run --rm business tokens create …
  const { stdout } = await run(process.execPath, [join(root, "caudal", "main.ts"), "tokens", "create", "--name", "me", "--role", "admin", "--client", "all", "--json"], { env: onLoopback(service("business"), place), cwd: place.folder });
  const authorization = `Bearer ${(JSON.parse(stdout) as { token: string }).token}`;
  for (const { name, port } of fleet) {
    const figures = await fetch(`http://127.0.0.1:${port}/metrics`, { headers: { authorization: `Bearer ${made}` } });
    assert.equal(figures.status, 200, name);
    assert.match(await figures.text(), /caudal_http_connections/);
    assert.equal((await fetch(`http://127.0.0.1:${port}/metrics`)).status, 401, name);
  }

  const port = await startNginx(t, program, Object.fromEntries(fleet.map((each) => [each.name, each.port])));
  const base = `http://127.0.0.1:${port}`;
  const api = async (path: string): Promise<{ status: number; text: string }> => {
    const response = await fetch(`${base}${path}`, { headers: { authorization } });
    return { status: response.status, text: await response.text() };
  };
  assert.match((await api("/")).text, /<html/);
  assert.equal((await fetch(`${base}/api/v1/points`)).status, 401);

  const live = (await fetch(`${base}/api/v1/live`, { headers: { authorization } })).body!.getReader();
  t.after(() => live.cancel().catch(() => undefined));
  const heard = (async () => {
    let text = "";
    while (!text.includes("event: measurement")) text += new TextDecoder().decode((await live.read()).value);
    return text;
  })();
  const sent = await fetch(`${base}/api/v1/readings?client=acme`, { method: "POST", headers: { authorization, "content-type": "application/json" }, body: JSON.stringify({ device_id: "by-http", flow: 12.5 }) });
  assert.equal(sent.status, 202, await sent.text());
  assert.match(await heard, /12\.5/);
  await until("the value in the tiers", async () => ((await api("/api/v1/analytics/latest")).text.includes("12.5") ? true : undefined));
  assert.match((await api("/api/v1/points")).text, /by-http/);

  const device = await connectAsync(`mqtt://${shared.broker}`, { username: "development-device", password: "development-only-device" });
  t.after(() => device.endAsync(true));
  await device.publishAsync("caudal/acme/by-mqtt/readings", JSON.stringify({ flow: 7.25 }), { qos: 1 });
  await until("the value that came by MQTT", async () => ((await api("/api/v1/analytics/latest")).text.includes("7.25") ? true : undefined));
  const status = JSON.parse((await api("/api/v1/status")).text) as { lag: Record<string, number>; engines: Record<string, string> };
  assert.match(JSON.stringify(status.engines), /Kafka.*MongoDB|MongoDB.*Kafka/s);

  assert.deepEqual(await Promise.all(fleet.map((each) => each.stop())), fleet.map(() => 0), "each ends by itself at SIGTERM");
});

if (missingEngine === undefined) withProgram("nginx-light", fleetTest);
else withEngine(missingEngine, () => undefined);
