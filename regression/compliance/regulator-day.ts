export const DAY_MS = 86_400_000;
const BEHIND_MS = 4 * 3_600_000;

/** The regulator's day of a moment, counted from 1970. */
export function dayOf(atMs: number): number {
  return Math.floor((atMs - BEHIND_MS) / DAY_MS);
}

export function iso(ms: number): string {
  return Number.isFinite(ms) ? new Date(ms).toISOString() : "never";
}
