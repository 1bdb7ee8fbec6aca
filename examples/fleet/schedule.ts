import type { Series } from "./series.ts";

const SECOND_MS = 1000;
const DAY_MS = 86_400_000;

/** Rows of a compressed series that lie before now at the first start. */
const COMPRESSED_BACKFILL_ROWS = 10_000;

/** What a logger's memory holds while nobody listens; older rows are lost, as they would be in the field. */
const WALL_CLOCK_MEMORY_MS = 90 * DAY_MS;
const COMPRESSED_MEMORY_MS = 3 * 3600 * SECOND_MS;

/** Where a series stands: row `next` (counted on through every round) goes out next, at its own time + `offsetMs`. */
export interface Placement {
  readonly offsetMs: number;
  readonly next: number;
}

/**
 * Places a series for the first time: now lies after its first 60 days, or after two thirds of a shorter one. The
 * offset is a whole number of days (seconds for short and for compressed series), so days keep their shape.
 */
export function firstPlacement(series: Series, nowMs: number): Placement {
  const compressed = series.entry.time === "compressed";
  const first = series.dueMs[0] ?? 0;
  const twoThirds = (2 / 3) * (latest(series) - first);
  const windowMs = Math.min(twoThirds, compressed ? COMPRESSED_BACKFILL_ROWS * SECOND_MS : 60 * DAY_MS);
  const grainMs = compressed || windowMs < 7 * DAY_MS ? SECOND_MS : DAY_MS;
  return { offsetMs: Math.floor((nowMs - first - windowMs) / grainMs) * grainMs, next: 0 };
}

/** How long a round lasts; the next one follows on after the last row, at the same time of day where days matter. */
export function roundMs(series: Series): number {
  const span = latest(series) - (series.dueMs[0] ?? 0) + series.stepMs;
  return series.entry.time === "compressed" || span < DAY_MS ? span : Math.ceil(span / DAY_MS) * DAY_MS;
}

/** How many rounds are over when row `n` is played. */
export function roundOf(series: Series, n: number): number {
  return Math.floor(n / series.timesMs.length);
}

/** Instant that row `n` carries, ms UTC. */
export function sampleMs(series: Series, placement: Placement, n: number): number {
  return (series.timesMs[n % series.timesMs.length] ?? 0) + placement.offsetMs + roundOf(series, n) * roundMs(series);
}

/** Instant from which row `n` may be sent, ms UTC; never falls as `n` grows. */
export function dueMs(series: Series, placement: Placement, n: number): number {
  return (series.dueMs[n % series.dueMs.length] ?? 0) + placement.offsetMs + roundOf(series, n) * roundMs(series);
}

/** Rows due at `nowMs` from the placement's position on. */
export function countDue(series: Series, placement: Placement, nowMs: number): number {
  return firstRowAfter(series, placement, nowMs) - placement.next;
}

/**
 * Gives up what no logger's memory would still hold: a wall-clock series moves its position on, a compressed one
 * keeps its row and moves its time. Returns the same placement when nothing is that old.
 */
export function withinMemory(series: Series, placement: Placement, nowMs: number): Placement {
  const compressed = series.entry.time === "compressed";
  const oldestMs = nowMs - (compressed ? COMPRESSED_MEMORY_MS : WALL_CLOCK_MEMORY_MS);
  if (dueMs(series, placement, placement.next) >= oldestMs) return placement;
  if (compressed) return realigned(series, placement, Math.ceil(oldestMs / SECOND_MS) * SECOND_MS);
  return { ...placement, next: firstRowAfter(series, placement, oldestMs - 1) };
}

/** The same row, now due at `atMs`. */
export function realigned(series: Series, placement: Placement, atMs: number): Placement {
  return { ...placement, offsetMs: placement.offsetMs + atMs - dueMs(series, placement, placement.next) };
}

/** First row from the position on that is due after `nowMs`: whole rounds first, then a binary search in one. */
function firstRowAfter(series: Series, placement: Placement, nowMs: number): number {
  if (dueMs(series, placement, placement.next) > nowMs) return placement.next;
  const rows = series.dueMs.length;
  const sinceStart = nowMs - placement.offsetMs - (series.dueMs[0] ?? 0);
  const round = Math.max(0, Math.floor(sinceStart / roundMs(series)));
  let low = Math.max(placement.next, round * rows);
  let high = (round + 1) * rows;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (dueMs(series, placement, middle) > nowMs) high = middle;
    else low = middle + 1;
  }
  return low;
}

function latest(series: Series): number {
  return series.dueMs[series.dueMs.length - 1] ?? 0;
}
