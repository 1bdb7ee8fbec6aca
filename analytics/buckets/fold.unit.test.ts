import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { addDecimals, subtractDecimals, type RowBlock } from "@caudal/core";
import { bucketOf } from "../test-model.ts";
import { combineInto, emptyBucket, meanOf, type Bucket, type BucketRow } from "./bucket.ts";
import { createCalendar, HOUR_US, MINUTE_US, type Calendar } from "./calendar.ts";
import { BucketFold } from "./fold.ts";

interface Fact {
  readonly timeUs: number;
  readonly value: number | null;
  readonly flag: number;
}

function block(facts: readonly Fact[]): RowBlock {
  return {
    rows: facts.length, timesUs: Float64Array.from(facts, ({ timeUs }) => timeUs),
    columns: [{
      variable: "total", values: Float64Array.from(facts, ({ value }) => value ?? NaN), flags: Uint8Array.from(facts, ({ flag }) => flag), reasons: new Map(),
      authorities: new Uint8Array(facts.length), knownAtUs: new Float64Array(facts.length),
    }],
  };
}

function fold(facts: readonly Fact[], calendar: Calendar, options: { isTotal?: boolean; endUs?: number; knownUntilUs?: number } = {}): BucketRow[] {
  const { isTotal = true, endUs = 1000 * HOUR_US, knownUntilUs } = options;
  const folding = new BucketFold({
    columns: [{ variable: "total", isTotal }], fromUs: 0, spanAt: (timeUs) => calendar.spanAt(timeUs), before: [undefined],
    ...(knownUntilUs === undefined ? {} : { knownUntilUs }),
  });
  const half = Math.floor(facts.length / 2);
  return [...folding.add(block(facts.slice(0, half))), ...folding.add(block(facts.slice(half))), ...folding.finish(endUs)];
}

const hour = createCalendar("1h", "UTC");
const at = (minutes: number, value: number | null, flag = 1): Fact => ({ timeUs: minutes * MINUTE_US, value, flag });

test("growth belongs to the bucket of the later total; a decrease is no consumption and the next difference counts from it", () => {
  const rows = fold([at(50, 10), at(70, 12.5), at(80, 3), at(130, 3.1)], hour);
  const consumption = rows.filter(({ cells }) => cells[0]!.count > 0).map(({ cells }) => cells[0]!.consumption);
  assert.deepEqual(consumption, [NaN, 2.5, 0.1]);
});

test("bad and missing values are received and left out of all else; suspect ones count and are counted", () => {
  const [first] = fold([at(1, 5), at(2, 1e6, 4), at(3, 7, 3), at(4, null, 2), at(5, 6)], hour);
  const { count, flagged, min, max, first: began, last } = first!.cells[0]!;
  assert.deepEqual({ count, flagged, min, max, began, last }, { count: 5, flagged: 2, min: 5, max: 7, began: 5, last: 6 });
  const [onlyBad] = fold([at(1, 5, 4)], hour);
  assert.deepEqual([onlyBad!.cells[0]!.count, meanOf(onlyBad!.cells[0]!)], [1, NaN]);
});

test("a value holds until the next, an hour at most, into the next bucket too, and not beyond what is known", () => {
  const rows = fold([at(30, 10), at(75, 20), at(200, 5)], hour);
  assert.equal(meanOf(rows[0]!.cells[0]!), 10);
  assert.equal(meanOf(rows[1]!.cells[0]!), Number(((15 * 10 + 45 * 20) / 60).toPrecision(15)));
  assert.deepEqual([rows[2]!.cells[0]!.count, rows[2]!.cells[0]!.seconds], [0, 15 * 60]);
  const [open] = fold([at(0, 10), at(10, 30)], hour, { knownUntilUs: 20 * MINUTE_US });
  assert.equal(meanOf(open!.cells[0]!), 20);
});

test("the mean of one number is that number, whatever its digits", () => {
  fc.assert(fc.property(fc.integer({ min: -999_999_999_999_999, max: 999_999_999_999_999 }), fc.integer({ min: 1, max: 50 }), (units, count) => {
    const value = units / 1000;
    const [row] = fold(Array.from({ length: count }, (_, i) => at(i, value)), hour, { isTotal: false });
    assert.equal(meanOf(row!.cells[0]!), value);
  }));
  const months = Array.from({ length: 31 * 24 }, (_, i) => ({ fromUs: i, bucket: fold([at(0, 999_999_999_999.999), at(7, 999_999_999_999.999)], hour, { isTotal: false })[0]!.cells[0]! }));
  const whole = emptyBucket();
  for (const { bucket } of months) combineInto(whole, bucket);
  assert.equal(meanOf(whole), 999_999_999_999.999);
  assert.equal(meanOf({ ...emptyBucket(), min: 3, max: 3, last: 3 }), 3);
});

const facts = fc.uniqueArray(fc.record({
  minute: fc.integer({ min: 0, max: 3000 }), thousandths: fc.integer({ min: 0, max: 1_000_000 }), flag: fc.constantFrom(1, 1, 2, 3, 4),
}), { selector: ({ minute }) => minute, minLength: 1, maxLength: 80 }).map((rows) => rows.map(({ minute, thousandths, flag }) => at(minute, thousandths / 1000, flag)).sort((a, b) => a.timeUs - b.timeUs));

test("buckets are what their definition says", () => {
  fc.assert(fc.property(facts, fc.constantFrom("5m" as const, "15m" as const, "1h" as const, "1d" as const), (rows, resolution) => {
    const calendar = createCalendar(resolution, "UTC");
    for (const { fromUs, toUs, cells } of fold(rows, calendar)) {
      const expected = bucketOf(rows, { fromUs, toUs }, true);
      const bucket = cells[0]!;
      if (expected === undefined) {
        assert.equal(bucket.count, 0);
        continue;
      }
      const known = (value: number): number | null => (Number.isNaN(value) ? null : value);
      const { mean, ...rest } = expected;
      assert.deepEqual({ count: bucket.count, flagged: bucket.flagged, min: known(bucket.min), max: known(bucket.max), first: known(bucket.first), last: known(bucket.last), consumption: known(bucket.consumption) }, rest);
      if (mean !== null) assert.ok(Math.abs(meanOf(bucket) - mean) < 1e-6);
    }
  }));
});

test("buckets combine to what a longer bucket is", () => {
  fc.assert(fc.property(facts, (rows) => {
    const whole = new Map(fold(rows, createCalendar("1d", "UTC")).map(({ fromUs, cells }) => [fromUs, cells[0]!]));
    const combined = new Map<number, Bucket>();
    for (const { fromUs, cells } of fold(rows, createCalendar("15m", "UTC"))) {
      const day = createCalendar("1d", "UTC").spanAt(fromUs).fromUs;
      if (!combined.has(day)) combined.set(day, emptyBucket());
      combineInto(combined.get(day)!, cells[0]!);
    }
    for (const [day, bucket] of whole) {
      const { integral, ...exact } = combined.get(day)!;
      const { integral: expected, ...rest } = bucket;
      assert.deepEqual(exact, rest);
      assert.ok(Math.abs(integral - expected) <= Math.abs(expected) * 1e-9);
    }
  }));
});

test("where a total only grows, consumption over all buckets is its last value minus its first", () => {
  const growing = fc.array(fc.tuple(fc.integer({ min: 1, max: 300 }), fc.integer({ min: 0, max: 5_000_000 })), { minLength: 2, maxLength: 60 });
  fc.assert(fc.property(growing, fc.integer({ min: 0, max: 999_000_000_000_000 }), (steps, start) => {
    let [minute, units] = [0, start];
    const rows = steps.map(([minutes, thousandths]) => at((minute += minutes), (units += thousandths) / 1000));
    const sum = fold(rows, hour).reduce((total, { cells }) => addDecimals(total, Number.isNaN(cells[0]!.consumption) ? 0 : cells[0]!.consumption), 0);
    assert.equal(sum, subtractDecimals(rows.at(-1)!.value!, rows[0]!.value!));
  }));
});
