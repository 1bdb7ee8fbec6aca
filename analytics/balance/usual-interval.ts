import { DAY_US, HOUR_US, type Span } from "../buckets/calendar.ts";
import { firstFrom } from "./flow-integral.ts";

/** As the gap rule of the processor: more than three usual intervals are a gap. */
const GAP_INTERVALS = 3;
const MIN_INTERVALS = 4;

/** Rows that a day's balance looks at: a compared stretch begins a day before its day at most, and a line into it a day before that. */
export const BEFORE_US = 2 * DAY_US;
export const AFTER_US = DAY_US;

/** Median interval between the samples of a day, else between those around it; the fallback where there are too few. Of an even number the lower one counts. */
export function usualIntervalUs(timesUs: readonly number[], { fromUs, toUs }: Span, fallbackUs: number): number {
  return medianUs(timesUs, { fromUs, toUs }) ?? medianUs(timesUs, { fromUs: fromUs - BEFORE_US, toUs: toUs + AFTER_US }) ?? fallbackUs;
}

/** Longest time between two samples over which a flow is known; never more than a day. */
export function longestUs(intervalUs: number): number {
  return Math.min(GAP_INTERVALS * intervalUs, DAY_US);
}

/** How far from a day's ends its counts may stand: as long as no gap is, an hour at least. */
export function slackUs(intervalUs: number): number {
  return Math.max(HOUR_US, longestUs(intervalUs));
}

function medianUs(timesUs: readonly number[], span: Span): number | undefined {
  const from = firstFrom(timesUs, span.fromUs);
  const to = firstFrom(timesUs, span.toUs);
  if (to - from <= MIN_INTERVALS) return undefined;
  const intervals = Array.from({ length: to - from - 1 }, (_, i) => timesUs[from + i + 1]! - timesUs[from + i]!).sort((a, b) => a - b);
  return intervals[Math.floor((intervals.length - 1) / 2)];
}
