import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { liveContext } from "./decode-context.ts";
import { asReading, contentTypeOf, formatNames, formats, readJsonRow } from "./formats.ts";

const context = liveContext(1_772_366_400_000_000, "America/Santiago", { key: "flow", units: { flow: "L/s" } });

function read(text: string): unknown {
  return formats.any(Buffer.from(text), context).map(asReading).map((row) => row.kind === "park" ? row.refusal.why : row.samples.map(({ key, value, unit }) => [key, value, unit]));
}

test("any tells a number, CSV and JSON apart", () => {
  assert.deepEqual(read(" 12.5\n"), [[["flow", 12.5, "L/s"]]]);
  assert.deepEqual(read("-1e3"), [[["flow", -1000, "L/s"]]]);
  assert.deepEqual(read("12,5"), [[["flow", 12.5, "L/s"]]], "a decimal comma, not two cells");
  assert.deepEqual(read("flow;12,5"), [[["flow", 12.5, "L/s"]]]);
  assert.deepEqual(read('{"flow":1}'), [[["flow", 1, "L/s"]]]);
  assert.deepEqual(read('[{"flow":1},{"level":2}]'), [[["flow", 1, "L/s"]], [["level", 2, null]]]);
});

test("any refuses with the nearest reason", () => {
  for (const [text, why] of [["", "empty"], ["NaN", "not-finite"], ["1e999", "not-finite"], ["hello", "malformed-json"], ["true", "wrong-type"], ["half;a", "malformed-csv"]] as const) {
    assert.deepEqual(read(text), [why], text);
  }
});

test("a plain number", () => {
  const why = (text: string): unknown => formats.number(Buffer.from(text), context).map(asReading).map((row) => row.kind === "park" ? row.refusal.why : row.samples[0]?.value)[0];
  assert.deepEqual(["12.5", "12,5", "", "abc", "Infinity", "1e999"].map(why), [12.5, 12.5, "empty", "malformed-number", "not-finite", "not-finite"]);
  assert.equal(formats.number(Buffer.from([0xff]), context)[0]?.kind, "park");
});

test("keys may be given other names", () => {
  const renamed = liveContext(1_772_366_400_000_000, "UTC", { keys: { q: "flow" }, units: { q: "m3/h" } });
  const [row] = formats.json(Buffer.from('{"q":3,"constructor":1}'), renamed);
  assert.ok(row?.kind === "reading");
  assert.deepEqual(row.samples.map(({ key, unit }) => [key, unit]), [["flow", "m3/h"], ["constructor", null]]);
});

test("no JSON makes a decoder throw, and each row's bytes come from the message", () => {
  fc.assert(fc.property(fc.constantFrom(...formatNames), fc.json({ maxDepth: 6 }), (format, text) => {
    const bytes = Buffer.from(text);
    for (const row of formats[format](bytes, context)) assert.ok(bytes.includes(Buffer.from(row.raw)));
  }), { numRuns: 500 });
});

test("no object made of the words that decoders know makes them throw", () => {
  const word = fc.constantFrom("id", "device_id", "ts", "time", "data", "values", "sensors", "labels", "value", "unit", "flow", "result", "end_device_ids", "uplink_message", "decoded_payload", "deviceInfo", "devEui", "object", "__proto__");
  const { tree } = fc.letrec((tie) => ({
    tree: fc.oneof({ maxDepth: 4 }, fc.constantFrom(1, "x", "12", null, true, 1772366400, "2026-03-01", 1e308), fc.array(tie("tree"), { maxLength: 3 }), fc.array(fc.tuple(word, tie("tree")), { maxLength: 5 }).map((entries) => Object.fromEntries(entries))),
  }));
  fc.assert(fc.property(fc.constantFrom(...formatNames), tree, (format, value) => {
    assert.ok(formats[format](Buffer.from(JSON.stringify(value) ?? ""), context).length > 0);
  }), { numRuns: 1000 });
});

test("no bytes make a decoder throw", () => {
  fc.assert(fc.property(fc.constantFrom(...formatNames), fc.uint8Array({ maxLength: 200 }), (format, bytes) => {
    assert.ok(formats[format](bytes, context).length > 0);
  }), { numRuns: 500 });
  const mangled = fc.tuple(fc.json(), fc.nat(), fc.string({ maxLength: 3 })).map(([text, at, noise]) => text.slice(0, at % (text.length + 1)) + noise + text.slice(at % (text.length + 1)));
  fc.assert(fc.property(mangled, (text) => { assert.ok(formats.any(Buffer.from(text), context).length > 0); }), { numRuns: 500 });
});

test("single rows and media types", () => {
  assert.equal(readJsonRow(Buffer.from('{"flow":1}'), context).kind, "reading");
  assert.deepEqual(["json", "csv", "number", "any"].map((format) => contentTypeOf(format as "json")), ["application/json", "text/csv", "text/plain", "application/octet-stream"]);
});
