import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { Codec, readSchemaFiles, readWireHeader, type Measurement, type Reading, type SchemaLookup } from "./index.ts";

const files: SchemaLookup = {
  idFor: async (subject) => readSchemaFiles().find((schema) => schema.subject === subject)?.id ?? -1,
  schemaById: async (id) => readSchemaFiles().find((schema) => schema.id === id)?.json,
};

const reading = (samples: Reading["samples"]): Reading => ({
  eventId: "e-1", client: "demo", device: "W-07", source: "mqtt", transport: "mqtt", origin: "caudal/demo/W-07/readings",
  observedAtUs: null, receivedAtUs: 1_772_366_400_000_000, samples, contentType: "application/json",
  raw: Buffer.from("{}"), rawSha256: Buffer.alloc(32, 7), labels: { batch: "B014" },
});

const measurement: Measurement = {
  eventId: "m-1", client: "demo", point: "p", device: "d", channel: "", source: "mqtt", transport: "mqtt", instantUs: -2_000_000_000_000_000,
  observedAtUs: 1, receivedAtUs: 2, authority: 0, knownAtUs: 3, causeId: "c",
  facts: [{ variable: "total", value: 999_999_999_999.999, flag: 1, reasons: [] }, { variable: "flow", value: null, flag: 4, reasons: ["sentinel"] }], labels: {},
};

test("a record comes back as it went, behind the Confluent header", async () => {
  const codec = await Codec.open(files);
  const bytes = codec.encode("Measurement", measurement);
  assert.deepEqual(readWireHeader(bytes), { ok: true, schemaId: 3 });
  const decoded = codec.decode("Measurement", bytes);
  assert.ok(decoded.ok);
  assert.deepEqual(JSON.parse(JSON.stringify(decoded.value)), measurement);
});

test("any samples survive, bit for bit", async () => {
  const codec = await Codec.open(files);
  const value = fc.oneof(fc.double({ noNaN: true }), fc.string(), fc.boolean(), fc.constant(null));
  const sample = fc.record({ key: fc.string(), value, unit: fc.option(fc.string()), timeUs: fc.option(fc.integer({ min: -(2 ** 52), max: 2 ** 52 })) });
  fc.assert(fc.property(fc.array(sample), (samples) => {
    const decoded = codec.decode("Reading", codec.encode("Reading", reading(samples)));
    assert.ok(decoded.ok);
    assert.equal(decoded.value.samples.length, samples.length);
    samples.forEach((expected, index) => {
      const actual = decoded.value.samples[index];
      assert.ok(Object.is(actual?.value, expected.value));
      assert.equal(actual?.timeUs, expected.timeUs);
    });
  }), { numRuns: 200 });
});

test("a megabyte of raw bytes grows the slab and leaves no trace in the next record", async () => {
  const codec = await Codec.open(files);
  const large = { ...reading([]), raw: new Uint8Array(1024 * 1024).fill(1) };
  const decoded = codec.decode("Reading", codec.encode("Reading", large));
  assert.ok(decoded.ok && Buffer.compare(decoded.value.raw, large.raw) === 0);
  assert.ok(codec.encode("Reading", reading([])).length < 200);
});

test("bytes that are not ours are told apart and never throw", async () => {
  const codec = await Codec.open(files);
  const good = codec.encode("Measurement", measurement);
  const wrongMagic = Uint8Array.from(good);
  wrongMagic[0] = 1;
  const unknown = Uint8Array.from(good);
  unknown[4] = 99;
  assert.deepEqual(codec.decode("Measurement", new Uint8Array([0, 0])), { ok: false, why: "too-short" });
  assert.deepEqual(codec.decode("Measurement", wrongMagic), { ok: false, why: "wrong-magic" });
  assert.deepEqual(codec.decode("Measurement", unknown), { ok: false, why: "unknown-schema", schemaId: 99 });
  assert.deepEqual(codec.decode("Measurement", good.subarray(0, good.length - 3)), { ok: false, why: "corrupt" });
  assert.deepEqual(codec.decode("Measurement", Buffer.concat([good, Buffer.from([0])])), { ok: false, why: "corrupt" });
  assert.deepEqual(codec.decode("Reading", good), { ok: false, why: "corrupt" });
});

test("an id met in the log is learned once, and a denied one stays unknown", async () => {
  const older = JSON.stringify({ type: "record", name: "DevicePresence", namespace: "caudal", fields: ["eventId", "client", "device", "kind", "source", "transport"].map((name) => ({ name, type: "string" })).concat([{ name: "receivedAtUs", type: "long" }]) });
  const codec = await Codec.open({ ...files, schemaById: async (id) => (id === 40 ? older : undefined) });
  const text = (value: string): number[] => [value.length * 2, ...Buffer.from(value)];
  const bytes = Uint8Array.from([0, 0, 0, 0, 40, ...["e", "demo", "W-07", "seen", "mqtt", "mqtt"].flatMap(text), 2]);
  assert.equal(codec.decode("DevicePresence", bytes).ok, false);
  assert.equal(await codec.learn(40), "learned");
  assert.equal(await codec.learn(41), "denied");
  const decoded = codec.decode("DevicePresence", bytes);
  assert.ok(decoded.ok);
  assert.deepEqual([decoded.value.kind, decoded.value.receivedAtUs, decoded.value.detail], ["seen", 1, ""]);
});
