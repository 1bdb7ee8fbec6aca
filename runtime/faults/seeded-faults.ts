import { createHash } from "node:crypto";
import type { FaultPoints } from "./fault-points.ts";

/** Which arrival of which point. Arrivals count from 1. */
export interface FaultArrival {
  readonly point: string;
  readonly arrival: number;
}

export interface SeededFaults extends FaultPoints {
  /** Arrivals of each point so far, in the order of the first ones. */
  reached(): ReadonlyMap<string, number>;
}

export interface SeededFaultsOptions {
  /** Only points that begin so can fail; a point's whole name fails for certain at its arrival. All when absent. */
  readonly under?: string;
  /** The arrival that fails, in place of the seed's; for every point under the prefix. */
  readonly arrival?: number;
  /** Called once, at the arrival that the seed chose; what it returns or throws is what `reach` does. */
  readonly kill: (at: FaultArrival) => Promise<void> | void;
}

/** Of the points without a prefix of their own, one in so many can fail under a seed: more would always end at the first steps of a start. */
const ONE_IN = 16;
/** The latest arrival that a seed chooses; early ones are likelier, since most points of a short run are rare. */
const LATEST_ARRIVAL = 64;

/** A number from 0 to 1 that follows from the words alone. */
function drawn(...words: readonly string[]): number {
  return createHash("sha256").update(words.join("\0")).digest().readUInt32BE(0) / 2 ** 32;
}

/** The arrival at which a point fails under a seed; undefined where it does not. */
export function arrivalOf(seed: string, point: string, under = ""): number | undefined {
  if (!point.startsWith(under)) return undefined;
  if (point !== under && drawn(seed, point, "whether") >= 1 / ONE_IN) return undefined;
  return Math.floor(LATEST_ARRIVAL ** drawn(seed, point, "when"));
}

/** Decides by (seed, point, arrival) alone where a run fails, and lists every point that it meets. Fails once. */
export function createSeededFaults(seed: string, { under = "", arrival, kill }: SeededFaultsOptions): SeededFaults {
  const counts = new Map<string, number>();
  const chosen = new Map<string, number | undefined>();
  let failed = false;
  return {
    reach: (point) => {
      const count = (counts.get(point) ?? 0) + 1;
      counts.set(point, count);
      if (failed) return undefined;
      if (!chosen.has(point)) chosen.set(point, point.startsWith(under) && arrival !== undefined ? arrival : arrivalOf(seed, point, under));
      if (chosen.get(point) !== count) return undefined;
      failed = true;
      return kill({ point, arrival: count });
    },
    reached: () => counts,
  };
}
