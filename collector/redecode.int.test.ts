import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import type { Parked } from "@caudal/schemas";
import { connectAsync } from "mqtt";
import { createRedecoder } from "./redecode.ts";
import { parseMappings } from "./mqtt/mapping-file.ts";
import { MappingTable } from "./mqtt/mapping-table.ts";
import { ClientResolver } from "./edge/client-resolver.ts";
import { Edge } from "./edge/edge.ts";
import { Presence } from "./edge/presence.ts";
import { systemClock } from "@caudal/runtime";
import { eventually, openHarness, type Harness } from "./test-parts/harness.ts";
import { payloadBytes } from "./test-parts/sparkplug-payload.ts";

describe("what an edge parked is decoded again", () => {
  let harness: Harness;
  let inbox: string;
  before(async () => {
    inbox = await mkdtemp(join(tmpdir(), "caudal-inbox-"));
    harness = await openHarness({ env: { CAUDAL_MQTT: "0", CAUDAL_DROP_FOLDER: inbox, CAUDAL_DROP_SETTLE: "20ms", CAUDAL_DROP_POLL: "30ms" } });
  });
  after(async () => {
    await harness.close();
    await rm(inbox, { recursive: true, force: true });
  });

  async function park(topic: string, payload: string | Buffer): Promise<Parked> {
    const meter = await connectAsync(`mqtt://127.0.0.1:${harness.collector.mqttAddress()?.port}`, { protocolVersion: 4, reconnectPeriod: 0 });
    await meter.publishAsync(topic, payload, { qos: 1 });
    await meter.endAsync();
    return (await harness.read("Parked")).find(({ origin }) => origin === topic) ?? assert.fail("it was not parked");
  }

  async function mendedBy(yaml: string): Promise<(parked: Parked) => ReturnType<Harness["collector"]["redecode"]>> {
    const presence = new Presence({ log: harness.log, codec: harness.codec, clock: systemClock, logger: harness.logger });
    const edge = new Edge({ log: harness.log, codec: harness.codec, parker: harness.parker, metrics: harness.metrics, presence });
    return createRedecoder({ mappings: new MappingTable(parseMappings(yaml)), edge, resolver: await ClientResolver.open(harness.documents, systemClock), dropZone: "America/Santiago" });
  }

  test("with the mapping mended it gives its readings, the same events each time, received when it was", async () => {
    const parked = await park("caudal/acme/W-1/odd", '{"q":3}');
    assert.deepEqual(await harness.collector.redecode(parked), { stillBad: "unmapped-topic", detail: "no mapping fits caudal/acme/W-1/odd" });
    const redecode = await mendedBy("mappings: [{ name: odd, topic: 'caudal/{client}/{device}/odd', format: json, client: '{client}', device: '{device}', units: { q: L/s } }]");
    assert.deepEqual(await redecode(parked), { published: 1 });
    assert.deepEqual(await redecode(parked), { published: 1 });
    const readings = (await harness.read("Reading")).filter(({ device }) => device === "W-1");
    assert.deepEqual(readings.map(({ client, receivedAtUs, samples }) => [client, receivedAtUs, samples[0]?.unit]), Array(2).fill(["acme", parked.receivedAtUs, "L/s"]));
    assert.equal(new Set(readings.map(({ eventId }) => eventId)).size, 1);
  });

  test("what is still bad says why, and publishes nothing", async () => {
    const parked = await park("caudal/acme/W-2/readings", "{");
    const outcome = await harness.collector.redecode(parked);
    assert.ok("stillBad" in outcome && outcome.stillBad === "malformed-json");
    const presence = { ...parked, origin: "caudal/acme/W-2/status", value: Buffer.from("online") };
    assert.deepEqual(await harness.collector.redecode(presence), { stillBad: "unsupported-format", detail: "a word of presence is not replayed: it is long past" });
    const noDevice = await park("sensores/flujo", '{"flujo":1}');
    assert.ok("stillBad" in (await harness.collector.redecode(noDevice)));
    assert.equal((await harness.read("Reading")).filter(({ device }) => device === "W-2").length, 0);
  });

  test("binary formats: CBOR and a frame under the mappings now in force", async () => {
    const cbor = await park("caudal/acme/W-3/packed", Buffer.from("a2627473 1a69a42a40 64666c6f77 f94a40".replaceAll(" ", ""), "hex"));
    const frame = await park("caudal/acme/W-3/frame", Buffer.from("402aa4693047fe1b00200ea469e2fc1b009600cf00", "hex"));
    const redecode = await mendedBy(`
mappings:
  - { name: packed, topic: "caudal/{client}/{device}/packed", format: cbor, client: "{client}", device: "{device}" }
  - { name: frame, topic: "caudal/{client}/{device}/frame", format: frame, client: "{client}", device: "{device}", decoder: qalcosonic-w1, port: 100 }
`);
    assert.deepEqual([await redecode(cbor), await redecode(frame)], [{ published: 1 }, { published: 1 }]);
    const readings = (await harness.read("Reading")).filter(({ device }) => device === "W-3");
    assert.deepEqual(readings.map(({ samples, raw }) => [samples.length, raw.length]).toSorted(), [[1, 17], [4, 21]].toSorted());
  });

  test("Sparkplug data that was parked before its birth is read once the birth is known", async () => {
    const device = await connectAsync(`mqtt://127.0.0.1:${harness.collector.mqttAddress()?.port}`, { protocolVersion: 4, reconnectPeriod: 0 });
    const atMs = Date.now();
    await device.publishAsync("spBv1.0/g/NDATA/r1", payloadBytes({ timestamp: atMs, seq: 5, metrics: [{ alias: 1, doubleValue: 12.75 }] }), { qos: 0 });
    const parked = await eventually(async () => (await harness.read("Parked")).find(({ origin }) => origin === "spBv1.0/g/NDATA/r1"), 15_000);
    assert.equal(parked.reason, "awaits-birth");
    assert.ok("stillBad" in (await harness.collector.redecode(parked)));
    await device.publishAsync("spBv1.0/g/NBIRTH/r1", payloadBytes({ timestamp: atMs + 10, seq: 0, metrics: [{ name: "flow", alias: 1, datatype: 10, doubleValue: 13 }] }), { qos: 0 });
    await device.endAsync();
    await eventually(async () => (await harness.read("Reading")).some(({ device: id }) => id === "r1"));
    assert.deepEqual(await harness.collector.redecode(parked), { published: 1 });
    const readings = (await harness.read("Reading")).filter(({ device: id }) => id === "r1");
    assert.deepEqual(readings.map(({ samples }) => [samples[0]?.key, samples[0]?.value]), [["flow", 13], ["flow", 12.75]]);
  });

  test("what was too large for the edge may be let in by a person", async () => {
    const rows = Array.from({ length: 9000 }, (_, n) => `{"flow":${n},"ts":${1_772_366_400 + n}}`).join(",".padEnd(100));
    const payload = `[${rows}]`;
    assert.ok(payload.length > 1024 * 1024);
    const first = await park("caudal/acme/big/readings", payload);
    const outcome = await harness.collector.redecode({ ...first, value: Buffer.from(payload), part: 0, parts: 1 });
    assert.deepEqual(outcome, { published: 9000 });
  });

  test("a line of a logger's file, mended by hand where it stood", async () => {
    await writeFile(join(inbox, "E7_log_1.csv"), "fecha;hora;nombre_sensor;valor\n01-03-2026;09:00:00;Nivel;1,5\n01-03-2026;09:01:00;Nivel;x\n");
    const parked = await eventually(async () => (await harness.read("Parked")).find(({ origin }) => origin === "E7_log_1.csv"));
    assert.equal(parked.labels["columns"], "date;clock;key;value");
    assert.deepEqual(await harness.collector.redecode(parked), { stillBad: "malformed-csv", detail: '"x" is not a number' });
    assert.deepEqual(await harness.collector.redecode({ ...parked, value: Buffer.from("01-03-2026;09:01:00;Nivel;1,6") }), { published: 1 });
    const readings = (await harness.read("Reading")).filter(({ device }) => device === "E7");
    assert.deepEqual(readings.map(({ samples }) => samples[0]?.value), [1.5, 1.6]);
    assert.deepEqual(await harness.collector.redecode({ ...parked, origin: "a.pdf" }), { stillBad: "unsupported-format", detail: "a file's name ends in .json, .ndjson, .jsonl, .csv or .txt" });
    assert.ok("published" in (await harness.collector.redecode({ ...parked, origin: "a.json", labels: {}, value: Buffer.from('{"flow":1}') })));
  });
});

test("a collector that is not running says so", async () => {
  const harness = await openHarness();
  await harness.collector.stop(100);
  await assert.rejects(harness.collector.redecode({} as Parked), /not running/);
  assert.deepEqual(harness.collector.status(), { broker: undefined, bridges: [], dropFolder: undefined });
  await harness.close();
});
