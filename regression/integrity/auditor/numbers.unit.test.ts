import assert from "node:assert/strict";
import { suite, test } from "node:test";
import fc from "fast-check";
import { decimalOf, minus, numberOf, plus, zero } from "./decimal.ts";
import { consumptionOf, RollupFold, startOf } from "./rollup-fold.ts";
import { expectedValue, isSameValue } from "./units.ts";

const MINUTE_US = 60_000_000;

suite("numbers", () => {
  test("decimals are exact: 0.1 and 0.2 are 0.3, and adding then taking away leaves nothing", () => {
    assert.equal(numberOf(plus(decimalOf(0.1), decimalOf(0.2))), 0.3);
    fc.assert(fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), fc.double({ noNaN: true, noDefaultInfinity: true }), (a, b) => {
      assert.equal(numberOf(decimalOf(a)), a === 0 ? 0 : a);
      assert.equal(minus(plus(decimalOf(a), decimalOf(b)), decimalOf(b)).units === 0n, a === 0);
    }));
    assert.deepEqual(decimalOf(1.5e21), { units: 15n * 10n ** 20n, scale: 0 });
  });

  test("a value without conversion must be the same double; a converted one may differ in its last digit", () => {
    assert.ok(isSameValue(expectedValue(0.1, "level", "m"), 0.1));
    assert.ok(!isSameValue(expectedValue(0.1, "level", "m"), 0.1 + 2 ** -56));
    assert.equal(expectedValue(90, "flow", "m3/h").value, 25);
    assert.equal(expectedValue(212, "temperature", "degF").value, 100);
    assert.ok(isSameValue(expectedValue(10, "flow", "m3/d"), 10 / 86.4));
    assert.ok(!isSameValue(expectedValue(10, "flow", "m3/d"), 0.1158));
    assert.ok(!isSameValue(expectedValue(10, "flow", "m3/d"), null));
  });

  test("a number that says that there is no reading gives a fact without a value", () => {
    assert.equal(expectedValue(-9999, "flow", "L/s").value, null);
    assert.equal(expectedValue(-999, "level", "cm").value, -9.99);
    assert.equal(expectedValue(-1, "pulses", "pulse").value, null);
    assert.equal(expectedValue(-1, "level", "m").value, -1);
  });

  test("buckets hold what a plain look at their facts says", () => {
    const fact = fc.record({ minute: fc.integer({ min: 0, max: 3000 }), value: fc.option(fc.integer({ min: 0, max: 1_000_000 }).map((units) => units / 1000)), flag: fc.integer({ min: 1, max: 4 }) });
    fc.assert(fc.property(fc.uniqueArray(fact, { selector: ({ minute }) => minute, maxLength: 60 }), (facts) => {
      const inOrder = facts.toSorted((a, b) => a.minute - b.minute);
      const fold = new RollupFold([]);
      for (const { minute, value, flag } of inOrder) fold.take("total", minute * MINUTE_US, value, flag);
      const counting = inOrder.filter(({ value, flag }) => value !== null && flag < 4);
      for (const { level, fromUs, bucket } of fold.all()) {
        const inside = ({ minute }: { minute: number }): boolean => startOf(level, minute * MINUTE_US) === fromUs;
        const values = counting.filter(inside).map(({ value }) => value!);
        assert.equal(bucket.count, inOrder.filter(inside).length);
        assert.equal(bucket.flagged, inOrder.filter(inside).filter(({ flag }) => flag >= 3).length);
        if (values.length > 0) assert.deepEqual([bucket.min, bucket.max, bucket.first, bucket.last], [Math.min(...values), Math.max(...values), values[0], values.at(-1)]);
        else assert.ok(Number.isNaN(bucket.min));
        const growth = counting.map((one, at) => ({ ...one, growth: at === 0 ? undefined : Math.max(0, Math.round(one.value! * 1000) - Math.round(counting[at - 1]!.value! * 1000)) }));
        const grown = growth.filter(inside).flatMap((one) => (one.growth === undefined ? [] : [one.growth]));
        if (grown.length === 0) assert.ok(Number.isNaN(consumptionOf(bucket)));
        else assert.equal(consumptionOf(bucket), grown.reduce((sum, one) => sum + one, 0) / 1000);
      }
    }));
  });

  test("a marked bucket and that of the next value behind it wait, with the hours and days that hold them", () => {
    const quarter = 15 * MINUTE_US;
    const fold = new RollupFold([{ fromUs: 0, toUs: quarter }]);
    for (const minute of [5, 20, 100, 2000]) fold.take("total", minute * MINUTE_US, minute, 1);
    assert.deepEqual([0, 1, 6].map((number) => fold.isSettled("15m", number * quarter)), [false, false, true]);
    assert.deepEqual([fold.isSettled("1h", 0), fold.isSettled("1h", 60 * MINUTE_US)], [false, true]);
    assert.deepEqual([fold.isSettled("1d", 0), fold.isSettled("1d", 1440 * MINUTE_US)], [false, true]);
    assert.equal(numberOf(zero), 0);
  });
});
