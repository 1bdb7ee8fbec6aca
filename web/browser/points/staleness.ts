import type { LatestEntry } from "../live/latest-book.ts";
import type { Point } from "../wire/point.ts";

/** A point whose period nobody set counts as silent after a day: slow loggers send once or twice a day. */
const UNKNOWN_PERIOD_STALE_MS = 24 * 3_600_000;
const MISSED_PERIODS = 3;
/** Below this no silence is worth a word, however short the period. */
const SHORTEST_STALE_MS = 60_000;

/** Newest time of what the point's own devices sent: one barometer that feeds many wells says nothing of their loggers. */
export function seenMs(point: Pick<Point, "variables">, latest: Pick<LatestEntry, "values" | "timeMs"> | undefined): number | undefined {
  if (latest === undefined || !point.variables.some(({ beside }) => beside)) return latest?.timeMs;
  const beside = new Set(point.variables.filter((row) => row.beside).map(({ variable }) => variable));
  const own = [...latest.values.values()].filter(({ variable }) => !beside.has(variable)).map(({ timeMs }) => timeMs);
  return own.length === 0 ? undefined : Math.max(...own);
}

/** True when a point has missed three of its periods. */
export function isStale(latestMs: number | undefined, periodS: number | null, nowMs: number): boolean {
  if (latestMs === undefined) return true;
  const limitMs = periodS === null ? UNKNOWN_PERIOD_STALE_MS : Math.max(periodS * 1000 * MISSED_PERIODS, SHORTEST_STALE_MS);
  return nowMs - latestMs > limitMs;
}
