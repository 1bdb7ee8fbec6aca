import assert from "node:assert/strict";
import { test } from "node:test";
import { encode } from "cbor2";
import { parseInstant } from "@caudal/core";
import fc from "fast-check";
import { cborRows } from "./cbor-items.ts";
import { liveContext } from "./decode-context.ts";
import { asReading, formats } from "./formats.ts";

const NOON_US = parseInstant("2026-03-01T12:00:00Z") ?? 0;
const context = liveContext(NOON_US + 5_000_000);
const bytes = (hex: string): Buffer => Buffer.from(hex.replaceAll(" ", ""), "hex");

function read(payload: Uint8Array, format: "cbor" | "any" = "cbor"): unknown {
  return formats[format](payload, context).map(asReading).map((row) => (row.kind === "park" ? row.refusal.why : [row.device, row.observedAtUs, Object.fromEntries(row.samples.map(({ key, value }) => [key, value]))]));
}

const VECTOR = "a3 62 6964 64 572d3037 62 7473 1a 69a42a40 64 666c6f77 f9 4a40";

test("the vector: id, time and a flow in half precision; any knows CBOR by its first byte", () => {
  for (const format of ["cbor", "any"] as const) assert.deepEqual(read(bytes(VECTOR), format), [["W-07", NOON_US, { flow: 12.5 }]]);
  assert.deepEqual(read(bytes(`d9d9f7${VECTOR}`), "any"), [["W-07", NOON_US, { flow: 12.5 }]], "with the mark of CBOR");
});

test("the same styles as JSON: values, units, labels, and rows of an array with their own bytes", () => {
  assert.deepEqual(read(encode({ deviceId: "W-07", timestamp: "2026-03-01T09:00:00-03:00", sensors: { flow: { value: 12.5, unit: "L/s" } } })), [["W-07", NOON_US, { flow: 12.5 }]]);
  const payload = encode([{ ts: 1772362800, values: { pulses: 1 } }, { ts: 1772366400, values: { pulses: 2 } }]);
  const rows = formats.cbor(payload, context);
  assert.deepEqual(rows.map((row) => row.kind), ["reading", "reading"]);
  assert.equal(Buffer.concat(rows.map(({ raw }) => raw)).length, payload.length - 1, "each row keeps its own piece of the message");
});

test("fractions of every width, whole numbers up to what a double holds, and what is beyond is refused", () => {
  const one = (hex: string): unknown => (read(bytes(`a1 61 78 ${hex}`)) as readonly unknown[])[0];
  const value = (hex: string): unknown => (one(hex) as [null, null, { x: unknown }])[2].x;
  assert.deepEqual([value("f9 3c00"), value("fa 47c35000"), value("fb 3ff199999999999a"), value("f9 0001")], [1, 100_000, 1.1, 5.960464477539063e-8]);
  assert.deepEqual([value("1b 001fffffffffffff"), value("3b 001ffffffffffffe"), value("c2 42 0100"), value("c3 41 09")], [Number.MAX_SAFE_INTEGER, -Number.MAX_SAFE_INTEGER, 256, -10]);
  assert.deepEqual([one("1b 0020000000000001"), one("3b 0020000000000000"), one("c2 49 010000000000000000")], ["not-exact", "not-exact", "not-exact"]);
  assert.deepEqual([one("f9 7e00"), one("f9 7c00")], ["not-finite", "not-finite"]);
  assert.deepEqual([value("f6"), value("f7"), value("f5")], [null, null, true]);
});

test("limits: twice the same key, keys that are no texts, tags that do something, depth, lengths that lie", () => {
  const why = (hex: string): unknown => (read(bytes(hex)) as readonly unknown[])[0];
  assert.equal(why("a2 61 78 01 61 78 02"), "malformed-binary");
  assert.equal(why("a1 01 02"), "wrong-type");
  assert.equal(why("a1 61 78 d8 1e 82 01 02"), "unsupported-format", "a fraction as two numbers");
  assert.equal(why("a1 61 78 41 00"), "wrong-type", "a string of bytes");
  assert.equal(why("a1 61 78 f8 ff"), "wrong-type", "a simple value");
  assert.equal(why("9a ffffffff 01"), "malformed-binary", "four thousand million elements");
  assert.equal(why("ba 7fffffff 01"), "malformed-binary");
  assert.equal(why("7b ffffffffffffffff 01"), "malformed-binary");
  assert.equal(why(`${"81".repeat(40)}01`), "too-deep");
  assert.equal(why(`a1 61 78 ${"81".repeat(40)} 01`), "too-deep");
  assert.equal(why("a1 61 78 01 00"), "malformed-binary", "something follows");
  assert.equal(why("a1 61 78"), "malformed-binary");
  assert.equal(why("a1 61 78 1c"), "malformed-binary");
  assert.equal(why("80"), "empty");
  assert.equal(why(""), "empty");
  assert.equal(why("05"), "wrong-type");
  assert.equal(why(`99 2711 ${"a0".repeat(10_001)}`), "too-large");
  assert.equal(why("a1 61 78 7f 61 31 41 32 ff"), "malformed-binary", "a piece of another type");
});

test("arrays within: the list of thethings.io, and a refusal inside one", () => {
  assert.deepEqual(read(encode({ values: [{ key: "flow", value: 3 }, { key: "level", value: 1.5 }] })), [[null, null, { flow: 3, level: 1.5 }]]);
  assert.deepEqual(read(encode({ values: [{ key: "flow", value: 2n ** 60n }] })), ["not-exact"]);
  assert.deepEqual(read(encode({ data: { a: 2n ** 60n } })), ["not-exact"]);
});

test("items without a length in front are read as well", () => {
  assert.deepEqual(read(bytes("bf 61 78 7f 61 31 61 32 ff ff")), [[null, null, { x: "12" }]]);
  assert.deepEqual(read(bytes("9f a1 61 78 01 a1 61 78 02 ff")), [[null, null, { x: 1 }], [null, null, { x: 2 }]]);
  assert.deepEqual(read(bytes("a1 69 5f5f70726f746f5f5f 01")), [[null, null, Object.fromEntries([["__proto__", 1]])]]);
});

const json = fc.letrec((tie) => ({ value: fc.oneof({ maxDepth: 4 }, fc.integer(), fc.double({ noNaN: true, noDefaultInfinity: true }), fc.string(), fc.boolean(), fc.constant(null), fc.array(tie("value"), { maxLength: 4 }), fc.dictionary(fc.string(), tie("value"), { maxKeys: 4 })) }));

test("whatever is CBOR is cut where it ends, and no bytes make it throw", () => {
  fc.assert(fc.property(json.value, fc.uint8Array({ maxLength: 5 }), (value, more) => {
    const whole = cborRows(encode({ value }));
    assert.ok(whole.ok && whole.value.length === 1);
    if (more.length > 0) assert.equal(cborRows(Buffer.concat([encode({ value }), more])).ok, false);
  }));
  const damaged = fc.oneof(fc.uint8Array({ maxLength: 200 }), fc.tuple(fc.nat(40), fc.nat(255)).map(([place, byte]) => {
    const copy = bytes(VECTOR);
    copy[place % copy.length] = byte;
    return copy;
  }), fc.nat(26).map((length) => bytes(VECTOR).subarray(0, length)));
  fc.assert(fc.property(damaged, (payload) => {
    for (const row of formats.cbor(payload, context)) {
      if (row.kind === "reading") for (const { value } of row.samples) assert.ok(value === null || typeof value !== "number" || Number.isFinite(value));
      else assert.equal(row.kind, "park");
    }
  }), { numRuns: 5000 });
});
