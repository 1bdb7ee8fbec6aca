import assert from "node:assert/strict";
import { test } from "node:test";
import { countDue, dueMs, firstPlacement, realigned, roundMs, roundOf, sampleMs, withinMemory } from "./schedule.ts";
import { hourlyRows, seriesOf } from "./test-series.ts";

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const NOW = Date.UTC(2026, 2, 10, 15, 20, 30, 400);
const yearLong = seriesOf(hourlyRows(365 * 24));
const tenDays = seriesOf(hourlyRows(240));
const compressed = seriesOf(hourlyRows(600), { time: "compressed" });

test("now lies after the first 60 days of a long series, in whole days", () => {
  const placement = firstPlacement(yearLong, NOW);
  const behind = NOW - dueMs(yearLong, placement, 0);
  assert.ok(behind >= 60 * DAY && behind < 61 * DAY, `${behind / DAY} days`);
  assert.equal(placement.offsetMs % DAY, 0);
  const due = countDue(yearLong, placement, NOW);
  assert.ok(due >= 60 * 24 && due <= 61 * 24, `${due} rows`);
});

test("now lies after two thirds of a shorter one, wall-clock or compressed", () => {
  const due = countDue(tenDays, firstPlacement(tenDays, NOW), NOW);
  assert.ok(Math.abs(due - 160) <= 1, `${due} rows`);
  const seconds = countDue(compressed, firstPlacement(compressed, NOW), NOW);
  assert.ok(Math.abs(seconds - 400) <= 1, `${seconds} rows`);
  assert.equal(sampleMs(compressed, firstPlacement(compressed, NOW), 7) % 1000, 0);
});

test("a long compressed series starts with no more than 10,000 rows", () => {
  const long = seriesOf(hourlyRows(18_000), { time: "compressed" });
  const due = countDue(long, firstPlacement(long, NOW), NOW);
  assert.ok(due >= 10_000 && due <= 10_001, `${due} rows`);
});

test("one row becomes due an hour later, and not before", () => {
  const placement = { ...firstPlacement(yearLong, NOW), next: 0 };
  const next = countDue(yearLong, placement, NOW);
  const at = dueMs(yearLong, placement, next);
  assert.equal(countDue(yearLong, { ...placement, next }, at - 1), 0);
  assert.equal(countDue(yearLong, { ...placement, next }, at), 1);
  assert.equal(countDue(yearLong, placement, dueMs(yearLong, placement, 0) - 1), 0, "a clock set back makes nothing due");
});

test("rounds follow on: the next begins after the last row at its time of day", () => {
  const rows = tenDays.timesMs.length;
  const placement = { offsetMs: 0, next: 0 };
  assert.equal(roundMs(tenDays), 10 * DAY);
  assert.equal(roundOf(tenDays, rows), 1);
  assert.equal(sampleMs(tenDays, placement, rows) - sampleMs(tenDays, placement, rows - 1), HOUR);
  assert.equal(countDue(tenDays, placement, sampleMs(tenDays, placement, 5 * rows + 3)), 5 * rows + 4);
  assert.equal(roundMs(compressed), 600_000);
});

test("a late row at the end of a round does not shorten it", () => {
  const series = seriesOf("head\nk;01/01/2017 10:00:00;1;0\nk;01/01/2017 13:00:00;2;0\nk;01/01/2017 11:00:00;3;0\n");
  const placement = { offsetMs: 0, next: 0 };
  assert.ok(sampleMs(series, placement, 3) > sampleMs(series, placement, 1));
  assert.equal(dueMs(series, placement, 2), dueMs(series, placement, 1));
});

test("what was missed is sent on return, but not beyond a logger’s memory", () => {
  const first = firstPlacement(yearLong, NOW);
  const placement = { ...first, next: countDue(yearLong, first, NOW) };
  assert.equal(withinMemory(yearLong, placement, NOW + 20 * DAY), placement);
  assert.equal(countDue(yearLong, placement, NOW + 20 * DAY), 20 * 24);
  const away = withinMemory(yearLong, placement, NOW + 800 * DAY);
  assert.equal(away.offsetMs, placement.offsetMs);
  assert.ok(Math.abs(countDue(yearLong, away, NOW + 800 * DAY) - 90 * 24) <= 1, "ninety days, give or take the hour that clocks change by");
});

test("a compressed series loses no row: its time moves on instead", () => {
  const placement = { ...firstPlacement(compressed, NOW), next: 500 };
  const away = withinMemory(compressed, placement, NOW + DAY);
  assert.equal(away.next, 500);
  assert.equal(countDue(compressed, away, NOW + DAY), 3 * 3600);
  assert.equal(dueMs(compressed, realigned(compressed, placement, NOW), 500), NOW);
});
