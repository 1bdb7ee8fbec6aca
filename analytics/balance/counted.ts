import { DecimalSum, subtractDecimals } from "@caudal/core";
import type { Span } from "../buckets/calendar.ts";
import { firstFrom } from "./flow-integral.ts";

/** Why a stretch of counts says less than how much water passed. */
export const disturbances = ["reset", "meter-swap", "estimated", "count-decreased"] as const;
export type Disturbance = (typeof disturbances)[number];

const byReason = new Map<string, Disturbance>([["meter-swap", "meter-swap"], ["counter-reset", "reset"], ["estimated", "estimated"]]);
/** Of a raw dial: what was taken for no count. A volume holds there, so it counts all the same. */
const heldReasons = new Set(["jitter", "truncated", "zero-kept", "jump", "spike", "ignored"]);

/** Counts that count, in m3, in time order; beside each what happened at it. */
export interface Counts {
  readonly timesUs: number[];
  readonly m3: number[];
  readonly disturbed: (Disturbance | undefined)[];
}

export const noCounts = (): Counts => ({ timesUs: [], m3: [], disturbed: [] });

/** True for a fact of a dial that its totaliser set aside. */
export function isHeld(reasons: readonly string[]): boolean {
  return reasons.some((reason) => heldReasons.has(reason));
}

export function disturbanceOf(reasons: readonly string[]): Disturbance | undefined {
  for (const [reason, disturbance] of byReason) if (reasons.includes(reason)) return disturbance;
  return undefined;
}

export interface CountedStretch {
  /** Instants of the last count before the day and of the last one in it. */
  readonly fromUs: number;
  readonly toUs: number;
  /** Growth between them, exact; a decrease adds nothing. */
  readonly m3: number;
  readonly disturbed: Disturbance | undefined;
}

/**
 * What a totaliser counted in a day: from the last count before it to the last count in it, so that each m3 belongs to one day and days add up. Undefined where the day has
 * no count, or none is known before it.
 */
export function countedIn({ timesUs, m3, disturbed }: Counts, day: Span): CountedStretch | undefined {
  const first = firstFrom(timesUs, day.fromUs);
  const end = firstFrom(timesUs, day.toUs);
  if (first === 0 || end === first) return undefined;
  const growth = new DecimalSum();
  let found: Disturbance | undefined;
  for (let i = first; i < end; i++) {
    found ??= disturbed[i];
    if (m3[i]! >= m3[i - 1]!) growth.add(subtractDecimals(m3[i]!, m3[i - 1]!));
    else found ??= "count-decreased";
  }
  return { fromUs: timesUs[first - 1]!, toUs: timesUs[end - 1]!, m3: growth.value(), disturbed: found };
}
