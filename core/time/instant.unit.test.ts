import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { formatInstant, parseInstant, parseWrittenTime } from "./instant.ts";

const NOON_US = Date.UTC(2026, 2, 1, 12) * 1000;

test("one instant in all its spellings", () => {
  for (const text of [
    "2026-03-01T12:00:00Z", "2026-03-01t12:00:00z", "2026-03-01 12:00:00Z", "2026-03-01T12:00Z", "2026-03-01T09:00:00-03:00",
    "2026-03-01T09:00:00-0300", "2026-03-01T09:00:00-03", "2026-03-01 09:00:00 -03:00", "2026-03-01T17:30:00+05:30", "20260301T120000Z",
    "2026-03-01T12:00:00.000000000Z", "2026-03-01T12:00:00,0Z", "2026-03-01 12:00:00 UTC", "2026-03-01T12:00:00-00:00", "2026-02-28T24:00:00-12:00",
  ]) assert.equal(parseInstant(text), NOON_US, text);
});

test("fractions of any length are cut to microseconds", () => {
  assert.equal(parseInstant("2026-03-01T12:00:00.120458791Z"), NOON_US + 120_458);
  assert.equal(parseInstant("2026-03-01T12:00:00.1Z"), NOON_US + 100_000);
  assert.equal(parseInstant("1969-12-31T23:59:59.9999999Z"), -1);
});

test("a time without an offset needs a zone", () => {
  assert.equal(parseInstant("2026-03-01 09:00:00"), undefined);
  assert.equal(parseInstant("2026-03-01 09:00:00", "America/Santiago"), NOON_US);
  assert.equal(parseInstant("2026-03-01", "UTC"), NOON_US - 12 * 3.6e9);
  assert.deepEqual(parseWrittenTime("2026-03-01"), { civilUs: NOON_US - 12 * 3.6e9, offsetUs: null });
});

test("a leap second is the second after it", () => {
  assert.equal(parseInstant("2016-12-31T23:59:60Z"), Date.UTC(2017, 0, 1) * 1000);
});

test("what is no time is undefined", () => {
  for (const text of [
    "", "12:00", "2026-13-01T00:00:00Z", "2026-02-29T00:00:00Z", "2026-03-01T25:00:00Z", "2026-03-01T24:00:01Z", "2026-03-01T12:60:00Z",
    "2026-03-01T12:00:61Z", "2026-03-01T12:00:00+24:00", "2026-03-01Z", "2026-03-01-03:00", "2026-3-1", "01-03-2026", "2026-03-01T12:00:00ZZ", "1772366400",
  ]) assert.equal(parseInstant(text, "UTC"), undefined, text);
});

test("format writes as many digits as the instant needs", () => {
  assert.equal(formatInstant(NOON_US), "2026-03-01T12:00:00Z");
  assert.equal(formatInstant(NOON_US + 120_000), "2026-03-01T12:00:00.12Z");
  assert.equal(formatInstant(-1), "1969-12-31T23:59:59.999999Z");
});

test("what is formatted parses to the same instant", () => {
  const instant = fc.integer({ min: Date.UTC(1900, 0) * 1000, max: Date.UTC(2100, 0) * 1000 });
  fc.assert(fc.property(instant, (instantUs) => { assert.equal(parseInstant(formatInstant(instantUs)), instantUs); }));
});
