import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { parseInstant } from "./instant.ts";
import { civilToInstant, civilToInstants, instantToCivil, isZone, zoneOffsetUs } from "./zone.ts";

const HOUR_US = 3_600_000_000;
const us = (text: string): number => parseInstant(text, "UTC") ?? assert.fail(text);

test("Santiago stands at UTC-3 in summer and UTC-4 in winter", () => {
  assert.equal(instantToCivil(us("2026-01-15T12:00:00Z"), "America/Santiago"), us("2026-01-15T09:00:00Z"));
  assert.equal(instantToCivil(us("2026-07-15T12:00:00Z"), "America/Santiago"), us("2026-07-15T08:00:00Z"));
});

test("the autumn night shows an hour twice, the spring night skips one", () => {
  assert.deepEqual(civilToInstants(us("2026-04-04T23:30:00"), "America/Santiago"), [us("2026-04-05T02:30:00Z"), us("2026-04-05T03:30:00Z")]);
  assert.deepEqual(civilToInstants(us("2026-04-04T22:59:59"), "America/Santiago"), [us("2026-04-05T01:59:59Z")]);
  assert.deepEqual(civilToInstants(us("2026-04-05T00:00:00"), "America/Santiago"), [us("2026-04-05T04:00:00Z")]);
  assert.deepEqual(civilToInstants(us("2026-09-06T00:30:00"), "America/Santiago"), []);
  assert.equal(civilToInstant(us("2026-09-06T00:30:00"), "America/Santiago"), us("2026-09-06T04:30:00Z"));
  assert.deepEqual(civilToInstants(us("2026-09-06T01:00:00"), "America/Santiago"), [us("2026-09-06T04:00:00Z")]);
});

test("a transition holds from its very second", () => {
  assert.equal(zoneOffsetUs(us("2026-03-29T00:59:59Z"), "Europe/Madrid"), HOUR_US);
  assert.equal(zoneOffsetUs(us("2026-03-29T01:00:00Z"), "Europe/Madrid"), 2 * HOUR_US);
});

test("a zone that crossed the date line skipped a whole day", () => {
  assert.deepEqual(civilToInstants(us("2011-12-30T12:00:00"), "Pacific/Apia"), []);
});

test("offsets of whole and half hours, and the regulator's fixed one", () => {
  assert.equal(zoneOffsetUs(us("2026-03-01"), "Asia/Kolkata"), 5.5 * HOUR_US);
  assert.equal(zoneOffsetUs(us("2026-03-01"), "Etc/GMT+4"), -4 * HOUR_US);
});

test("names that are no zone", () => {
  assert.equal(isZone("America/Santiago"), true);
  assert.equal(isZone("America/Atlantis"), false);
  assert.throws(() => zoneOffsetUs(0, ""), RangeError);
});

test("every instant is among those of its civil time, on both sides of 1970", () => {
  const zone = fc.constantFrom("America/Santiago", "Europe/Madrid", "Australia/Lord_Howe", "Africa/Casablanca", "UTC");
  const instant = fc.integer({ min: us("1900-01-01") / 1e6, max: us("2060-01-01") / 1e6 });
  fc.assert(fc.property(zone, instant, (name, seconds) => {
    const instantUs = seconds * 1e6;
    const instants = civilToInstants(instantToCivil(instantUs, name), name);
    assert.ok(instants.includes(instantUs));
    assert.ok(instants.length <= 2);
  }), { numRuns: 300 });
});

test("walking through more zones and ages than are remembered gives the same answers", () => {
  for (let year = 1000; year < 1800; year += 1) zoneOffsetUs(us(`${year}-06-01T00:00:00Z`), "UTC");
  for (const name of Intl.supportedValuesOf("timeZone").slice(0, 80)) zoneOffsetUs(0, name);
  assert.equal(zoneOffsetUs(us("2026-01-15"), "America/Santiago"), -3 * HOUR_US);
});
