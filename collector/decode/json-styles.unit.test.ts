import assert from "node:assert/strict";
import { test } from "node:test";
import { parseInstant } from "@caudal/core";
import type { DecodedRow, RefusedRow, RowOutcome } from "./decoded.ts";
import { liveContext } from "./decode-context.ts";
import { asReading, formats } from "./formats.ts";

const NOON_US = parseInstant("2026-03-01T12:00:00Z") ?? 0;
const RECEIVED_US = NOON_US + 5_000_000;

function rows(text: string | Uint8Array, zone?: string): readonly RowOutcome[] {
  return formats.json(typeof text === "string" ? Buffer.from(text) : text, liveContext(RECEIVED_US, zone)).map(asReading);
}

function one(text: string, zone?: string): DecodedRow {
  const [row, ...others] = rows(text, zone);
  assert.ok(row?.kind === "reading" && others.length === 0, JSON.stringify(row));
  return row;
}

function refusal(text: string | Uint8Array): RefusedRow["refusal"] {
  const [row] = rows(text);
  assert.ok(row?.kind === "park");
  return row.refusal;
}

const values = (row: DecodedRow): unknown => Object.fromEntries(row.samples.map(({ key, value }) => [key, value]));

test("values under data, with a written time", () => {
  const row = one('{ "device_id": "W-07", "timestamp": "2026-03-01T09:00:00-03:00", "data": { "flow": 12.5, "total_m3": 48213, "water_level": 12.34 } }');
  assert.equal(row.device, "W-07");
  assert.equal(row.observedAtUs, NOON_US);
  assert.deepEqual(values(row), { flow: 12.5, total_m3: 48213, water_level: 12.34 });
});

test("values, with a time in seconds", () => {
  const row = one('{ "deviceId": "W-07", "timestamp": 1772366400, "values": { "pulses": 482137, "temperature": 14.2 } }');
  assert.deepEqual([row.device, row.observedAtUs, values(row)], ["W-07", NOON_US, { pulses: 482137, temperature: 14.2 }]);
});

test("sensors with units, with a time in milliseconds", () => {
  const row = one('{ "deviceId": "W-07", "timestamp": 1772366400000, "sensors": { "flow_sensor": { "value": 12.5, "unit": "L/s" } } }');
  assert.deepEqual(row.samples, [{ key: "flow_sensor", value: 12.5, unit: "L/s", timeUs: NOON_US }]);
});

test("flat", () => {
  const row = one('{ "id": "W-07", "flow": 12.5, "total": 48213, "level": 12.34, "ts": 1772366400 }');
  assert.deepEqual([row.device, row.observedAtUs, values(row)], ["W-07", NOON_US, { flow: 12.5, total: 48213, level: 12.34 }]);
});

test("an array of times and values, each row with its own bytes", () => {
  const text = '[ { "ts": 1772362800000, "values": { "pulses": 481900 } }, { "ts": 1772366400000, "values": { "pulses": 482137 } } ]';
  const read = rows(text);
  assert.deepEqual(read.map((row) => Buffer.from(row.raw).toString()), ['{ "ts": 1772362800000, "values": { "pulses": 481900 } }', '{ "ts": 1772366400000, "values": { "pulses": 482137 } }']);
  assert.deepEqual(read.map((row) => row.kind === "reading" && row.observedAtUs), [NOON_US - 3.6e9, NOON_US]);
});

test("an array may mix all styles", () => {
  const read = rows('[{"id":"a","flow":1},{"deviceId":"b","values":{"flow":2}},{"device_id":"c","data":{"flow":3}},{"device":7,"sensors":{"flow":{"value":4}}}]');
  assert.deepEqual(read.map((row) => row.device), ["a", "b", "c", "7"]);
});

test("texts that measure something stay texts, others are labels, and so are the reserved ones", () => {
  const row = one('{"flow":"48213","level":"12,5","temp":"NaN","batch_id":"B014-STOUT","status":"","on":true,"gone":null,"labels":{"credit":"CC BY 4.0","n":3}}');
  assert.deepEqual(values(row), { flow: "48213", level: "12,5", temp: "NaN", on: true, gone: null });
  assert.deepEqual(row.labels, { batch_id: "B014-STOUT", status: "", credit: "CC BY 4.0", n: "3" });
});

test("a brewery's report", () => {
  const row = one('{ "timestamp": "2026-03-01T12:00:00.000000+00:00", "temperature_celsius": 20.4, "pressure_psi": 15.0, "co2_vol": 2.4, "batch_id": "B014-STOUT" }');
  assert.deepEqual(values(row), { temperature_celsius: 20.4, pressure_psi: 15, co2_vol: 2.4 });
  assert.deepEqual([row.device, row.observedAtUs, row.labels], [null, NOON_US, { batch_id: "B014-STOUT" }]);
});

test("WaterMillimiter's message", () => {
  const bytes = Buffer.from('{ "sensor_id": "MED-0042", "flujo": 7.8 }');
  const [row] = formats.json(bytes, liveContext(RECEIVED_US, "UTC", { units: { flujo: "L/min" } }));
  assert.ok(row?.kind === "reading");
  assert.equal(row.device, "MED-0042");
  assert.deepEqual(row.samples, [{ key: "flujo", value: 7.8, unit: "L/min", timeUs: null }]);
});

test("a sensor's own time, and its texts", () => {
  const row = one('{"id":"a","ts":1772366400,"sensors":{"old":{"value":1,"ts":1772362800,"state":"ok"},"new":{"value":2,"ts":null}}}');
  assert.deepEqual(row.samples.map((sample) => sample.timeUs), [NOON_US - 3.6e9, NOON_US]);
  assert.deepEqual(row.labels, { "old.state": "ok" });
});

test("a second name for the device or the time is kept as a label", () => {
  const row = one('{"device_id":"a","id":"event-1","ts":1772366400,"time":1772366401,"flow":1}');
  assert.deepEqual([row.device, row.observedAtUs, row.labels], ["a", NOON_US, { id: "event-1", time: "1772366401" }]);
});

test("keys that are names of an object's own machinery are keys like others", () => {
  const row = one('{"id":"a","__proto__":{"value":1},"constructor":2,"toString":3,"labels":{"__proto__":"x"}}');
  assert.deepEqual(row.samples.map(({ key, value }) => [key, value]), [["__proto__", 1], ["constructor", 2], ["toString", 3]]);
  assert.deepEqual(Object.entries(row.labels), [["__proto__", "x"]]);
  assert.equal(Object.getPrototypeOf({}), Object.prototype);
});

test("of a key that comes twice the last counts", () => {
  assert.deepEqual(values(one('{"flow":1,"flow":2}')), { flow: 2 });
});

test("1e308 is a number", () => {
  assert.deepEqual(values(one('{"flow":1e308,"low":5e-324,"whole":999999999999.999}')), { flow: 1e308, low: 5e-324, whole: 999_999_999_999.999 });
});

test("a byte order mark is no fault", () => {
  assert.deepEqual(values(one('\ufeff{"flow":1}')), { flow: 1 });
});

test("lines of JSON are rows, under their own name or not", () => {
  for (const read of [formats.json, formats.ndjson]) {
    const outcomes = read(Buffer.from('{"id":"a","flow":1}\r\n\n{"id":"b","flow":2}\n'), liveContext(RECEIVED_US));
    assert.deepEqual(outcomes.map((row) => row.device), ["a", "b"]);
  }
  const spread = formats.json(Buffer.from('{\n"id": "a",\n"flow": 1\n}\n'), liveContext(RECEIVED_US));
  assert.deepEqual(spread.map((row) => row.device), ["a"]);
  const oneBad = formats.ndjson(Buffer.from('{"id":"a","flow":1}\n{"id":\n{"id":"c","flow":2}'), liveContext(RECEIVED_US));
  assert.deepEqual(oneBad.map((row) => row.kind), ["reading", "park", "reading"]);
});

test("a bad row of an array costs none of its neighbours", () => {
  const read = rows('[{"id":"a","flow":1},{"id":"b","flow":},{"id":"c","s":"],[}"},{"id":"d","flow":"\\"],"},,7,{"id":"e","flow":2}]');
  assert.deepEqual(read.map((row) => row.kind === "park" ? row.refusal.why : row.device), ["a", "malformed-json", "no-samples", "no-samples", "malformed-json", "wrong-type", "e"]);
});

for (const [text, why, field] of [
  ["", "empty"], ["  \n", "empty"], ["[]", "empty"], ["{", "malformed-json"], ["{]", "malformed-json"], ['[{"flow":1}', "malformed-json"], ['[{"flow":1}] x', "malformed-json"],
  ['{"flow":NaN}', "not-finite"], ['{"flow":-Infinity}', "not-finite"], ['{"flow":NaN', "malformed-json"], ['{"flow":1e999}', "not-finite", "flow"], ['{"flow":"1e999"}', "not-finite", "flow"],
  ['{"data":{"flow":-1e999}}', "not-finite", "data.flow"], ['{"ts":1e999,"flow":1}', "not-finite", "ts"],
  ["true", "wrong-type"], ["null", "wrong-type"], ['"12.5"', "wrong-type"], ["12.5", "wrong-type"], ["[[1]]", "wrong-type"],
  ['{"flow":[1]}', "wrong-type", "flow"], ['{"flow":{}}', "wrong-type", "flow.value"], ['{"flow":{"value":{}}}', "wrong-type", "flow.value"], ['{"flow":{"value":1,"unit":3}}', "wrong-type", "flow.unit"],
  ['{"data":[1],"flow":1}', "wrong-type", "data"], ['{"id":true,"flow":1}', "wrong-type", "id"], ['{"id":"a\\u0000b","flow":1}', "wrong-type", "id"], ['{"id":1.5,"flow":1}', "wrong-type", "id"],
  ['{"ts":true,"flow":1}', "wrong-type", "ts"], ['{"ts":"yesterday","flow":1}', "wrong-type", "ts"], ['{"flow":1,"labels":[]}', "wrong-type", "labels"], ['{"flow":1,"labels":{"a":{}}}', "wrong-type", "labels.a"],
  ['{"id":"a"}', "no-samples"], ['{"id":"a","data":{},"status":"ok"}', "no-samples"], [`{"id":"${"x".repeat(201)}","flow":1}`, "too-large", "id"],
  [`{"flow":1,"labels":{"a":"${"x".repeat(5000)}"}}`, "too-large", "a"], [`{"${"k".repeat(300)}":1}`, "too-large"], [`{${Array.from({ length: 1001 }, (_, n) => `"k${n}":1`).join()}}`, "too-large"],
  [`{"flow":1,"labels":{${Array.from({ length: 65 }, (_, n) => `"k${n}":"x"`).join()}}}`, "too-large"], [`[${"1,".repeat(10_001)}1]`, "too-large"],
  [`{"flow":${"[".repeat(32)}${"]".repeat(32)}}`, "too-deep"], ['{"dev_id":"a","app_id":"b","payload_raw":"AQ=="}', "dead-format"], ['{"applicationID":"1","devEUI":"AQ=="}', "unsupported-format"],
] as const) {
  test(`refused as ${why}: ${text.slice(0, 60)}`, () => {
    const found = refusal(text);
    assert.equal(found.why, why);
    if (field !== undefined) assert.equal(found.field, field);
  });
}

test("bytes that are not UTF-8 are refused, a row at a time", () => {
  const bytes = Buffer.concat([Buffer.from('[{"id":"a","flow":1},{"id":"'), Buffer.from([0xc3, 0x28]), Buffer.from('","flow":2}]')]);
  assert.deepEqual(rows(bytes).map((row) => row.kind === "park" && row.refusal.why), [false, "invalid-utf8"]);
});

test("32 levels are not too deep", () => {
  assert.equal(refusal(`{"flow":${"[".repeat(31)}${"]".repeat(31)}}`).why, "wrong-type");
});
