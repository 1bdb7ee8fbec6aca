export const DAY_US = 86_400_000_000;

/** Start of the UTC day that the instant lies in. */
export function dayStart(instantUs: number): number {
  return Math.floor(instantUs / DAY_US) * DAY_US;
}

/** `2026-03-01`. */
export function dayText(dayStartUs: number): string {
  return new Date(dayStartUs / 1000).toISOString().slice(0, 10);
}
