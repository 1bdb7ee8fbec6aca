import type { Span } from "./span.ts";

/** What was taken of a right by the end of a day of the year, m3. */
export interface UsedPoint {
  readonly atUs: number;
  readonly usedM3: number;
}

export const burnDownVerdicts = ["exhausted", "before-year-end", "not-this-year", "no-use", "too-little-data", "no-right"] as const;
export type BurnDownVerdict = (typeof burnDownVerdicts)[number];

export interface BurnDown {
  readonly usedM3: number;
  readonly remainingM3: number | null;
  readonly percent: number | null;
  /** Mean of the last 30 days, or of as many as there are. */
  readonly perDayM3: number | null;
  readonly days: number | null;
  readonly verdict: BurnDownVerdict;
  /** When the right is used up if water goes on being taken at that rate; of one that is, when it was. */
  readonly exhaustedAtUs: number | null;
}

const DAY_US = 86_400_000_000;
export const RATE_DAYS = 30;

/** A straight line through the last 30 days of `used` (in order of time, never falling), to where the right ends. A day at least must lie between the readings that it is drawn through. */
export function burnDown(used: readonly UsedPoint[], { rightM3, year }: { readonly rightM3: number | undefined; readonly year: Span }): BurnDown {
  const last = used.at(-1);
  const usedM3 = last?.usedM3 ?? 0;
  const percent = rightM3 === undefined || rightM3 <= 0 ? null : (usedM3 / rightM3) * 100;
  const remainingM3 = rightM3 === undefined ? null : Math.max(0, rightM3 - usedM3);
  const told = { usedM3, remainingM3, percent };
  const from = used.findLast(({ atUs }) => last !== undefined && atUs <= last.atUs - RATE_DAYS * DAY_US) ?? used[0];
  const days = last === undefined || from === undefined ? 0 : (last.atUs - from.atUs) / DAY_US;
  const rate = days >= 1 ? { perDayM3: (usedM3 - (from?.usedM3 ?? 0)) / days, days } : { perDayM3: null, days: null };
  const done = (verdict: BurnDownVerdict, exhaustedAtUs: number | null = null): BurnDown => ({ ...told, ...rate, verdict, exhaustedAtUs });
  if (rightM3 === undefined) return done("no-right");
  const over = used.find((point) => point.usedM3 >= rightM3);
  if (over !== undefined) return done("exhausted", over.atUs);
  if (last === undefined || rate.perDayM3 === null) return done("too-little-data");
  if (rate.perDayM3 <= 0) return done("no-use");
  const atUs = Math.round(last.atUs + ((rightM3 - usedM3) / rate.perDayM3) * DAY_US);
  return atUs < year.toUs ? done("before-year-end", atUs) : done("not-this-year");
}
