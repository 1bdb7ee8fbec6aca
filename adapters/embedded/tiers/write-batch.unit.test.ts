import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { Measurement } from "@caudal/schemas";
import { packBatch, unpackBatch } from "./write-batch.ts";

const name = fc.string({ minLength: 1, unit: "grapheme" }).filter((text) => !text.includes("\0"));
const measurement: fc.Arbitrary<Measurement> = fc.record({
  eventId: fc.constant("e"), client: name, point: name, device: fc.constant(""), channel: fc.constant(""), source: fc.constant(""), transport: fc.constant(""),
  instantUs: fc.maxSafeInteger(), observedAtUs: fc.constant(null), receivedAtUs: fc.maxSafeInteger(), authority: fc.nat(255), knownAtUs: fc.maxSafeInteger(),
  causeId: fc.constant(""), labels: fc.constant({}),
  facts: fc.array(fc.record({ variable: name, value: fc.option(fc.double({ noNaN: true, noDefaultInfinity: true })), flag: fc.integer({ min: 1, max: 255 }), reasons: fc.array(name, { maxLength: 3 }) }), { maxLength: 4 }),
});

test("a packed batch gives every measurement back", () => {
  fc.assert(fc.property(fc.array(measurement, { maxLength: 20 }), fc.boolean(), (batch, unaligned) => {
    const packed = new Uint8Array(packBatch(batch));
    const moved = new Uint8Array(packed.length + 3);
    moved.set(packed, 3);
    const unpacked = unpackBatch(unaligned ? moved.subarray(3) : packed);
    let fact = 0;
    batch.forEach((one, i) => {
      assert.equal(unpacked.texts[unpacked.points[i]!], `${one.client}\0${one.point}`);
      assert.deepEqual([unpacked.instants[i], unpacked.receivedAts[i], unpacked.knownAts[i], unpacked.authorities[i], unpacked.factCounts[i]],
        [one.instantUs, one.receivedAtUs, one.knownAtUs, one.authority, one.facts.length]);
      for (const { variable, value, flag, reasons } of one.facts) {
        assert.ok(Object.is(unpacked.values[fact], value ?? NaN));
        assert.deepEqual([unpacked.texts[unpacked.variables[fact]!], unpacked.flags[fact]], [variable, flag]);
        assert.deepEqual(JSON.parse(unpacked.texts[unpacked.reasons[fact]!]!), reasons.toSorted());
        fact += 1;
      }
    });
    assert.equal(unpacked.values.length, fact);
  }));
});

test("bytes of another format are refused", () => {
  assert.throws(() => unpackBatch(new Uint8Array(64).fill(9)), RangeError);
});
