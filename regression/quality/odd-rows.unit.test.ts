import assert from "node:assert/strict";
import { test } from "node:test";
import { readMeters, type MeterRow } from "./meter-file.ts";
import { hasGapBefore, inTimeOrder, kindsOf } from "./odd-rows.ts";

const HOUR_US = 3_600_000_000;
const hourly = (...litres: number[]): MeterRow[] => litres.map((value, hour) => ({ timeUs: hour * HOUR_US, text: String(value), litres: value }));
const kinds = (...litres: number[]): string[] => kindsOf(hourly(...litres));

test("what a row is shows in how far it fell and in whether the readings come back", () => {
  assert.deepEqual(kinds(175_307, 175_316, 175_308, 175_315, 175_331), ["plain", "plain", "step back", "step back", "plain"]);
  assert.deepEqual(kinds(307_775, 295_487, 307_788, 304_712, 307_824), ["plain", "dip", "plain", "dip", "plain"]);
  assert.deepEqual(kinds(91_755, 9179, 91_793), ["plain", "cut digits", "plain"]);
  assert.deepEqual(kinds(91_755, 0, 0, 91_793), ["plain", "zero", "zero", "plain"]);
  assert.deepEqual(kinds(91_755, 353_899, 91_793), ["plain", "peak", "plain"]);
  assert.deepEqual(kinds(91_755, 353_899, 353_910), ["plain", "jump", "plain"]);
  assert.deepEqual(kinds(91_755, 12, 40), ["plain", "reset", "plain"]);
  assert.deepEqual(kinds(65_500, 64, 80), ["plain", "turn", "plain"]);
  assert.deepEqual(kinds(91_755, -1, 91_793), ["plain", "code", "plain"]);
});

test("growth over a silence is plain, and a gap is more than three hours", () => {
  const rows = [...hourly(223_283, 223_283), { timeUs: 440 * HOUR_US, text: "226424", litres: 226_424 }];
  assert.deepEqual(kindsOf(rows), ["plain", "plain", "plain"]);
  assert.deepEqual(rows.map((_, index) => hasGapBefore(rows, index)), [false, false, true]);
});

test("civil time of Madrid: summer time from the last Sunday of March, the repeated hour by the order of the file", () => {
  const text = ["key;time;reading;diff", ...["27/03/2016 01:30:00", "27/03/2016 03:30:00", "30/10/2016 01:05:36", "30/10/2016 02:05:24", "30/10/2016 02:05:36", "30/10/2016 02:05:24", "30/10/2016 03:05:24"].map((time, at) => `m;${time};${at};1`), "m;30/10/2016 04:00:00;6e+05;", ""].join("\n");
  const [meter] = readMeters(text);
  assert.deepEqual(meter?.rows.map(({ timeUs }) => new Date(timeUs / 1000).toISOString().slice(5, 19)), [
    "03-27T00:30:00", "03-27T01:30:00", "10-29T23:05:36", "10-30T00:05:24", "10-30T00:05:36", "10-30T01:05:24", "10-30T02:05:24", "10-30T03:00:00",
  ]);
  assert.equal(meter?.rows.at(-1)?.litres, 600_000);
  assert.throws(() => readMeters("key;time;reading\nm;2016-03-27;1"), /no date/);
});

test("of rows with one instant the last that came stands", () => {
  const [first, second] = hourly(5, 9);
  assert.deepEqual(inTimeOrder([second!, first!, { ...second!, litres: 10 }]).map(({ litres }) => litres), [5, 10]);
});
