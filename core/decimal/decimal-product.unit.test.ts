import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { multiplyDecimals, roundDecimal } from "./decimal-product.ts";

test("products are those of the decimal forms, not of the doubles", () => {
  assert.equal(multiplyDecimals(42_817, 0.1), 4281.7);
  assert.equal(multiplyDecimals(3, 0.1), 0.3);
  assert.equal(multiplyDecimals(-1.1, 1.1), -1.21);
  assert.equal(multiplyDecimals(4_294_967_296, 0.001), 4_294_967.296);
  assert.equal(multiplyDecimals(1e-7, 1e7), 1);
  assert.ok(Object.is(multiplyDecimals(-5, 0), 0));
  assert.throws(() => multiplyDecimals(NaN, 0.5), RangeError);
});

test("halves go away from zero, by the digits that people see", () => {
  assert.equal(roundDecimal(1.005, 2), 1.01);
  assert.equal(roundDecimal(-1.005, 2), -1.01);
  assert.equal(roundDecimal(5482.5, 0), 5483);
  assert.equal(roundDecimal(12.34, 3), 12.34);
  assert.equal(roundDecimal(1e21, 0), 1e21);
  assert.ok(Object.is(roundDecimal(-0.2, 0), 0));
  assert.throws(() => roundDecimal(Infinity, 2), RangeError);
  assert.throws(() => roundDecimal(1, -1), RangeError);
});

test("products of decimals of few digits are exact", () => {
  fc.assert(fc.property(fc.integer({ min: -1e6, max: 1e6 }), fc.integer({ min: 0, max: 1e6 }), (a, b) => {
    assert.equal(multiplyDecimals(Number(`${a}e-3`), Number(`${b}e-3`)), Number(`${a * b}e-6`) + 0);
  }));
});
