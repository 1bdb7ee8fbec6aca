import assert from "node:assert/strict";
import { test } from "node:test";
import { addDecimal, subtractDecimal, timesDecimal } from "./decimal.ts";

test("sums are exact where doubles are not", () => {
  assert.equal(addDecimal("0.1", "0.2"), "0.3");
  assert.equal(addDecimal("999999999999.999", "0.001"), "1000000000000.000");
  assert.equal(addDecimal("-0.05", "0.02"), "-0.03");
  assert.equal(subtractDecimal("12", "12.5"), "-0.5");
  assert.equal(timesDecimal("10.5", 3), "31.5");
});

test("an exponent is a decimal too", () => {
  assert.equal(addDecimal("6e+05", "1"), "600001");
  assert.equal(addDecimal("25e-3", "1"), "1.025");
  assert.equal(addDecimal("1.5e1", "0"), "15");
});

test("what is no decimal stays as it is", () => {
  assert.equal(addDecimal("n/a", "1"), "n/a");
  assert.equal(addDecimal("1", "n/a"), "1");
  assert.equal(subtractDecimal("1", "n/a"), "1");
  assert.equal(timesDecimal("n/a", 2), "n/a");
});
