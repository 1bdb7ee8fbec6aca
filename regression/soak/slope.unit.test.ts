import assert from "node:assert/strict";
import { test } from "node:test";
import { isFlat, trendOf, type Look } from "./slope.ts";

const looks = (value: (index: number) => number): Look[] => Array.from({ length: 60 }, (_, index) => ({ atS: index * 10, value: value(index) }));

test("the growth an hour is the slope of a straight line, whatever swings around it", () => {
  const { first, last, highest, mean, perHour } = trendOf(looks((index) => 100 + index));
  assert.deepEqual([first, last, highest, mean], [100, 159, 159, 129.5]);
  assert.ok(Math.abs(perHour - 360) < 1e-9);
  assert.ok(Math.abs(trendOf(looks((index) => 100 + (index % 2 === 0 ? 5 : -5))).perHour) < 10);
});

test("flat is what grows by no more than its share in as long as was looked at", () => {
  assert.ok(isFlat(looks(() => 50), 0));
  assert.ok(isFlat(looks((index) => 1000 - index), 0), "what shrinks does not grow");
  assert.ok(isFlat(looks((index) => 1000 + index), 0.1));
  assert.ok(!isFlat(looks((index) => 1000 + 2 * index), 0.1));
});
