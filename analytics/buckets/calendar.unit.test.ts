import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { bucketResolutions, createCalendar, DAY_US, HOUR_US, type BucketResolution } from "./calendar.ts";
import { parseZone } from "./zone-name.ts";

const us = (text: string): number => Date.parse(text) * 1000;
const hours = ({ fromUs, toUs }: { fromUs: number; toUs: number }): number => (toUs - fromUs) / HOUR_US;

test("days have 23, 24 or 25 hours", () => {
  const santiago = createCalendar("1d", "America/Santiago");
  assert.deepEqual(santiago.spanAt(us("2026-04-05T01:00:00Z")), { fromUs: us("2026-04-04T03:00:00Z"), toUs: us("2026-04-05T04:00:00Z") });
  assert.equal(hours(santiago.spanAt(us("2026-04-05T03:30:00Z"))), 25);
  assert.equal(hours(santiago.spanAt(us("2026-09-06T12:00:00Z"))), 23);
  assert.equal(hours(createCalendar("1d", "Europe/Madrid").spanAt(us("2026-03-29T12:00:00Z"))), 23);
  assert.equal(hours(createCalendar("1d", "-04:00").spanAt(us("2026-04-05T03:30:00Z"))), 24);
});

test("an hour that the clocks show twice is two buckets", () => {
  const calendar = createCalendar("1h", "America/Santiago");
  assert.deepEqual(calendar.spanAt(us("2026-04-05T02:59:00Z")), { fromUs: us("2026-04-05T02:00:00Z"), toUs: us("2026-04-05T03:00:00Z") });
  assert.deepEqual(calendar.spanAt(us("2026-04-05T03:01:00Z")), { fromUs: us("2026-04-05T03:00:00Z"), toUs: us("2026-04-05T04:00:00Z") });
  const half = createCalendar("1h", "Australia/Lord_Howe");
  assert.deepEqual(half.spanAt(us("2026-04-04T14:45:00Z")), { fromUs: us("2026-04-04T14:00:00Z"), toUs: us("2026-04-04T15:00:00Z") });
  assert.deepEqual(half.spanAt(us("2026-04-04T15:10:00Z")), { fromUs: us("2026-04-04T15:00:00Z"), toUs: us("2026-04-04T15:30:00Z") });
});

test("months are the zone's, over the end of a year too; a day that a zone skipped is in no bucket", () => {
  const month = createCalendar("1mo", "America/Santiago");
  assert.deepEqual(month.spanAt(us("2026-01-01T02:00:00Z")), { fromUs: us("2025-12-01T03:00:00Z"), toUs: us("2026-01-01T03:00:00Z") });
  assert.deepEqual(month.spanAt(us("2026-04-10T00:00:00Z")), { fromUs: us("2026-04-01T03:00:00Z"), toUs: us("2026-05-01T04:00:00Z") });
  const apia = createCalendar("1d", "Pacific/Apia");
  assert.equal(apia.spanAt(us("2011-12-30T09:00:00Z")).toUs, us("2011-12-30T10:00:00Z"));
  assert.equal(hours(apia.spanAt(us("2011-12-30T10:00:00Z"))), 24);
});

test("a zone whose clocks went back over midnight still has every instant in one day", () => {
  const calendar = createCalendar("1d", "America/St_Johns");
  // At 00:01 on 2006-10-29 clocks went back to 23:01.
  const day = calendar.spanAt(us("2006-10-29T02:45:00Z"));
  assert.ok(day.fromUs <= us("2006-10-29T02:45:00Z") && day.toUs > us("2006-10-29T02:45:00Z"));
});

test("buckets follow each other without gap in any zone and age, and each holds its instant", () => {
  const zone = fc.constantFrom("UTC", "America/Santiago", "Australia/Lord_Howe", "Asia/Kathmandu", "America/St_Johns", "Pacific/Apia", "America/Havana", "-04:00");
  const instant = fc.integer({ min: us("1900-01-01T00:00:00Z") / 1e6, max: us("2060-01-01T00:00:00Z") / 1e6 });
  fc.assert(fc.property(fc.constantFrom(...bucketResolutions), zone, instant, (resolution: BucketResolution, name, seconds) => {
    const calendar = createCalendar(resolution, name);
    const timeUs = seconds * 1e6;
    const span = calendar.spanAt(timeUs);
    assert.ok(span.fromUs <= timeUs && timeUs < span.toUs);
    assert.deepEqual(calendar.spanAt(span.fromUs), span);
    assert.deepEqual(calendar.spanAt(span.toUs - 1), span);
    const next = calendar.spanAt(span.toUs);
    assert.equal(next.fromUs, span.toUs);
    assert.ok(span.toUs - span.fromUs <= 32 * DAY_US);
  }), { numRuns: 1000 });
});

test("zones by name and by offset, as people and URLs write them", () => {
  const read: Record<string, string | undefined> = {
    "America/Santiago": "America/Santiago", UTC: "UTC", utc: "UTC", Z: "UTC", "UTC-4": "-04:00", "-04:00": "-04:00", "+0530": "+05:30", " 05:30": "+05:30",
    "UTC+5:45": "+05:45", "GMT-03": "-03:00", "UTC+0": "UTC", "Etc/GMT+4": "Etc/GMT+4", "UTC-24": undefined, "UTC-4:70": undefined, "America/Atlantis": undefined, "": undefined,
  };
  for (const [text, zone] of Object.entries(read)) assert.equal(parseZone(text), zone, text);
});
