import type { LatestFact } from "@caudal/core";
import { DAY_US } from "../buckets/calendar.ts";

/** What a point's newest facts say of its connection. */
export interface Connection {
  /** Newest instant that a source itself gave, over all variables; undefined where none did. When we received something is not when a logger lived. */
  readonly newestUs: number | undefined;
  /** Whole days since then, never less than zero; null of a point that never sent: never seen is not zero days. */
  readonly days: number | null;
}

/** A variable this far behind its point's newest has stopped, whatever the others do. */
const STALE_AFTER_US = DAY_US;

export function connectionOf(facts: readonly LatestFact[], nowUs: number): Connection {
  let newestUs: number | undefined;
  for (const { instantUs, reasons } of facts) if (!reasons.includes("edge-time") && !(newestUs !== undefined && newestUs >= instantUs)) newestUs = instantUs;
  return { newestUs, days: newestUs === undefined ? null : Math.max(0, Math.floor((nowUs - newestUs) / DAY_US)) };
}

/** True of a variable more than 24 hours behind the newest of its point. */
export function isStale({ instantUs }: LatestFact, facts: readonly LatestFact[]): boolean {
  return facts.some((other) => other.instantUs - instantUs > STALE_AFTER_US);
}
