import assert from "node:assert/strict";
import { test } from "node:test";
import { parseInstant } from "@caudal/core";
import fc from "fast-check";
import { liveContext } from "../../decode/decode-context.ts";
import { payloadBytes, type TestMetric } from "../../test-parts/sparkplug-payload.ts";
import { birthAt, born, isOfThisSession, newestBirth, type BirthRecord } from "./births.ts";
import { datatypes as types } from "./metric-value.ts";
import { readSparkplug, type KnownBirths, type SparkplugSays } from "./read-message.ts";
import { isNodesWord, parseSparkplugTopic } from "./sparkplug-topic.ts";

const at = (text: string): number => parseInstant(text) ?? assert.fail(text);
const NOON_US = at("2026-03-01T12:00:00Z");
const context = liveContext(NOON_US + 90_000_000);
const NBIRTH = Buffer.from("08809494caca3312120a05626453657118809494caca3320085807121d0a07666c6f775f6c73100118809494caca33200a6900000000000029401800", "hex");
const NDATA = Buffer.from("08e0e897caca331214100118e0e897caca33200a6900000000008029401801", "hex");
const nobody: KnownBirths = { node: undefined, device: undefined };

function says(topic: string, bytes: Uint8Array, known: KnownBirths = nobody): SparkplugSays {
  return readSparkplug(parseSparkplugTopic(topic) ?? assert.fail(topic), bytes, known, { context, trust: "in-order" });
}

const valuesOf = (said: SparkplugSays): unknown => (said.kind === "birth" || said.kind === "data" ? said.rows.flatMap((row) => (row.kind === "reading" ? row.samples.map(({ key, value, unit, timeUs }) => [key, value, unit, timeUs]) : [])) : assert.fail(JSON.stringify(said)));
const refusalsOf = (said: SparkplugSays): unknown => (said.kind === "birth" || said.kind === "data" ? said.rows.flatMap((row) => (row.kind === "park" ? [row.refusal.why] : [])) : said.kind === "bad" ? [said.row.refusal.why] : []);

function nodeBorn(bytes: Uint8Array): KnownBirths {
  const said = says("spBv1.0/g/NBIRTH/n1", bytes);
  return said.kind === "birth" ? { node: born(undefined, { client: "", group: "g", node: "n1", device: "", ...said.birth }), device: undefined } : assert.fail("no birth");
}

test("the vectors: a birth with bdSeq 7, and data a minute later by alias alone", () => {
  const birth = says("spBv1.0/g/NBIRTH/n1", NBIRTH);
  assert.deepEqual(valuesOf(birth), [["flow_ls", 12.5, null, NOON_US]]);
  assert.ok(birth.kind === "birth" && birth.seq === 0 && birth.birth.bdSeq === 7 && birth.birth.atUs === NOON_US);
  const data = says("spBv1.0/g/NDATA/n1", NDATA, nodeBorn(NBIRTH));
  assert.deepEqual(valuesOf(data), [["flow_ls", 12.75, null, NOON_US + 60_000_000]]);
  assert.ok(data.kind === "data" && data.seq === 1);
});

test("trap 17: an alias before its birth is nothing that can be read", () => {
  assert.deepEqual(says("spBv1.0/g/NDATA/n1", NDATA), { kind: "unborn", seq: 1, what: "alias 1" });
  const named = payloadBytes({ timestamp: NOON_US / 1000, seq: 3, metrics: [{ name: "level", doubleValue: 2.5 }] });
  assert.deepEqual(valuesOf(says("spBv1.0/g/NDATA/n1", named)), [["level", 2.5, null, NOON_US]], "a name and a fraction need no birth");
  const whole = payloadBytes({ timestamp: NOON_US / 1000, seq: 3, metrics: [{ name: "level", intValue: 4_294_967_295 }] });
  assert.equal(says("spBv1.0/g/NDATA/n1", whole).kind, "unborn", "a whole number hides its sign");
});

function valueOf(metric: TestMetric): unknown {
  const said = says("spBv1.0/g/NBIRTH/n1", payloadBytes({ timestamp: NOON_US / 1000, seq: 0, metrics: [{ name: "x", ...metric }] }));
  const [value] = valuesOf(said) as [[string, unknown]];
  return value === undefined ? refusalsOf(said) : value[1];
}

test("every data type, with the signs that travel as two's complement", () => {
  assert.equal(valueOf({ datatype: types.Int8, intValue: 0xff }), -1);
  assert.equal(valueOf({ datatype: types.Int8, intValue: 0xffff_ff9c }), -100, "filled up with ones");
  assert.equal(valueOf({ datatype: types.Int16, intValue: 0x8000 }), -32_768);
  assert.equal(valueOf({ datatype: types.Int32, intValue: 0xffff_fffe }), -2);
  assert.equal(valueOf({ datatype: types.Int64, longValue: "18446744073709551615" }), -1);
  assert.equal(valueOf({ datatype: types.Int64, longValue: "9007199254740991" }), Number.MAX_SAFE_INTEGER);
  assert.deepEqual([types.UInt8, types.UInt16, types.UInt32].map((datatype) => valueOf({ datatype, intValue: 200 })), [200, 200, 200]);
  assert.equal(valueOf({ datatype: types.UInt32, longValue: 4_294_967_295 }), 4_294_967_295, "some nodes write it in 64 bits");
  assert.equal(valueOf({ datatype: types.UInt64, longValue: "9007199254740991" }), Number.MAX_SAFE_INTEGER);
  assert.equal(valueOf({ datatype: types.Float, floatValue: 123.456 }), 123.456);
  assert.equal(valueOf({ datatype: types.Double, doubleValue: 0.1 }), 0.1);
  assert.equal(valueOf({ datatype: types.Double, doubleValue: Number.NaN }), "NaN", "its own word for no number");
  assert.equal(valueOf({ datatype: types.Boolean, booleanValue: false }), false);
  assert.equal(valueOf({ datatype: types.String, stringValue: "48213" }), "48213");
  assert.equal(valueOf({ datatype: types.Double, isNull: true }), null);
});

test("nothing is rounded, shortened or guessed: such metrics are refused", () => {
  assert.deepEqual(valueOf({ datatype: types.UInt64, longValue: "9007199254740993" }), ["not-exact"]);
  assert.deepEqual(valueOf({ datatype: types.Int64, longValue: "9223372036854775808" }), ["not-exact"]);
  assert.deepEqual(valueOf({ datatype: types.UInt8, intValue: 300 }), ["wrong-type"]);
  assert.deepEqual(valueOf({ datatype: types.Int8, intValue: 300 }), ["wrong-type"]);
  assert.deepEqual(valueOf({ datatype: types.Double, intValue: 3 }), ["wrong-type"]);
  assert.deepEqual(valueOf({ datatype: types.Boolean, intValue: 2 }), ["wrong-type"]);
  assert.deepEqual(valueOf({ datatype: types.Double, booleanValue: true }), ["wrong-type"]);
  assert.deepEqual(valueOf({ datatype: types.Double, stringValue: "3" }), ["wrong-type"]);
  assert.deepEqual(valueOf({ datatype: types.DataSet, datasetValue: Buffer.from([8, 1]) }), ["unsupported-format"]);
  assert.deepEqual(valueOf({ datatype: types.Template, templateValue: Buffer.from([8, 1]) }), ["unsupported-format"]);
  assert.deepEqual(valueOf({ datatype: types.Bytes, bytesValue: Buffer.from([8, 1]) }), ["unsupported-format"]);
  assert.deepEqual(valueOf({ datatype: types.Double }), ["malformed-binary"]);
  assert.deepEqual(valueOf({ datatype: types.Double, doubleValue: 1, timestamp: 5 }), ["implausible-time"]);
});

test("one metric that cannot be used costs the others nothing", () => {
  const said = says("spBv1.0/g/NBIRTH/n1", payloadBytes({ timestamp: NOON_US / 1000, seq: 0, metrics: [{ name: "a", datatype: types.Double, doubleValue: 1 }, { name: "b", datatype: types.DataSet, datasetValue: Buffer.from([8, 1]) }] }));
  assert.deepEqual([valuesOf(said), refusalsOf(said)], [[["a", 1, null, NOON_US]], ["unsupported-format"]]);
});

test("texts and times are labels, backfilled values a row of their own, units and bad quality come from properties", () => {
  const properties = { keys: ["engUnit", "Quality"], values: [{ type: types.String, stringValue: "L/s" }, { type: types.Int32, intValue: 0 }] };
  const said = says("spBv1.0/g/DBIRTH/n1/pump", payloadBytes({ timestamp: NOON_US / 1000, seq: 1, metrics: [
    { name: "flow", datatype: types.Double, doubleValue: 3, properties }, { name: "make", datatype: types.String, stringValue: "acme" }, { name: "since", datatype: types.DateTime, longValue: NOON_US / 1000 },
    { name: "flow", datatype: types.Double, doubleValue: 2, isHistorical: true, timestamp: NOON_US / 1000 - 60_000 }, { name: "Node Control/Rebirth", datatype: types.Boolean, booleanValue: false },
  ] }));
  assert.ok(said.kind === "birth");
  assert.deepEqual(said.rows.map((row) => (row.kind === "reading" ? [row.samples.map(({ key, value, unit }) => [key, value, unit]), row.labels] : row.refusal)), [
    [[["flow", 3, "L/s"]], { "quality.flow": "0", make: "acme", since: "2026-03-01T12:00:00Z" }],
    [[["flow", 2, null]], { is_historical: "true" }],
  ]);
});

test("births remember what they replaced, for data that comes late", () => {
  const birth = (atUs: number, name: string): { atUs: number; bdSeq: null; metrics: { name: string; alias: string; datatype: number; unit: null }[]; client: string; group: string; node: string; device: string } => ({ atUs, bdSeq: null, metrics: [{ name, alias: "1", datatype: types.Double, unit: null }], client: "", group: "g", node: "n", device: "" });
  const first = born(undefined, birth(10, "flow"));
  const again = born(first, birth(20, "flow"));
  assert.deepEqual(again.births.map(({ fromUs, lastUs }) => [fromUs, lastUs]), [[10, 20]], "the same set lasts longer");
  const other = born(again, birth(30, "level"));
  const nameAt = (record: BirthRecord, timeUs: number): unknown => [birthAt(record, timeUs)?.byAlias.get("1")?.name, birthAt(record, timeUs)?.isLater];
  assert.deepEqual([nameAt(other, 35), nameAt(other, 25), nameAt(other, 5)], [["level", false], ["flow", false], ["flow", true]]);
  assert.equal(newestBirth(other)?.byAlias.get("1")?.name, "level");
  // An old birth that another collector was slow with does not come in front.
  assert.equal(newestBirth(born(other, birth(15, "old")))?.byAlias.get("1")?.name, "level");
  let many = other;
  for (let n = 0; n < 9; n++) many = born(many, birth(100 + n, `m${n}`));
  assert.equal(many.births.length, 4);
  assert.equal(isOfThisSession({ ...first, device: "d" }, other), false);
  assert.equal(isOfThisSession({ ...other, device: "d" }, first), true);
});

test("what is no payload is refused, and bombs of empty metrics are not built", () => {
  assert.deepEqual(refusalsOf(says("spBv1.0/g/NBIRTH/n1", Buffer.from("hello"))), ["malformed-binary"]);
  assert.deepEqual(refusalsOf(says("spBv1.0/g/NBIRTH/n1", Buffer.alloc(60_000, Buffer.from([0x12, 0])))), ["too-large"]);
  assert.deepEqual(refusalsOf(says("spBv1.0/g/NBIRTH/n1", payloadBytes({ seq: 256, metrics: [] }))), ["malformed-binary"]);
  assert.deepEqual(refusalsOf(says("spBv1.0/g/NBIRTH/n1", payloadBytes({ seq: 0, metrics: [{ name: "a", alias: 1, isNull: true }, { name: "b", alias: 1, isNull: true }] }))), ["malformed-binary"]);
  const conflicting = payloadBytes({ timestamp: NOON_US / 1000, seq: 1, metrics: [{ name: "level", alias: 1, doubleValue: 1 }] });
  assert.deepEqual(refusalsOf(says("spBv1.0/g/NDATA/n1", conflicting, nodeBorn(NBIRTH))), ["wrong-type"]);
  const retyped = payloadBytes({ timestamp: NOON_US / 1000, seq: 1, metrics: [{ alias: 1, datatype: types.Float, floatValue: 1 }] });
  assert.deepEqual(refusalsOf(says("spBv1.0/g/NDATA/n1", retyped, nodeBorn(NBIRTH))), ["wrong-type"]);
});

test("a birth of many metrics is as many readings as it takes", () => {
  const metrics = Array.from({ length: 2500 }, (_, n) => ({ name: `m${n}`, datatype: types.Double, doubleValue: n }));
  const said = says("spBv1.0/g/NBIRTH/n1", payloadBytes({ timestamp: NOON_US / 1000, seq: 0, metrics }));
  assert.deepEqual(said.kind === "birth" ? said.rows.map((row) => (row.kind === "reading" ? row.samples.length : row.refusal)) : [], [1000, 1000, 500]);
  const texts = Array.from({ length: 100 }, (_, n) => ({ name: `t${n}`, datatype: types.String, stringValue: "x" }));
  const labelled = says("spBv1.0/g/NBIRTH/n1", payloadBytes({ timestamp: NOON_US / 1000, seq: 0, metrics: [...texts, { name: "flow", datatype: types.Double, doubleValue: 1 }] }));
  assert.equal(labelled.kind === "birth" && labelled.rows[0]?.kind === "reading" ? labelled.rows[0].labels["labels_left_out"] : "", "44");
});

test("topics: only what nodes say", () => {
  assert.deepEqual(parseSparkplugTopic("spBv1.0/g/DDATA/n/d"), { group: "g", type: "DDATA", node: "n", device: "d" });
  for (const topic of ["spBv1.0/STATE/host", "spAv1.0/g/NDATA/n", "spBv1.0/g/NDATA/n/d/e", "spBv1.0//NDATA/n", "spBv1.0/g/DDATA/n/"]) assert.equal(parseSparkplugTopic(topic), undefined, topic);
  const isWord = (topic: string): boolean => isNodesWord(parseSparkplugTopic(topic) ?? assert.fail(topic));
  assert.deepEqual(["spBv1.0/g/NDATA/n", "spBv1.0/g/NCMD/n", "spBv1.0/g/NDATA/n/d", "spBv1.0/g/DDATA/n"].map(isWord), [true, false, false, false]);
});

test("no bytes make it throw, and a damaged vector gives no value of another metric", () => {
  const known = nodeBorn(NBIRTH);
  const damaged = fc.oneof(
    fc.uint8Array({ maxLength: 120 }),
    fc.tuple(fc.constantFrom(NBIRTH, NDATA), fc.nat(70), fc.nat(255)).map(([bytes, place, byte]) => {
      const copy = Buffer.from(bytes);
      copy[place % copy.length] = byte;
      return copy;
    }),
    fc.tuple(fc.constantFrom(NBIRTH, NDATA), fc.nat(70)).map(([bytes, length]) => bytes.subarray(0, length % bytes.length)),
  );
  fc.assert(fc.property(damaged, fc.constantFrom("NBIRTH", "NDATA", "NDEATH", "DDATA"), (bytes, type) => {
    const said = says(`spBv1.0/g/${type}/n1${type.startsWith("D") ? "/d" : ""}`, bytes, known);
    if (said.kind !== "birth" && said.kind !== "data") return;
    for (const row of said.rows) if (row.kind === "reading") for (const { timeUs } of row.samples) assert.ok(timeUs === null || timeUs <= context.receivedAtUs + 86_400_000_000);
  }), { numRuns: 3000 });
});
