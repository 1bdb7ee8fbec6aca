import { civilToInstant, instantToCivil, zoneOffsetUs } from "@caudal/core";

export const SECOND_US = 1_000_000;
export const MINUTE_US = 60 * SECOND_US;
export const HOUR_US = 60 * MINUTE_US;
export const DAY_US = 24 * HOUR_US;

export const bucketResolutions = ["1m", "5m", "15m", "1h", "1d", "1mo"] as const;
export type BucketResolution = (typeof bucketResolutions)[number];

/** Lengths of the resolutions; of a month its longest. */
export const bucketLengthUs: Readonly<Record<BucketResolution, number>> = {
  "1m": MINUTE_US, "5m": 5 * MINUTE_US, "15m": 15 * MINUTE_US, "1h": HOUR_US, "1d": DAY_US, "1mo": 31 * DAY_US,
};

/** Half-open: fromUs <= instant < toUs. */
export interface Span {
  readonly fromUs: number;
  readonly toUs: number;
}

/** Cuts time into buckets, as a calendar and clock of a zone do: without gap and in order. */
export interface Calendar {
  /** The bucket that holds the instant. */
  spanAt(timeUs: number): Span;
}

/** Buckets of a zone: days have 23, 24 or 25 hours; an hour that the clocks show twice is two buckets. */
export function createCalendar(resolution: BucketResolution, zone: string): Calendar {
  if (resolution === "1d") return { spanAt: (timeUs) => dateSpan(timeUs, zone, dayOf, nextDay) };
  if (resolution === "1mo") return { spanAt: (timeUs) => dateSpan(timeUs, zone, monthOf, nextMonth) };
  const stepUs = bucketLengthUs[resolution];
  return { spanAt: (timeUs) => clockSpan(timeUs, zone, stepUs) };
}

function clockSpan(timeUs: number, zone: string, stepUs: number): Span {
  const offsetUs = zoneOffsetUs(timeUs, zone);
  const fromUs = Math.floor((timeUs + offsetUs) / stepUs) * stepUs - offsetUs;
  const toUs = fromUs + stepUs;
  return {
    fromUs: zoneOffsetUs(fromUs, zone) === offsetUs ? fromUs : firstWithOffset(fromUs, timeUs, zone),
    toUs: zoneOffsetUs(toUs - 1, zone) === offsetUs ? toUs : firstWithOffset(timeUs, toUs, zone),
  };
}

/** First whole second in (lowUs, highUs] at which the offset is that of `highUs`: the clocks were moved there. */
function firstWithOffset(lowUs: number, highUs: number, zone: string): number {
  const offsetUs = zoneOffsetUs(highUs, zone);
  let low = Math.floor(lowUs / SECOND_US);
  let high = Math.floor(highUs / SECOND_US);
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (zoneOffsetUs(middle * SECOND_US, zone) === offsetUs) high = middle;
    else low = middle;
  }
  return high * SECOND_US;
}

function dateSpan(timeUs: number, zone: string, startOf: (civilUs: number) => number, nextOf: (civilUs: number) => number): Span {
  let startUs = startOf(instantToCivil(timeUs, zone));
  let fromUs = civilToInstant(startUs, zone);
  // Clocks that were set back over midnight show the end of a day again after the next has begun.
  for (;;) {
    startUs = nextOf(startUs);
    const toUs = civilToInstant(startUs, zone);
    if (toUs > timeUs) return { fromUs, toUs };
    fromUs = toUs;
  }
}

function dayOf(civilUs: number): number {
  return Math.floor(civilUs / DAY_US) * DAY_US;
}

function nextDay(dayUs: number): number {
  return dayUs + DAY_US;
}

function monthOf(civilUs: number): number {
  const date = new Date(Math.floor(civilUs / 1000));
  return civilMonth(date.getUTCFullYear(), date.getUTCMonth());
}

function nextMonth(monthUs: number): number {
  const date = new Date(monthUs / 1000);
  return civilMonth(date.getUTCFullYear(), date.getUTCMonth() + 1);
}

function civilMonth(year: number, month: number): number {
  const date = new Date(0);
  date.setUTCFullYear(year, month, 1);
  return date.getTime() * 1000;
}
