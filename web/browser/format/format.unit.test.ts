import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { axisLabels, formatAge, formatDay, formatInstant, formatSpan, formatWeekday, fromFieldValue, toFieldValue } from "./instant.ts";
import { formatBytes, formatCount, formatExact, formatRate, formatShare, formatShort, formatShown, formatUnit, parseTyped } from "./number.ts";

const NOON = Date.UTC(2026, 10, 22, 12, 0, 0);
const utc = { zone: "UTC" };

describe("numbers", () => {
  test("no digit that a value holds is lost", () => {
    assert.equal(formatExact(999_999_999_999.999, "es"), "999.999.999.999,999");
    assert.equal(formatExact(999_999_999_999.999, "en"), "999,999,999,999.999");
    assert.equal(formatExact(12.5, "es"), "12,5");
    assert.equal(formatExact(0.123456789012345, "en"), "0.123456789012345");
    assert.equal(formatExact(1e20, "en"), "1E20");
    assert.equal(formatExact(0, "es"), "0");
  });

  test("a value has its variable's digits, and none that is there reads as zero", () => {
    assert.deepEqual([formatShown(1.23456, 2, "es"), formatShown(12_345.6789, 3, "en"), formatShown(0.0049, 2, "en"), formatShown(0.005, 2, "en"), formatShown(0, 2, "en"), formatShown(7.4, 0, "en")], ["1,23", "12,345.679", "0.0049", "0.01", "0", "7"]);
    assert.equal(formatShown(1.23456, null, "en"), formatShort(1.23456, "en"));
  });

  test("a headline is short and never rounds up to a value that nobody measured", () => {
    assert.equal(formatShort(999_999_999_999.999, "es"), "999.999.999.999,9");
    assert.equal(formatShort(12_345.678, "en"), "12,345.7");
    assert.equal(formatShort(123.456, "en"), "123.46");
    assert.equal(formatShort(1.23456, "es"), "1,235");
    assert.equal(formatShort(0.0123456, "es"), "0,0123");
    assert.equal(formatShort(1e-9, "en"), "1E-9");
  });

  test("almost all is not all", () => {
    assert.match(formatShare(0.99999, "en"), /^99\.9/);
    assert.match(formatShare(1, "es"), /^100/);
  });

  test("counts, rates and sizes", () => {
    assert.equal(formatCount(15_321.4, "es"), "15.321");
    assert.equal(formatRate(3.14, "es"), "3,1");
    assert.equal(formatRate(31.4, "es"), "31");
    assert.match(formatBytes(38, "en"), /^38 bytes?$/);
    assert.match(formatBytes(2_500_000, "en"), /^2\.5 ?MB$/);
  });

  test("unit codes are written as people write them", () => {
    assert.deepEqual(["m3", "Cel", "L/s", "pulse"].map(formatUnit), ["m³", "°C", "L/s", ""]);
  });

  test("typed numbers take a comma or a point, and words are none", () => {
    assert.equal(parseTyped(" 12,5 "), 12.5);
    assert.equal(parseTyped("-3.25"), -3.25);
    assert.equal(parseTyped(""), null);
    assert.ok(Number.isNaN(parseTyped("twelve")));
    assert.ok(Number.isNaN(parseTyped("1.234,5")));
  });
});

describe("instants", () => {
  test("dates and times in both languages", () => {
    assert.match(formatInstant(NOON, "es", utc), /22.*nov.*2026.*12:00:00/);
    assert.doesNotMatch(formatInstant(NOON, "es", { ...utc, seconds: false }), /:00:00/);
    assert.match(formatDay(NOON, "en", utc), /22 Nov 2026/);
    assert.match(formatWeekday(NOON, "es", utc), /dom.*22/);
  });

  test("ages in the largest fitting unit, ahead of the clock by a little is now", () => {
    assert.equal(formatAge(3_000, "es"), "hace 3 s");
    assert.equal(formatAge(-1_500, "es"), "hace 0 s");
    assert.match(formatAge(-60_000, "es"), /^dentro de 60 s/);
    assert.equal(formatAge(5 * 60_000, "es"), "hace 5 min");
    assert.equal(formatAge(5 * 3_600_000, "es"), "hace 5 h");
    assert.equal(formatAge(18 * 86_400_000, "es"), "hace 18 días");
    assert.match(formatAge(9 * 365.25 * 86_400_000, "en"), /9.*yr?/);
  });

  test("axis labels name the day where it changes and no more than the step tells", () => {
    const hours = axisLabels([NOON, NOON + 13 * 3_600_000], 3_600_000, "en", utc);
    assert.deepEqual(hours, ["12:00\n22 Nov", "01:00\n23 Nov"]);
    assert.deepEqual(axisLabels([NOON, NOON + 1_000], 1_000, "en", utc), ["12:00:00\n22 Nov", "12:00:01"]);
    assert.deepEqual(axisLabels([NOON], 86_400_000, "en", utc), ["22 Nov"]);
    assert.deepEqual(axisLabels([NOON], 30 * 86_400_000, "en", utc), ["Nov\n2026"]);
    assert.deepEqual(axisLabels([NOON], 366 * 86_400_000, "en", utc), ["2026"]);
  });

  test("spans name two units", () => {
    assert.equal(formatSpan(5_400_000, "es"), "1 h 30 min");
    assert.match(formatSpan(0, "en"), /^0 sec/);
  });

  test("field values come back as they went", () => {
    assert.equal(fromFieldValue(toFieldValue(NOON)), NOON);
    assert.equal(fromFieldValue(""), null);
    assert.equal(fromFieldValue("soon"), null);
  });
});
