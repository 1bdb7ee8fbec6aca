import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { readPosition, writePosition } from "./position.ts";

test("a position is read as it was written", () => {
  fc.assert(fc.property(fc.array(fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER })), (offsets) => assert.deepEqual(readPosition(writePosition(offsets)), offsets)));
});

test("anything else is no position", () => {
  for (const text of ["", "!", "AQ", "AQE", "AgE", "AQGAgICAgICAgICAgIAB", "A".repeat(100_000), "AQIB"]) assert.equal(readPosition(text), undefined, text.slice(0, 20));
  fc.assert(fc.property(fc.string(), (text) => void readPosition(text)));
});
