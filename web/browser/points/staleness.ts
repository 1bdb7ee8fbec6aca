/** A point whose period nobody set counts as silent after a day: slow loggers send once or twice a day. */
const UNKNOWN_PERIOD_STALE_MS = 24 * 3_600_000;
const MISSED_PERIODS = 3;
/** Below this no silence is worth a word, however short the period. */
const SHORTEST_STALE_MS = 60_000;

/** True when a point has missed three of its periods. */
export function isStale(latestMs: number | undefined, periodS: number | null, nowMs: number): boolean {
  if (latestMs === undefined) return true;
  const limitMs = periodS === null ? UNKNOWN_PERIOD_STALE_MS : Math.max(periodS * 1000 * MISSED_PERIODS, SHORTEST_STALE_MS);
  return nowMs - latestMs > limitMs;
}
