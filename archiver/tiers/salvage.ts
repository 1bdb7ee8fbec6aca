import { hasCode, heldFacts, systemScope, type HeldFact, type PointKey } from "@caudal/core";
import { DAY_US } from "./days.ts";
import { measurementsOf } from "./measurements-of.ts";
import type { ForgettingTier, Tiers } from "./pairs.ts";

export interface SalvageTask {
  readonly tiers: Tiers;
  readonly tier: ForgettingTier;
  readonly key: PointKey;
  readonly dayStartUs: number;
  readonly floorUs: number;
}

const HOUR_US = 3_600_000_000;

/**
 * Brings what is left of a day that a tier let go of by itself into the cold tier, hour by hour. Gives how many hours could not be read. Cold was
 * written from the log as data came, so there is hardly ever anything to bring.
 */
export async function salvage({ tiers, tier, key, dayStartUs, floorUs }: SalvageTask): Promise<number> {
  let unreadable = 0;
  for (let fromUs = Math.max(dayStartUs, Math.floor(floorUs / HOUR_US) * HOUR_US); fromUs < dayStartUs + DAY_US; fromUs += HOUR_US) {
    const facts: HeldFact[] = [];
    try {
      for await (const block of tiers[tier].read(systemScope, { ...key, fromUs: Math.max(fromUs, floorUs), toUs: fromUs + HOUR_US, includeWithdrawn: true })) facts.push(...heldFacts(block));
    } catch (error) {
      if (!hasCode(error, "unavailable")) throw error;
      unreadable += 1;
    }
    if (facts.length === 0) continue;
    const { failed: [failed] } = await tiers.cold.write(measurementsOf(key, facts));
    if (failed !== undefined) throw failed.error;
  }
  return unreadable;
}
