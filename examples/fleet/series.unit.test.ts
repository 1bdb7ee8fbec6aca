import assert from "node:assert/strict";
import { test } from "node:test";
import { hourlyRows, seriesOf } from "./test-series.ts";

const TAP = { format: "weusedto-tap", keys: [{ key: "flow", unit: "mL/s", column: 1 }] };

test("rows keep the order, the digits and the late times of the file", () => {
  const series = seriesOf(
    "user key;datetime;meter reading;diff\nk;01/01/2017 10:00:00;5;0\nk;01/01/2017 12:00:00;6e+05;0\nk;01/01/2017 11:00:00;7.50;0\r\nk;01/01/2017 13:00:00;NULL;0",
  );
  assert.deepEqual([0, 1, 2, 3].map((i) => series.values(i)[0]), ["5", "6e+05", "7.50", null]);
  assert.deepEqual([...series.timesMs].map((ms) => new Date(ms).getUTCHours()), [9, 11, 10, 12]);
  assert.deepEqual([...series.dueMs].map((ms) => new Date(ms).getUTCHours()), [9, 11, 11, 12], "a late row is due with the row before it");
  assert.deepEqual(series.growth, ["2.50"], "the last value that is one, minus the first");
});

test("a row without a readable time is left out", () => {
  assert.equal(seriesOf("head\nk;01/01/2017 10:00:00;5;0\nk;soon;6;0\n;;;\n").timesMs.length, 1);
});

test("from and to cut a stretch by the text of the time", () => {
  const series = seriesOf(hourlyRows(72), { from: "02/01/2017", to: "03/01/2017" });
  assert.equal(series.timesMs.length, 24);
  assert.equal(series.values(0)[0], "124");
  assert.throws(() => seriesOf(hourlyRows(5), { from: "09/09/2019" }), /home-1: home-1.csv.gz holds no row/);
});

test("silence is skipped, and compressed time is a row a second", () => {
  const text = "1550000000 0.0\n1550000300 0.0\n1550000600 9.0\n1550000601 9.0\n1550000602 0.0\n1550000900 0.0\n1550001200 4.0\n";
  const series = seriesOf(text, { ...TAP, skipSilence: true, time: "compressed" });
  assert.deepEqual([...series.timesMs], [0, 1000, 2000, 3000, 4000]);
  assert.deepEqual([0, 1, 2, 3, 4].map((i) => series.values(i)[0]), ["0.0", "9.0", "9.0", "0.0", "4.0"]);
  assert.equal(seriesOf(text, TAP).timesMs.length, 7, "every row without it");
});

test("the usual step survives gaps and single rows", () => {
  assert.equal(seriesOf(hourlyRows(10)).stepMs, 3_600_000);
  assert.equal(seriesOf(hourlyRows(1)).stepMs, 1000);
});
