/** Turns the times that the sources wrote into UTC instants, milliseconds since 1970. */

const HOUR_MS = 3_600_000;

/**
 * Finds the instant of a civil time. `civilMs` is the written date and clock as if it were UTC; `previousMs` is the
 * instant of the row before it in the file, which tells the two passes of a repeated hour apart.
 */
export type ZoneRule = (civilMs: number, previousMs: number) => number;

/** A clock that never changes: UTC+`hours`. */
export function fixedOffset(hours: number): ZoneRule {
  return (civilMs) => civilMs - hours * HOUR_MS;
}

/**
 * Europe/Madrid since 1996: UTC+1, and UTC+2 from the last Sunday of March to the last Sunday of October, 01:00 UTC.
 * The sources write no offset, so the hour that October repeats is read in the file's order: the first pass, unless
 * that would not be after the row before, then the second. A time inside the hour that March skips, which no clock
 * showed, is read as if the clock had not been moved.
 */
export const madrid: ZoneRule = (civilMs, previousMs) => {
  const summerMs = civilMs - 2 * HOUR_MS;
  const winterMs = civilMs - HOUR_MS;
  if (!isSummer(summerMs)) return winterMs;
  if (isSummer(winterMs)) return summerMs;
  return summerMs > previousMs ? summerMs : winterMs;
};

/** Hours that Madrid's clocks are ahead of UTC at an instant. */
export function madridOffsetHours(instantMs: number): number {
  return isSummer(instantMs) ? 2 : 1;
}

function isSummer(instantMs: number): boolean {
  const year = new Date(instantMs).getUTCFullYear();
  return instantMs >= lastSundayMs(year, 2) && instantMs < lastSundayMs(year, 9);
}

/** 01:00 UTC of the last Sunday of a month that has 31 days. */
function lastSundayMs(year: number, month: number): number {
  const lastDay = new Date(Date.UTC(year, month, 31)).getUTCDay();
  return Date.UTC(year, month, 31 - lastDay, 1);
}

const DAY_FIRST = /^(\d\d)[/-](\d\d)[/-](\d{4}) (\d\d):(\d\d)(?::(\d\d))?$/;
const YEAR_FIRST = /^(\d{4})-(\d\d)-(\d\d) (\d\d):(\d\d)(?::(\d\d)(?:\.(\d{3}))?)?(?:\+00:00)?$/;

/** `30/10/2016 02:08:53` or `04-07-2014 15:00`; NaN when it is neither. */
export function dayFirst(text: string): number {
  const m = DAY_FIRST.exec(text);
  return m ? Date.UTC(Number(m[3]), Number(m[2]) - 1, Number(m[1]), Number(m[4]), Number(m[5]), Number(m[6] ?? 0)) : NaN;
}

/** `2020-01-01 00:15:00.000`, `2017-01-01 00:15` or `2018-06-01 04:00:00+00:00`; NaN when it is none of them. */
export function yearFirst(text: string): number {
  const m = YEAR_FIRST.exec(text);
  if (!m) return NaN;
  return Date.UTC(Number(m[1]), Number(m[2]) - 1, Number(m[3]), Number(m[4]), Number(m[5]), Number(m[6] ?? 0), Number(m[7] ?? 0));
}

/** Whole seconds since 1970 UTC; NaN when it is not that. */
export function epochSeconds(text: string): number {
  return /^\d{9,10}$/.test(text) ? Number(text) * 1000 : NaN;
}
