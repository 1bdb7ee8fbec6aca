import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { dayOf, FIRST_US, LAST_US, monthOf, spanFrom, spanOf } from "./span.ts";

const instant = fc.integer({ min: FIRST_US, max: LAST_US });

test("a month and a day hold their instants, and are found again by their text", () => {
  fc.assert(fc.property(instant, (at) => {
    for (const span of [monthOf(at), dayOf(at)]) {
      assert.ok(span.fromUs <= at && at < span.toUs);
      assert.deepEqual(spanFrom(span.text), span);
      assert.ok(Number.isInteger(span.fromUs) && Number.isInteger(span.toUs));
    }
    assert.ok(dayOf(at).text.startsWith(monthOf(at).text));
  }));
});

test("spans follow each other in their texts as in time, a month before its days", () => {
  fc.assert(fc.property(instant, instant, (a, b) => {
    const [first, second] = a < b ? [a, b] : [b, a];
    assert.ok(dayOf(first).text <= dayOf(second).text);
    assert.ok(monthOf(first).text <= monthOf(second).text);
    assert.ok(monthOf(first).text < dayOf(second).text);
  }));
});

test("days begin where a point was found to be fast", () => {
  const fromUs = Date.UTC(2026, 2, 12) * 1000;
  assert.equal(spanOf(fromUs - 1, fromUs).text, "2026-03");
  assert.equal(spanOf(fromUs, fromUs).text, "2026-03-12");
  assert.equal(spanOf(fromUs, Infinity).text, "2026-03");
});
