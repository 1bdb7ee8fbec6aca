import { DAY_US, HOUR_US, MINUTE_US, type Span } from "../buckets/calendar.ts";

export const levelNames = ["15m", "1h", "1d"] as const;
export type LevelName = (typeof levelNames)[number];

/** A stored resolution: buckets of UTC, packed in one document a period. */
export interface Level {
  readonly name: LevelName;
  readonly stepUs: number;
  /** The period that holds the instant: a UTC day, month or year. */
  periodAt(timeUs: number): Span;
  /** What the document's id says of the period. */
  periodName(periodUs: number): string;
}

export const quarterUs = 15 * MINUTE_US;

export const levels: Readonly<Record<LevelName, Level>> = {
  "15m": { name: "15m", stepUs: quarterUs, periodAt: dayAt, periodName: (periodUs) => nameOf(periodUs, 10) },
  "1h": { name: "1h", stepUs: HOUR_US, periodAt: (timeUs) => monthsAt(timeUs, 1), periodName: (periodUs) => nameOf(periodUs, 7) },
  "1d": { name: "1d", stepUs: DAY_US, periodAt: (timeUs) => monthsAt(timeUs, 12), periodName: (periodUs) => nameOf(periodUs, 4) },
};

/** Coarsest first. */
export const levelsByStep: readonly Level[] = [levels["1d"], levels["1h"], levels["15m"]];

/** Start of the 15-minute bucket that holds the instant. */
export function quarterStart(timeUs: number): number {
  return Math.floor(timeUs / quarterUs) * quarterUs;
}

/** Starts of the periods that a half-open range touches, ascending. */
export function* periodsIn(level: Level, span: Span): Generator<number> {
  for (let period = level.periodAt(span.fromUs); period.fromUs < span.toUs; period = level.periodAt(period.toUs)) yield period.fromUs;
}

function dayAt(timeUs: number): Span {
  const fromUs = Math.floor(timeUs / DAY_US) * DAY_US;
  return { fromUs, toUs: fromUs + DAY_US };
}

/** UTC months in groups that start with January. */
function monthsAt(timeUs: number, months: number): Span {
  const date = new Date(Math.floor(timeUs / 1000));
  const first = Math.floor(date.getUTCMonth() / months) * months;
  return { fromUs: monthStart(date.getUTCFullYear(), first), toUs: monthStart(date.getUTCFullYear(), first + months) };
}

function monthStart(year: number, month: number): number {
  const date = new Date(0);
  date.setUTCFullYear(year, month, 1);
  return date.getTime() * 1000;
}

function nameOf(timeUs: number, characters: number): string {
  const text = new Date(timeUs / 1000).toISOString();
  // Years beyond four digits are written with a sign and six.
  return text.slice(0, characters + text.length - 24);
}
