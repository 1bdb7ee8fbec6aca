import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { createCollector, collectorSettings, type Collector } from "@caudal/collector";
import { CaudalError, groups, REPLAY_HEADER, systemScope, topics, TRACE_HEADER } from "@caudal/core";
import { createParker, localPrincipal, parseSettings, type ParkItem } from "@caudal/runtime";
import { connectAsync } from "mqtt";
import { openScene, until, type Body, type Scene } from "../test-scene.ts";
import { ParkedDesk } from "./desk.ts";
import type { ParkedRecord } from "./parked-record.ts";

const mended = `
mappings:
  - { name: odd, topic: "caudal/{client}/{device}/odd", format: json, client: "{client}", device: "{device}", units: { q: L/s } }
`;

describe("a parked event is replayed", () => {
  let scene: Scene;
  let collector: Collector | undefined;
  before(async () => (scene = await openScene({ redecode: async (parked) => {
    if (parked.origin === "down") throw new CaudalError("unavailable", "the collector is not running");
    if (parked.origin.startsWith("mended")) return { published: 1 };
    return collector === undefined ? { stillBad: "no-device", detail: "nothing names a device" } : collector.redecode(parked);
  } })));
  after(async () => {
    await collector?.stop(2000);
    await scene.close();
  });

  const replay = (id: string): ReturnType<Scene["call"]> => scene.call("POST", `/api/v1/parked/${id}/replay`);
  const replayAll = (filter: unknown): ReturnType<Scene["call"]> => scene.call("POST", "/api/v1/parked/replay", { body: filter });
  const state = async (id: string): Promise<ParkedRecord> => (await scene.parked.get(systemScope, id))?.body ?? assert.fail(id);

  test("to the group that could not use it, and to it alone, with its key, bytes and headers", async () => {
    const headers = { [TRACE_HEADER]: "00-ab-cd-01" };
    const [id = ""] = await scene.park({ client: "uno", group: groups.mapping, reason: "corrupt-record", topic: topics.readings, partition: 1, offset: 7, key: "uno/w-07", value: Buffer.from([0, 1, 2]), headers });
    const { status, body } = await replay(id);
    assert.deepEqual([status, body], [200, { replayed: 1, stillParked: 0 }]);
    const record = (await scene.records(topics.readings)).at(-1);
    assert.deepEqual([record?.key, Buffer.from(record?.value ?? []), record?.headers], ["uno/w-07", Buffer.from([0, 1, 2]), { ...headers, [REPLAY_HEADER]: groups.mapping }]);
    const after = await state(id);
    assert.deepEqual([after.state, after.decidedBy, after.decidedAtUs !== null], ["replayed", "local", true]);
    assert.deepEqual((await replay(id)).body, { replayed: 1, stillParked: 0 }, "once more does no harm");
    assert.deepEqual((await scene.audited()).filter(({ target }) => target === id).map(({ action, change }) => [action, change]), Array(2).fill(["parked.replay", '{"replayed":1,"stillParked":0}']));
  });

  test("by its edge, which says why when it is still bad", async () => {
    const [bad = "", good = "", down = ""] = await scene.park({ client: "dos", origin: "odd" }, { client: "dos", origin: "mended" }, { client: "dos", origin: "down" });
    assert.deepEqual((await replay(bad)).body, { replayed: 0, stillParked: 1 });
    const after = await scene.parked.get(systemScope, bad) ?? assert.fail();
    assert.deepEqual([after.body.state, after.body.reason, after.body.detail], ["parked", "no-device", "nothing names a device"]);
    await replay(bad);
    assert.equal((await scene.parked.get(systemScope, bad))?.version, after.version, "the same answer changes nothing");
    assert.deepEqual((await replay(good)).body, { replayed: 1, stillParked: 0 });
    const away = await replay(down);
    assert.deepEqual([away.status, away.body.code, away.headers.get("retry-after")], [503, "unavailable", "1"]);
    assert.equal((await state(down)).state, "parked");
  });

  test("a damaged one is told and stays, and holds nothing else up", async () => {
    const [damaged = "", nowhere = "", fine = ""] = await scene.park({ client: "tres", origin: "mended" }, { client: "tres", group: "somebody", topic: "no.such.topic" }, { client: "tres", origin: "mended" });
    await scene.parked.putMany(systemScope, [{ id: damaged, body: { ...(await state(damaged)), offsets: (await state(fine)).offsets, logPartition: (await state(fine)).logPartition } }]);
    const [first] = await scene.park({ client: "tres", origin: "mended", value: Buffer.from("another") });
    await scene.parked.putMany(systemScope, [{ id: damaged, body: { ...(await state(damaged)), offsets: [...(await state(damaged)).offsets, ...(await state(first ?? "")).offsets] } }]);
    assert.deepEqual((await replayAll({ client: "tres" })).body, { replayed: 2, stillParked: 2 });
    assert.equal(scene.lines.filter((line) => line.includes("parked.unreadable")).length, 2);
    assert.deepEqual([(await state(damaged)).state, (await state(nowhere)).state, (await state(fine)).state], ["parked", "parked", "replayed"]);
    assert.deepEqual([(await replay(damaged)).status, (await replay(nowhere)).status], [500, 500]);
  });

  test("all of a filter, oldest first, over many pages, each once, though the filter empties while it goes", async () => {
    const key = "muchos/w-1";
    const items = Array.from({ length: 530 }, (_, at): Partial<ParkItem> => ({
      client: "muchos", device: "w-1", group: groups.mapping, reason: at % 5 === 0 ? "empty" : "corrupt-record", topic: topics.readings, key, value: Buffer.from(`value ${String(at).padStart(4, "0")}`),
      receivedAtUs: 1_600_000_000_000_000 + Math.floor(at / 3),
    }));
    await scene.park(...items);
    const { status, body } = await replayAll({ client: "muchos", group: groups.mapping, reason: "corrupt-record" });
    assert.deepEqual([status, body], [200, { replayed: 424, stillParked: 0 }]);
    const values = (await scene.records(topics.readings)).filter((record) => record.key === key).map(({ value }) => Buffer.from(value).toString());
    assert.deepEqual([...new Set(values)].sort(), items.flatMap(({ value, reason }) => (reason === "empty" ? [] : [Buffer.from(value ?? []).toString()])));
    assert.equal(values.length, 424);
    const groupOf = (value: string): number => Math.floor(Number(value.slice(6)) / 3);
    assert.deepEqual(values.map(groupOf), values.map(groupOf).sort((a, b) => a - b), "oldest first");
    assert.deepEqual((await replayAll({ client: "muchos" })).body, { replayed: 106, stillParked: 0 });
    assert.deepEqual((await replayAll({ client: "muchos" })).body, { replayed: 0, stillParked: 0 });
    const row = (await scene.audited()).find(({ action, client }) => action === "parked.replay-all" && client === "muchos");
    assert.deepEqual(JSON.parse(row?.change ?? ""), { client: "muchos", group: groups.mapping, reason: "corrupt-record", replayed: 424, stillParked: 0 });
    assert.equal((await replayAll({ clients: ["muchos"] })).status, 400, "a misspelt filter must not replay everything");
  });

  test("all that is still bad is looked at once, and only within the caller's scope", async () => {
    await scene.park(...Array.from({ length: 250 }, () => ({ client: "terco", origin: "odd" })), { client: "vecino", origin: "mended" });
    const token = await scene.token("operator", ["terco"]);
    assert.deepEqual((await scene.call("POST", "/api/v1/parked/replay", { body: {}, token })).body, { replayed: 0, stillParked: 250 });
    assert.deepEqual((await scene.call("POST", "/api/v1/parked/replay", { body: { client: "vecino" }, token })).body, { replayed: 0, stillParked: 0 });
  });

  test("large values go lot by lot, and a caller who is gone stops it between two", async () => {
    const value = Buffer.alloc(5_000_000, 1);
    await scene.park(...Array.from({ length: 4 }, () => ({ client: "gordo", origin: "mended", value })));
    const gone = new AbortController();
    const lots: number[] = [];
    const desk = new ParkedDesk({ ...scene, records: scene.parked, nowUs: () => 1, redecode: async () => (lots.push(1), gone.abort(), { published: 1 }) });
    assert.deepEqual(await desk.replayAll(localPrincipal, systemScope, { filter: { client: "gordo" }, signal: gone.signal }), { replayed: 1, stillParked: 0 });
    assert.deepEqual(await desk.replayAll(localPrincipal, systemScope, { filter: { client: "gordo" } }), { replayed: 3, stillParked: 0 });
    assert.equal(lots.length, 4);
  });

  test("two who replay at once both get their answer; one who discards meanwhile does not hide that it was replayed", async () => {
    const [both = "", torn = "", gone = ""] = await scene.park({ client: "par", origin: "mended" }, { client: "par", origin: "mended" }, { client: "par", origin: "mended" });
    assert.deepEqual((await Promise.all([replay(both), replay(both), replay(both)])).map(({ status }) => status), [200, 200, 200]);
    const racing = (change: () => Promise<unknown>): ParkedDesk => new ParkedDesk({ ...scene, records: scene.parked, nowUs: () => 1, redecode: async () => (await change(), { published: 1 }) });
    const stored = async (id: string): Promise<NonNullable<Awaited<ReturnType<typeof scene.parked.get>>>> => (await scene.parked.get(systemScope, id)) ?? assert.fail();
    await racing(() => scene.call("POST", `/api/v1/parked/${torn}/discard`, { body: { reason: "no" } })).replay(localPrincipal, await stored(torn));
    assert.equal((await state(torn)).state, "replayed");
    await racing(() => scene.parked.remove(systemScope, gone)).replay(localPrincipal, await stored(gone));
    assert.equal(await scene.parked.get(systemScope, gone), undefined);
    const late = await stored(both);
    await assert.rejects(racing(async () => undefined).discard(localPrincipal, { ...late, version: 1, body: { ...late.body, state: "parked" } }, "x"), { code: "state-conflict" });
  });

  test("what MQTT could not map is mapped after the mapping was mended", async (context) => {
    const start = async (env: Record<string, string>): Promise<Collector> => {
      const made = createCollector({
        ...scene, clock: { nowUs: () => Date.now() * 1000, monotonicMs: () => performance.now() }, parker: createParker(scene),
        settings: parseSettings(collectorSettings, { env: { CAUDAL_MQTT: "0", ...env } }), authenticate: async () => localPrincipal,
      });
      await made.start();
      return made;
    };
    context.after(async () => { await collector?.stop(2000); collector = undefined; });
    collector = await start({});
    const meter = await connectAsync(`mqtt://127.0.0.1:${collector.mqttAddress()?.port}`, { protocolVersion: 4, reconnectPeriod: 0 });
    await meter.publishAsync("caudal/planta/w-1/odd", '{"q":3}', { qos: 1 });
    await meter.endAsync();
    const listed = async (): Promise<Body[]> => (await scene.get("/api/v1/parked?reason=unmapped-topic")).body.items;
    await until("it is listed", async () => (await listed()).length === 1);
    const [item] = await listed();
    assert.deepEqual([item.origin, item.preview, item.group, item.transport], ["caudal/planta/w-1/odd", '{"q":3}', "collector", "mqtt"]);
    assert.deepEqual((await replay(item.id)).body, { replayed: 0, stillParked: 1 });
    await collector.stop(2000);
    const file = join(scene.folder, "mqtt.yaml");
    await writeFile(file, mended);
    collector = await start({ CAUDAL_MQTT_MAPPINGS: file });
    assert.deepEqual((await replayAll({ reason: "unmapped-topic" })).body, { replayed: 1, stillParked: 0 });
    const reading = scene.codec.decode("Reading", (await scene.records(topics.readings)).findLast(({ key }) => key === "planta/w-1")?.value ?? new Uint8Array());
    assert.ok(reading.ok && reading.value.samples[0]?.key === "q" && reading.value.samples[0].unit === "L/s");
  });
});
