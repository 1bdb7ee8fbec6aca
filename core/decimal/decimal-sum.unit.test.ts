import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { addDecimals, DecimalSum, subtractDecimals } from "./decimal-sum.ts";

test("sums and differences are those of the numbers as they are written", () => {
  assert.equal(addDecimals(0.1, 0.2), 0.3);
  assert.equal(subtractDecimals(999_999_999_999.999, 0.001), 999_999_999_999.998);
  assert.equal(subtractDecimals(1.1, 1), 0.1);
  assert.equal(subtractDecimals(5, 5), 0);
  assert.ok(Object.is(subtractDecimals(0, 0), 0));
  assert.equal(addDecimals(1e308, -1e308), 0);
  assert.equal(addDecimals(5e-324, 5e-324), 1e-323);
  assert.equal(addDecimals(123_456_789_012_345_680, 0.5), 123_456_789_012_345_680.5);
  assert.equal(new DecimalSum().value(), 0);
});

test("what fifteen digits cannot hold is carried on exactly", () => {
  const sum = new DecimalSum();
  for (let i = 0; i < 10_000; i++) sum.add(999_999_999_999.999).add(0.000_000_001);
  for (let i = 0; i < 10_000; i++) sum.subtract(999_999_999_999.999);
  assert.equal(sum.value(), 0.000_01);
});

test("what is not finite cannot be summed", () => {
  for (const value of [NaN, Infinity, -Infinity]) assert.throws(() => new DecimalSum().add(value), RangeError);
});

test("a sum of decimals is the decimal sum, in any order and with any doubles", () => {
  const decimal = fc.tuple(fc.integer({ min: -999_999_999, max: 999_999_999 }), fc.integer({ min: 0, max: 6 }));
  fc.assert(fc.property(fc.array(decimal, { maxLength: 40 }), (parts) => {
    const units = parts.reduce((total, [digits, scale]) => total + BigInt(digits) * 10n ** BigInt(6 - scale), 0n);
    const sum = new DecimalSum();
    for (const [digits, scale] of parts) sum.add(Number(`${digits}e-${scale}`));
    assert.equal(sum.value(), Number(`${units}e-6`));
  }));
  fc.assert(fc.property(fc.array(fc.double({ noNaN: true, noDefaultInfinity: true })), (values) => {
    const sum = new DecimalSum();
    for (const value of values) sum.add(value);
    for (const value of values.toReversed()) sum.subtract(value);
    return sum.value() === 0;
  }), { numRuns: 50 });
});

test("the increments of a growing total add up to its last value minus its first", () => {
  const increments = fc.array(fc.integer({ min: 0, max: 1_000_000 }), { minLength: 1 });
  fc.assert(fc.property(increments, fc.integer({ min: 0, max: 900_000_000 }), (steps, start) => {
    const totals = [start];
    for (const step of steps) totals.push(totals.at(-1)! + step);
    const readings = totals.map((units) => units / 1000);
    const sum = new DecimalSum();
    for (let i = 1; i < readings.length; i++) sum.add(subtractDecimals(readings[i]!, readings[i - 1]!));
    return sum.value() === subtractDecimals(readings.at(-1)!, readings[0]!);
  }));
});
