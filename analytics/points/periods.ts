import { hasCode, type PointKey, type Scope } from "@caudal/core";
import type { Clock } from "@caudal/runtime";
import { DAY_US, SECOND_US } from "../buckets/calendar.ts";
import type { ReadRows } from "../tiers/edge-values.ts";

/** Rows that a period is learned from. */
const ROWS = 200;
const ROWS_OF_ONE = 40;
const KEPT_MS = 60_000;
const MOST_KEPT = 20_000;
/** A learned period so near to one that people set is that one. */
const SNAP = 0.05;
const usualS = [1, 2, 5, 10, 15, 20, 30, 60, 120, 300, 600, 900, 1200, 1800, 3600, 7200, 10_800, 14_400, 21_600, 28_800, 43_200, 86_400];

/** By variable: seconds between its readings; a variable with fewer than two has none. */
export type Periods = ReadonlyMap<string, number>;

/** Learns how often each variable of a point is read: the median of the intervals between the last readings before an instant. */
export class PeriodBook {
  readonly #read: ReadRows;
  readonly #clock: Clock;
  readonly #kept = new Map<string, { readonly periods: Periods; readonly atMs: number }>();

  constructor(read: ReadRows, clock: Clock) {
    this.#read = read;
    this.#clock = clock;
  }

  /** Learned at the end of the UTC day that holds the instant, and kept for a minute. */
  async periods(scope: Scope, key: PointKey, variables: readonly string[], beforeUs: number): Promise<Periods> {
    const toUs = Math.ceil(beforeUs / DAY_US) * DAY_US;
    const id = JSON.stringify([key.client, key.point, toUs, ...variables]);
    const kept = this.#kept.get(id);
    if (kept !== undefined && this.#clock.monotonicMs() - kept.atMs < KEPT_MS) return kept.periods;
    const { periods, isWhole } = await this.#learn(scope, key, variables, toUs);
    if (!isWhole) return periods;
    if (this.#kept.size >= MOST_KEPT) this.#kept.clear();
    this.#kept.set(id, { periods, atMs: this.#clock.monotonicMs() });
    return periods;
  }

  async #learn(scope: Scope, key: PointKey, variables: readonly string[], toUs: number): Promise<{ readonly periods: Periods; readonly isWhole: boolean }> {
    const first = await this.#times(scope, key, { variables, toUs, limit: ROWS });
    let { isWhole } = first;
    const periods = new Map<string, number>();
    for (const variable of variables) {
      let own = first.times.get(variable) ?? [];
      // Read so rarely that the others fill the rows.
      if (own.length < 3) {
        const alone = await this.#times(scope, key, { variables: [variable], toUs, limit: ROWS_OF_ONE });
        own = alone.times.get(variable) ?? [];
        isWhole &&= alone.isWhole;
      }
      const periodS = medianS(own);
      if (periodS !== undefined) periods.set(variable, periodS);
    }
    return { periods, isWhole };
  }

  /** By variable, newest first; not whole when the tier that holds the older ones could not be read. */
  async #times(scope: Scope, key: PointKey, query: { readonly variables: readonly string[]; readonly toUs: number; readonly limit: number }): Promise<{ readonly times: ReadonlyMap<string, number[]>; readonly isWhole: boolean }> {
    const times = new Map<string, number[]>();
    try {
      for await (const block of this.#read(scope, key, { fromUs: -Infinity, order: "descending", ...query })) {
        for (const { variable, flags } of block.columns) {
          const own = times.get(variable) ?? [];
          for (let row = 0; row < block.rows; row++) if (flags[row] !== 0) own.push(block.timesUs[row]!);
          times.set(variable, own);
        }
      }
    } catch (error) {
      // A habit is learned from what can be read.
      if (!hasCode(error, "unavailable")) throw error;
      return { times, isWhole: false };
    }
    return { times, isWhole: true };
  }
}

function medianS(times: readonly number[]): number | undefined {
  const intervals = times.slice(1).map((timeUs, i) => times[i]! - timeUs).sort((a, b) => a - b);
  const median = intervals[Math.floor(intervals.length / 2)];
  if (median === undefined) return undefined;
  const learned = median / SECOND_US;
  return usualS.find((usual) => Math.abs(learned - usual) <= usual * SNAP) ?? learned;
}
