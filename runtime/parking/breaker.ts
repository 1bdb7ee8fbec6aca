import { CaudalError, type ParkReason } from "@caudal/core";
import { systemClock, type Clock } from "../clock/clock.ts";

/** Stops a group that parks too much: a bad deploy must not park a whole topic. */
export interface ParkBreaker {
  readonly group: string;
  /**
   * Asked once a batch, before its items are parked. Throws CaudalError "unavailable" while open, and when this batch opens it: the
   * batch then stays in the log. What an unknown device or client sends does not count.
   */
  admit(records: number, items: readonly { readonly reason: ParkReason }[]): void;
  /** A person looked: goes on, counting anew. */
  reset(): void;
  state(): { readonly open: boolean; readonly reasons: Readonly<Record<string, number>>; readonly retryInMs: number };
}

export interface ParkBreakerOptions {
  readonly group: string;
  /** Parks within the window that are always let through; 100 when absent. */
  readonly minParks?: number;
  /** Share of the window's records that may be parked, 0 to 1; 0.5 when absent. */
  readonly maxShare?: number;
  /** Records that the share is taken over; 2000 when absent. */
  readonly windowRecords?: number;
  /** Milliseconds after which it tries again by itself; 5 minutes when absent. */
  readonly resetAfterMs?: number;
  readonly clock?: Clock;
}

const uncounted: ReadonlySet<ParkReason> = new Set(["unknown-device", "unknown-client"]);

export function createParkBreaker(options: ParkBreakerOptions): ParkBreaker {
  const { group, minParks = 100, maxShare = 0.5, windowRecords = 2000, resetAfterMs = 5 * 60_000, clock = systemClock } = options;
  let window: { records: number; parks: number; reasons: Map<string, number> }[] = [];
  let openUntilMs: number | undefined;

  /** Of all batches in the window; kept as they come and go, since a window may be thousands of batches of one record. */
  const totals = { records: 0, parks: 0 };

  function enter(records: number, counted: Map<string, number>): void {
    const parks = [...counted.values()].reduce((total, count) => total + count, 0);
    window.push({ records, parks, reasons: counted });
    totals.records += records;
    totals.parks += parks;
    while (window.length > 1 && totals.records - window[0]!.records >= windowRecords) {
      const gone = window.shift()!;
      totals.records -= gone.records;
      totals.parks -= gone.parks;
    }
  }

  function reasons(): Record<string, number> {
    const sums: Record<string, number> = {};
    for (const batch of window) for (const [reason, count] of batch.reasons) sums[reason] = (sums[reason] ?? 0) + count;
    return sums;
  }

  function refuse(afterMs: number): never {
    throw new CaudalError("unavailable", `${group} parks too much and stands still: ${JSON.stringify(reasons())}`, { afterMs });
  }

  function reset(): void {
    openUntilMs = undefined;
    window = [];
    totals.records = 0;
    totals.parks = 0;
  }

  return {
    group,
    admit: (records, items) => {
      if (openUntilMs !== undefined) {
        const leftMs = openUntilMs - clock.monotonicMs();
        if (leftMs > 0) refuse(leftMs);
        reset();
      }
      const counted = new Map<string, number>();
      for (const { reason } of items) if (!uncounted.has(reason)) counted.set(reason, (counted.get(reason) ?? 0) + 1);
      enter(records, counted);
      const { records: seen, parks } = totals;
      if (parks <= minParks || parks <= maxShare * seen) return;
      openUntilMs = clock.monotonicMs() + resetAfterMs;
      refuse(resetAfterMs);
    },
    reset,
    state: () => ({
      open: openUntilMs !== undefined,
      reasons: reasons(),
      retryInMs: openUntilMs === undefined ? 0 : Math.max(0, openUntilMs - clock.monotonicMs()),
    }),
  };
}
