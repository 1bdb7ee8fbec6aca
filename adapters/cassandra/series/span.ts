export const DAY_US = 86_400_000_000;
/** As far as instants are kept exactly; the calendar goes no further than that either. */
export const FIRST_US = Number.MIN_SAFE_INTEGER;
export const LAST_US = Number.MAX_SAFE_INTEGER;

/** The time that one partition of a point holds, fromUs <= instant < toUs: a UTC month or a UTC day. */
export interface Span {
  /** `2026-03` or `2026-03-14`, as it stands in the partition key; in the order of text as in the order of time. */
  readonly text: string;
  readonly fromUs: number;
  readonly toUs: number;
}

export function monthOf(instantUs: number): Span {
  const date = new Date(Math.floor(instantUs / 1000));
  return monthSpan(date.getUTCFullYear(), date.getUTCMonth());
}

export function dayOf(instantUs: number): Span {
  const fromUs = dayStart(instantUs);
  return { text: new Date(fromUs / 1000).toISOString().slice(0, 10), fromUs, toUs: fromUs + DAY_US };
}

/** Start of the UTC day. */
export function dayStart(instantUs: number): number {
  return Math.floor(instantUs / DAY_US) * DAY_US;
}

/** The span with this text, which one of the functions above made. */
export function spanFrom(text: string): Span {
  const [year, month, day] = text.split("-").map(Number);
  return day === undefined ? monthSpan(year!, month! - 1) : dayOf(Date.UTC(year!, month! - 1, day) * 1000);
}

/** The partition that a fact of this instant belongs to: days from `daysFromUs` on, months before. */
export function spanOf(instantUs: number, daysFromUs: number): Span {
  return instantUs >= daysFromUs ? dayOf(instantUs) : monthOf(instantUs);
}

function monthSpan(year: number, month: number): Span {
  return {
    text: `${String(year).padStart(4, "0")}-${String(month + 1).padStart(2, "0")}`, fromUs: Date.UTC(year, month) * 1000, toUs: Date.UTC(year, month + 1) * 1000,
  };
}
