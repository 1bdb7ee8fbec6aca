import assert from "node:assert/strict";
import { test } from "node:test";
import { parseInstant } from "@caudal/core";
import { fileContext, liveContext } from "./decode-context.ts";
import { loggerCivilUs, readSourceTime } from "./source-time.ts";

const at = (text: string): number => parseInstant(text, "UTC") ?? assert.fail(text);
const NOON_US = at("2026-03-01T12:00:00Z");
const RECEIVED_US = at("2026-03-01T12:00:05Z");

function read(value: unknown, zone?: string): unknown {
  const time = readSourceTime(value, "ts", "", liveContext(RECEIVED_US, zone));
  return time.ok ? time.value : time.refusal.why;
}

test("trap 18: numbers by their size: day counts, seconds, milliseconds", () => {
  assert.equal(read(46082.5), NOON_US);
  assert.equal(read(1772366400), NOON_US);
  assert.equal(read(1772366400.123456), NOON_US + 123_456);
  assert.equal(read(1772366400000), NOON_US);
  assert.equal(read(1772366400000.5), NOON_US + 500);
  assert.equal(read("1772366400000"), NOON_US);
  assert.equal(read("1772366400"), NOON_US);
});

test("a day count is a local clock's", () => {
  assert.equal(read(46082.375, "America/Santiago"), NOON_US);
});

test("numbers before 2015 are implausible, and so is all that is more than a day ahead", () => {
  for (const value of [0, -1, 12.5, 36_524, 1420070399, 1420070399999, "2026", 1772366400000000, at("2026-03-02T12:00:06Z") / 1e6, "2026-03-02T12:00:05.000001Z", "9999-12-31T00:00:00Z"]) {
    assert.equal(read(value), "implausible-time", String(value));
  }
  assert.equal(read(1420070400), at("2015-01-01T00:00:00Z"));
  assert.equal(read(at("2026-03-02T12:00:05Z") / 1e6), at("2026-03-02T12:00:05Z"));
});

test("written dates may be any after 1900", () => {
  assert.equal(read("1900-01-01T00:00:00Z"), at("1900-01-01T00:00:00Z"));
  assert.equal(read("1899-12-31T23:59:59Z"), "implausible-time");
  assert.equal(read("2026-03-01T12:00:00.120458791Z"), NOON_US + 120_458);
});

test("no time is null, nonsense is refused", () => {
  assert.deepEqual([null, undefined, "", "  "].map((value) => read(value)), [null, null, null, null]);
  assert.deepEqual([true, {}, [], "noon", "2026-02-30T00:00:00Z"].map((value) => read(value)), Array(5).fill("wrong-type"));
  assert.deepEqual([NaN, Infinity, "1e999"].map((value) => read(value)), Array(3).fill("not-finite"));
});

test("a time without an offset is read in the mapping's zone", () => {
  assert.equal(read("2026-03-01 09:00:00", "America/Santiago"), NOON_US);
  assert.equal(read("2026-03-01 12:00:00"), NOON_US);
});

test("of a repeated hour a live message takes the pass nearest before its receipt", () => {
  const during = (received: string): unknown => {
    const time = readSourceTime("2026-04-04T23:30:00", "ts", "", liveContext(at(received), "America/Santiago"));
    return time.ok && time.value;
  };
  assert.equal(during("2026-04-05T02:30:10Z"), at("2026-04-05T02:30:00Z"));
  assert.equal(during("2026-04-05T03:30:10Z"), at("2026-04-05T03:30:00Z"));
});

test("of a repeated hour a file's rows take the first pass, then the second", () => {
  const context = fileContext(at("2026-05-01"), "America/Santiago");
  const passes = ["23:00", "23:30", "23:00", "23:30", "23:59"].map((clock) => {
    const time = readSourceTime(`2026-04-04 ${clock}`, "ts", "flow", context);
    return time.ok ? time.value : time.refusal.why;
  });
  assert.deepEqual(passes, ["02:00", "02:30", "03:00", "03:30", "03:59"].map((clock) => at(`2026-04-05T${clock}:00Z`)));
});

test("a clock that was not moved in spring is read as it stood", () => {
  assert.equal(read("2025-09-07 00:30:00", "America/Santiago"), at("2025-09-07T04:30:00Z"));
});

test("a logger's three orders of a date", () => {
  for (const date of ["01-03-2026", "1-3-2026", "2026-03-01", "03/01/2026", "3/1/2026"]) assert.equal(loggerCivilUs(date, "12:00:00"), NOON_US, date);
  assert.equal(loggerCivilUs("01-03-2026", "12:00:00,25"), NOON_US + 250_000);
  assert.equal(loggerCivilUs("01-03-2026", "12:00"), NOON_US);
  for (const [date, clock] of [["13/01/2026", "12:00"], ["31-02-2026", "12:00"], ["01-03-26", "12:00"], ["01-03-2026", "25:00"], ["01-03-2026", ""], ["", "12:00"]] as const) {
    assert.equal(loggerCivilUs(date, clock), undefined, `${date} ${clock}`);
  }
});

test("trap 2: what says its offset is the same instant in any zone, in January, in July and on both nights that the clock changes", () => {
  for (const instant of ["2026-01-15T15:00:00Z", "2026-07-15T15:00:00Z", "2026-04-05T02:30:00Z", "2026-04-05T03:30:00Z", "2025-09-07T03:30:00Z", "2025-09-07T04:30:00Z"]) {
    const context = liveContext(at("2026-08-01"), "America/Santiago");
    const seconds = at(instant) / 1e6;
    for (const written of [instant, instant.replace("Z", "+00:00"), seconds, seconds * 1000, new Date(seconds * 1000 - 3 * 3_600_000).toISOString().replace("Z", "-03:00"), new Date(seconds * 1000 - 4 * 3_600_000).toISOString().replace("Z", "-04:00")]) {
      const time = readSourceTime(written, "ts", "", context);
      assert.equal(time.ok && time.value, at(instant), String(written));
    }
  }
  const local = (text: string): unknown => {
    const time = readSourceTime(text, "ts", "", liveContext(at("2026-08-01"), "America/Santiago"));
    return time.ok && time.value;
  };
  assert.deepEqual([local("2026-01-15 12:00:00"), local("2026-07-15 12:00:00")], [at("2026-01-15T15:00:00Z"), at("2026-07-15T16:00:00Z")], "without an offset it is the zone's own");
});
