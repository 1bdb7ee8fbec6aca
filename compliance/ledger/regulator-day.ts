const DAY_US = 86_400_000_000;
/** The regulator's clock is UTC-4 all year. */
const BEHIND_UTC_US = 14_400_000_000;

/** `2026-06-11`: the regulator's day of an instant. */
export function dayOf(timeUs: number): string {
  return new Date((timeUs - BEHIND_UTC_US) / 1000).toISOString().slice(0, 10);
}

/** First instant after a day. */
export function dayEndUs(day: string): number {
  return Date.parse(day) * 1000 + BEHIND_UTC_US + DAY_US;
}

/** `2026-06`: the regulator's month of an instant. */
export function monthOf(timeUs: number): string {
  return dayOf(timeUs).slice(0, 7);
}

/** Instants of a month (`2026-06`): fromUs <= instant < toUs. */
export function monthSpan(month: string): { readonly fromUs: number; readonly toUs: number } {
  const first = new Date(`${month}-01`);
  return { fromUs: first.getTime() * 1000 + BEHIND_UTC_US, toUs: first.setUTCMonth(first.getUTCMonth() + 1) * 1000 + BEHIND_UTC_US };
}
