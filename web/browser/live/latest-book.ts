import type { LatestValue, PointLatest } from "../wire/point.ts";

/** The newest values of one point, by variable. */
export interface LatestEntry {
  readonly values: ReadonlyMap<string, LatestValue>;
  /** Newest instant among its values, ms since 1970. */
  readonly timeMs: number;
  /** Worst flag among its values. */
  readonly flag: number;
  /** Grows with each change, so that a view can mark what is new. */
  readonly change: number;
}

/** Where an update came from: only a live one is marked as a change in the view. */
export type UpdateOrigin = "loaded" | "live";

/**
 * Newest values of all points. For one variable the later instant wins, whatever came first, so a list that was asked before the stream
 * opened never puts back an older value; at an equal instant the later arrival wins, for that is a correction.
 */
export interface LatestBook {
  apply(updates: readonly PointLatest[], origin: UpdateOrigin): void;
  get(point: string): LatestEntry | undefined;
  /** Points that have values. */
  points(): IterableIterator<string>;
  /** Calls back after a change of the point, or of any with "*". Returns the way to stop. */
  subscribe(point: string, listener: () => void): () => void;
  /** Points changed by live updates since the last call. */
  takeChanged(): number;
}

const severity: Readonly<Record<number, number>> = { 2: 0, 1: 1, 9: 2, 3: 3, 4: 4 };

/**
 * The flag that stands for several values: bad before suspect before missing. Values that no test looked at say nothing, so good stands
 * where any was tested.
 */
export function worstFlag(flags: Iterable<number>): number {
  let worst = 2;
  for (const flag of flags) if ((severity[flag] ?? 0) > (severity[worst] ?? 0)) worst = flag;
  return worst;
}

export function createLatestBook(): LatestBook {
  const entries = new Map<string, LatestEntry>();
  const listeners = new Map<string, Set<() => void>>();
  const changedLive = new Set<string>();
  let change = 0;

  function merge(update: PointLatest, origin: UpdateOrigin): boolean {
    const before = entries.get(update.point);
    const values = new Map(before?.values);
    let changed = false;
    for (const value of update.values) {
      const known = values.get(value.variable);
      if (known !== undefined && (known.timeMs > value.timeMs || (known.timeMs === value.timeMs && origin === "loaded"))) continue;
      if (known !== undefined && known.timeMs === value.timeMs && known.value === value.value && known.flag === value.flag) continue;
      values.set(value.variable, value);
      changed = true;
    }
    if (!changed) return false;
    change += origin === "live" ? 1 : 0;
    const all = [...values.values()];
    entries.set(update.point, {
      values, timeMs: Math.max(...all.map((value) => value.timeMs)), flag: worstFlag(all.map((value) => value.flag)),
      change: origin === "live" ? change : (before?.change ?? 0),
    });
    return true;
  }

  return {
    apply(updates, origin) {
      const touched = new Set<string>();
      for (const update of updates) if (merge(update, origin)) touched.add(update.point);
      if (touched.size === 0) return;
      if (origin === "live") for (const point of touched) changedLive.add(point);
      for (const point of touched) for (const listener of listeners.get(point) ?? []) listener();
      for (const listener of listeners.get("*") ?? []) listener();
    },
    get: (point) => entries.get(point),
    points: () => entries.keys(),
    subscribe(point, listener) {
      const set = listeners.get(point) ?? new Set();
      listeners.set(point, set.add(listener));
      return () => {
        set.delete(listener);
        if (set.size === 0) listeners.delete(point);
      };
    },
    takeChanged() {
      const count = changedLive.size;
      changedLive.clear();
      return count;
    },
  };
}
