import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { CaudalError, Directory, deviceKey, systemScope, type Documents, type Principal } from "@caudal/core";
import { openEmbeddedDocuments } from "@caudal/embedded";
import { createHealth, createHeldClock, createHttpServer, createMetrics, silentLogger } from "@caudal/runtime";
import { connectAsync } from "mqtt";
import { eventually, openHarness } from "../test-parts/harness.ts";
import { admissionCollection, DeviceQuota, type AdmissionRecord, type Named } from "./device-quota.ts";

const DAY_MS = 24 * 3600 * 1000;

interface Bench {
  readonly documents: Documents;
  readonly directory: Directory;
  readonly refusals: { device: string; because: string | undefined }[];
  readonly clock: ReturnType<typeof createHeldClock>;
  open(perHour: number, perDay?: number, documents?: Documents): Promise<DeviceQuota>;
}

async function bench(context: TestContext): Promise<Bench> {
  const folder = await mkdtemp(join(tmpdir(), "caudal-quota-"));
  const documents = await openEmbeddedDocuments({ directory: folder });
  context.after(async () => {
    await documents.close();
    await rm(folder, { recursive: true, force: true });
  });
  const clock = createHeldClock();
  const refusals: Bench["refusals"] = [];
  const presence = { refused: ({ device }: Named, _detail: string, because?: string) => void refusals.push({ device, because }) } as never;
  return {
    documents, clock, refusals, directory: await Directory.open(documents),
    open: (perHour, perDay = 0, over = documents) => DeviceQuota.open(over, { clock, logger: silentLogger, metrics: createMetrics({ process: false }), presence, perHour, perDay }),
  };
}

const named = (client: string, ...devices: readonly string[]): Named[] => devices.map((device) => ({ client, device, source: "mqtt", transport: "mqtt", receivedAtUs: 1 }));
const many = (count: number, prefix = "d"): string[] => Array.from({ length: count }, (_, at) => `${prefix}-${at}`);

test("exactly the quota is admitted, in one call or in many at once, and those admitted stay so", async (context) => {
  const { open, documents, clock } = await bench(context);
  const quota = await open(10);
  const calls = await Promise.all(many(40).map((device) => quota.admit(named("acme", device))));
  assert.equal(calls.filter((refused) => refused.size === 0).length, 10);
  const admissions = await documents.collection<AdmissionRecord>(admissionCollection);
  assert.equal(await admissions.count(systemScope), 10);
  const admitted = (await admissions.find(systemScope, {})).items.map(({ body }) => body.device);
  assert.equal((await quota.admit(named("acme", ...admitted))).size, 0);
  assert.equal((await quota.admit(named("acme", ...many(20_000, "attack")))).size, 20_000);
  assert.equal(await admissions.count(systemScope), 10, "a million names write nothing");
  await clock.advance(3_600_000);
  assert.equal((await quota.admit(named("acme", ...many(20, "next")))).size, 10, "the next hour has its own");
  assert.equal((await quota.admit(named("acme", ...admitted))).size, 0);
});

test("a known device is never turned away, whatever was counted", async (context) => {
  const { open, directory, clock, refusals } = await bench(context);
  await directory.adopt("acme", "W-1", { by: "person", keys: [], labels: {}, atUs: 1 });
  await directory.noteWaiting("acme", "W-2", { keys: [], labels: {}, atUs: 1 });
  const quota = await open(2);
  const refused = await quota.admit(named("acme", ...many(50), "W-1", "W-2"));
  assert.equal(refused.size, 48);
  assert.ok(!refused.has("acme/W-1") && !refused.has("acme/W-2"));
  const late = [...refused][0]?.split("/")[1] ?? assert.fail();
  await directory.adopt("acme", late, { by: "person", keys: [], labels: {}, atUs: 1 });
  await clock.advance(11_000);
  assert.equal((await quota.admit(named("acme", late))).size, 0, "somebody adopted it");
  assert.ok(refusals.length > 0 && refusals.every(({ because }) => because === "quota"));
});

test("a client of old has a quota of its own; those that nobody knew a day ago share one", async (context) => {
  const { open, directory, clock } = await bench(context);
  await directory.collections.clients.insert(systemScope, { id: "old", body: { client: "old", name: "Old", createdAtUs: clock.nowUs() - 2 * DAY_MS * 1000 } });
  const quota = await open(5);
  const strangers = many(30, "client").flatMap((client) => named(client, "x"));
  assert.equal((await quota.admit(strangers)).size, 25, "a client a device gains nothing");
  assert.equal((await quota.admit(named("old", ...many(10)))).size, 5);
});

test("the count outlives a restart, holds over several collectors, and the day has a quota too", async (context) => {
  const { open, clock } = await bench(context);
  const [first, second] = await Promise.all([open(10, 15), open(10, 15)]);
  assert.equal((await first.admit(named("acme", ...many(6, "a")))).size, 0);
  assert.equal((await second.admit(named("acme", ...many(10, "b")))).size, 6, "the other one's are counted");
  assert.equal((await (await open(10, 15)).admit(named("acme", ...many(3, "c")))).size, 3, "after a restart");
  assert.equal((await (await open(10, 15)).admit(named("acme", "a-0", "b-0"))).size, 0, "those who were let in before it stay so");
  await clock.advance(3_600_000);
  assert.equal((await (await open(10, 15)).admit(named("acme", ...many(10, "d")))).size, 5, "15 a day");
});

test("while the documents are away nobody is turned away; 0 is no quota at all", async (context) => {
  const { open, documents } = await bench(context);
  const away = new Proxy(documents, { get: (target, name: keyof Documents) => (name !== "collection" ? target[name] : async (spec: never) => {
    const collection = await target.collection(spec);
    return new Proxy(collection, { get: (inner, method: string) => (method === "getMany" ? async () => Promise.reject(new CaudalError("unavailable", "away")) : Reflect.get(inner, method) as unknown) });
  }) });
  const quota = await open(1, 1, away as Documents);
  assert.equal((await quota.admit(named("acme", ...many(50)))).size, 0);
  assert.equal((await (await open(0, 0)).admit(named("acme", ...many(50)))).size, 0);
});

test("what is listed and kept aside of strangers has an end", async (context) => {
  const { open, refusals } = await bench(context);
  const quota = await open(1);
  await quota.admit(named("acme", ...many(5000)));
  assert.equal(refusals.length, 100);
  let room = 0;
  while (quota.mayPark("acme")) room++;
  assert.equal(room, 1000);
  assert.ok(quota.retryAfterS() > 0 && quota.retryAfterS() <= 3600);
});

test("over MQTT, a connection of one device is closed and one of many goes on; over HTTP the answer is 429", async () => {
  const one: Principal = { name: "one", role: "device", scope: { clients: ["acme"] }, devices: ["stranger"] };
  const gateway: Principal = { name: "gateway", role: "device", scope: { clients: ["acme"] } };
  const harness = await openHarness({ env: { CAUDAL_MQTT: "0", CAUDAL_UNKNOWN_DEVICES_PER_HOUR: "2" }, authenticate: async (_user, password) => (password === "one" ? one : gateway) });
  const server = createHttpServer({ host: "127.0.0.1", port: 0, operations: harness.collector.operations, authenticate: async () => gateway, health: createHealth(), metrics: harness.metrics, logger: silentLogger });
  await server.start();
  const connect = (password: string): ReturnType<typeof connectAsync> => connectAsync(`mqtt://127.0.0.1:${harness.collector.mqttAddress()?.port}`, { protocolVersion: 4, reconnectPeriod: 0, username: "x", password });
  const many = await connect("gateway");
  const single = await connect("one");
  try {
    single.on("error", () => {});
    for (const device of ["W-1", "W-2", "W-3", "W-1"]) await many.publishAsync(`caudal/acme/${device}/readings`, "1", { qos: 1 });
    assert.deepEqual((await harness.read("Reading")).map(({ device }) => device).sort(), ["W-1", "W-1", "W-2"]);
    const parked = await harness.read("Parked");
    assert.deepEqual(parked.map(({ device, reason }) => [device, reason]), [["W-3", "device-quota"]]);
    assert.equal("published" in await harness.collector.redecode(parked[0] ?? assert.fail()), true, "a person may let it in");
    await many.publishAsync("caudal/acme/W-4/status", "online", { qos: 1 });
    const closed = new Promise((resolve) => single.once("close", () => resolve(true)));
    single.publish("caudal/acme/stranger/readings", "1", { qos: 1 }, () => {});
    assert.equal(await closed, true);
    const listed = await eventually(async () => {
      const refused = (await harness.read("DevicePresence")).filter(({ kind }) => kind === "refused");
      return refused.length >= 3 && refused;
    });
    assert.deepEqual(listed.map(({ device, labels }) => `${device} ${labels["reason"]}`).sort(), ["W-3 quota", "W-4 quota", "stranger quota"]);
    assert.ok(!(await harness.read("DevicePresence")).some(({ kind, device }) => kind === "online" && device === "W-4"));

    const post = (body: unknown): Promise<Response> => fetch(`http://127.0.0.1:${server.address().port}/api/v1/readings`, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) });
    const refused = await post({ device_id: "W-5", flow: 1 });
    const problem = await refused.json() as { code: string };
    assert.deepEqual([refused.status, problem.code], [429, "device-quota"]);
    assert.ok(Number(refused.headers.get("retry-after")) > 0);
    const mixed = await post([{ device_id: "W-5", flow: 1 }, { device_id: "W-1", flow: 1 }]);
    const { items } = await mixed.json() as { items: { status: string; error?: { code: string } }[] };
    assert.deepEqual([mixed.status, items.map(({ status, error }) => error?.code ?? status)], [202, ["device-quota", "accepted"]]);
  } finally {
    await Promise.all([many.endAsync(true), single.endAsync(true)]);
    await server.stop(1000);
    await harness.close();
  }
});

test("over HTTP a token of one device sends for no other", async () => {
  const one: Principal = { name: "one", role: "device", scope: { clients: ["acme"] }, devices: ["W-1"] };
  const harness = await openHarness();
  const server = createHttpServer({ host: "127.0.0.1", port: 0, operations: harness.collector.operations, authenticate: async () => one, health: createHealth(), metrics: harness.metrics, logger: silentLogger });
  await server.start();
  try {
    const post = (body: unknown): Promise<Response> => fetch(`http://127.0.0.1:${server.address().port}/api/v1/readings`, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) });
    assert.equal((await post({ device_id: "W-2", flow: 1 })).status, 403);
    assert.equal((await post([{ device_id: "W-2", flow: 1 }, { device_id: "W-3", flow: 1 }])).status, 403);
    assert.equal((await post([{ device_id: "W-2", flow: 1 }, { device_id: "W-1", flow: 1 }])).status, 202);
    assert.deepEqual((await harness.read("Reading")).map(({ client, device }) => deviceKey(client, device)), ["acme/W-1"]);
  } finally {
    await server.stop(1000);
    await harness.close();
  }
});
