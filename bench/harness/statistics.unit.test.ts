import assert from "node:assert/strict";
import { suite, test } from "node:test";
import fc from "fast-check";
import { median, pairedRatio, quantile, spreadOf } from "./statistics.ts";

suite("statistics of the benchmarks", () => {
  test("the median is the middle value, or the mean of the two", () => {
    assert.equal(median([3, 1, 2]), 2);
    assert.equal(median([10, 9, 1, 2]), 5.5);
    assert.ok(Number.isNaN(median([])));
  });

  test("a quantile lies between the neighbours", () => {
    assert.equal(quantile([0, 10], 0.99), 9.9);
    assert.equal(quantile(Array.from({ length: 101 }, (_, index) => index), 0.99), 99);
  });

  test("quantiles grow with their share and stay within the values", () => {
    fc.assert(fc.property(fc.array(fc.double({ noNaN: true, min: -1e9, max: 1e9 }), { minLength: 1 }), fc.double({ min: 0, max: 1, noNaN: true }), fc.double({ min: 0, max: 1, noNaN: true }), (values, a, b) => {
      const [low, high] = [quantile(values, Math.min(a, b)), quantile(values, Math.max(a, b))];
      assert.ok(low <= high);
      const { lowest, highest } = spreadOf(values);
      assert.ok(lowest <= low && high <= highest);
    }));
  });

  test("a round in which the machine is half as fast does not move the ratio", () => {
    assert.deepEqual(pairedRatio([90, 45, 90], [100, 50, 100]), { median: 0.9, lowest: 0.9, highest: 0.9 });
  });

  test("rounds that do not pair up are refused", () => {
    assert.throws(() => pairedRatio([1], []), RangeError);
  });
});
