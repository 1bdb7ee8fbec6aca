import { addDecimals } from "@caudal/core";

/**
 * What one variable did in one span of time. NaN stands for what is not known. Good, not evaluated and suspect values count; bad ones and
 * missing ones are in `count` and `flagged` alone. Buckets of spans that follow each other combine without loss.
 */
export interface Bucket {
  /** Facts received. */
  count: number;
  /** Of these, suspect (3) and bad (4). */
  flagged: number;
  min: number;
  max: number;
  /** Integral over the time that a value is known for: value × seconds, and these seconds. */
  integral: number;
  seconds: number;
  first: number;
  last: number;
  /** Of totals: growth from the value before each value in the span; NaN when there was none before. */
  consumption: number;
  /** Of stored buckets; undefined for those that never changed after they had settled. */
  revised?: Revised | undefined;
}

/** What changed a bucket after it had settled: facts that came late, times that facts were corrected or taken back, and when it was last computed anew. */
export interface Revised {
  readonly late: number;
  readonly corrected: number;
  readonly atUs: number;
}

/** One span with what each column's variable did in it, by column index. */
export interface BucketRow {
  readonly fromUs: number;
  readonly toUs: number;
  readonly cells: readonly (Bucket | undefined)[];
}

export function emptyBucket(): Bucket {
  return { count: 0, flagged: 0, min: NaN, max: NaN, integral: 0, seconds: 0, first: NaN, last: NaN, consumption: NaN };
}

/** Takes a bucket of a later span into `into`. */
export function combineInto(into: Bucket, later: Bucket): void {
  into.count += later.count;
  into.flagged += later.flagged;
  into.min = Number.isNaN(into.min) || later.min < into.min ? later.min : into.min;
  into.max = Number.isNaN(into.max) || later.max > into.max ? later.max : into.max;
  into.integral += later.integral;
  into.seconds += later.seconds;
  if (Number.isNaN(into.first)) into.first = later.first;
  if (!Number.isNaN(later.last)) into.last = later.last;
  if (later.revised !== undefined) {
    const { late, corrected, atUs } = into.revised ?? { late: 0, corrected: 0, atUs: -Infinity };
    into.revised = { late: late + later.revised.late, corrected: corrected + later.revised.corrected, atUs: Math.max(atUs, later.revised.atUs) };
  }
  if (Number.isNaN(into.consumption)) into.consumption = later.consumption;
  else if (!Number.isNaN(later.consumption)) into.consumption = addDecimals(into.consumption, later.consumption);
}

const MEAN_DIGITS = 15;
/** What summing up may have added to the mean of equal values. */
const ROUNDING = 4e-15;

/**
 * Time-weighted mean; NaN without any value. The value that still held when the span began is part of it, so it may lie outside of min and
 * max, which are of the values in the span.
 */
export function meanOf(bucket: Bucket): number {
  if (Number.isNaN(bucket.min)) return NaN;
  if (bucket.seconds === 0) return bucket.last;
  const mean = Number((bucket.integral / bucket.seconds).toPrecision(MEAN_DIGITS));
  // The mean of one value is that value to its last digit.
  return [bucket.min, bucket.max].find((edge) => Math.abs(mean - edge) <= Math.abs(edge) * ROUNDING) ?? mean;
}
