import assert from "node:assert/strict";
import { test } from "node:test";
import { dayFirst, epochSeconds, fixedOffset, madrid, madridOffsetHours, yearFirst } from "./civil-time.ts";

const iso = (ms: number): string => new Date(ms).toISOString();
const inMadrid = new Intl.DateTimeFormat("en-GB", { timeZone: "Europe/Madrid", dateStyle: "short", timeStyle: "medium" });

test("reads each way of writing a time that the sources use", () => {
  assert.equal(iso(dayFirst("30/10/2016 02:08:53")), "2016-10-30T02:08:53.000Z");
  assert.equal(iso(dayFirst("04-07-2014 15:00")), "2014-07-04T15:00:00.000Z");
  assert.equal(iso(yearFirst("2020-01-01 00:15:00.250")), "2020-01-01T00:15:00.250Z");
  assert.equal(iso(yearFirst("2017-01-01 00:15")), "2017-01-01T00:15:00.000Z");
  assert.equal(iso(yearFirst("2018-06-01 04:00:00+00:00")), "2018-06-01T04:00:00.000Z");
  assert.equal(iso(epochSeconds("1550846755")), "2019-02-22T14:45:55.000Z");
  for (const read of [dayFirst, yearFirst, epochSeconds]) assert.ok(Number.isNaN(read("no time")));
});

test("a clock that never changes is subtracted", () => {
  assert.equal(iso(fixedOffset(1)(yearFirst("2015-07-01 00:30:00"), -Infinity)), "2015-06-30T23:30:00.000Z");
  assert.equal(iso(fixedOffset(-7)(yearFirst("2017-07-01 20:00"), -Infinity)), "2017-07-02T03:00:00.000Z");
});

test("every hour of Madrid over three years reads back to itself, the repeated one in the order of the rows", () => {
  let previous = Date.UTC(2015, 11, 31);
  for (let instant = previous + 3_600_000; instant < Date.UTC(2019, 0, 1); instant += 3_600_000) {
    const read = madrid(dayFirst(inMadrid.format(instant).replace(",", "")), previous);
    assert.equal(read, instant, `${inMadrid.format(instant)} read as ${iso(read)}`);
    previous = read;
  }
});

test("the night of October with three rows in the repeated hour keeps them in order", () => {
  const rows = ["30/10/2016 01:05:36", "30/10/2016 02:05:24", "30/10/2016 02:05:36", "30/10/2016 02:05:24", "30/10/2016 03:05:24"];
  let previous = -Infinity;
  const read = rows.map((row) => iso((previous = madrid(dayFirst(row), previous))).slice(11, 19));
  assert.deepEqual(read, ["23:05:36", "00:05:24", "00:05:36", "01:05:24", "02:05:24"]);
});

test("a time inside the hour that March skips is read as if the clock had not moved", () => {
  assert.equal(iso(madrid(dayFirst("27/03/2016 02:30:00"), -Infinity)), "2016-03-27T01:30:00.000Z");
  assert.equal(iso(madrid(dayFirst("27/03/2016 03:00:00"), -Infinity)), "2016-03-27T01:00:00.000Z");
});

test("the offset that a logger would write follows the seasons", () => {
  assert.equal(madridOffsetHours(Date.UTC(2026, 0, 15)), 1);
  assert.equal(madridOffsetHours(Date.UTC(2026, 6, 15)), 2);
});
