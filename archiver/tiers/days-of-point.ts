import { hasCode, systemScope, type PointKey, type TierName } from "@caudal/core";
import { DAY_US, dayStart } from "./days.ts";
import { slowerThan, type ForgettingTier, type Span, type Tiers } from "./pairs.ts";

export interface PointDays extends Span {
  readonly tier: ForgettingTier;
  readonly key: PointKey;
  readonly nowUs: number;
}

/** Starts of the UTC days of a span in which the tier, or one that holds for longer, has any fact of the point, withdrawn ones too; in time order. */
export async function* daysOf(tiers: Tiers, { tier, key, fromUs, toUs, nowUs }: PointDays): AsyncGenerator<number> {
  let cursorUs = fromUs;
  const first = async (name: TierName): Promise<number> => {
    try {
      const span = { ...key, fromUs: cursorUs, toUs, limit: 1, includeWithdrawn: true };
      for await (const block of tiers[name].read(systemScope, span)) if (block.rows > 0) return block.timesUs[0]!;
      return Infinity;
    } catch (error) {
      // Where nothing can be told any more, each day has its turn.
      if (name === tier && Number.isFinite(cursorUs) && (await isExpired(tiers, { tier, key, dayStartUs: dayStart(cursorUs), nowUs }, error))) return cursorUs;
      throw error;
    }
  };
  while (cursorUs < toUs) {
    const nextUs = Math.min(...(await Promise.all([tier, ...slowerThan[tier]].map(first))));
    if (nextUs >= toUs) return;
    yield dayStart(nextUs);
    cursorUs = dayStart(nextUs) + DAY_US;
  }
}

export interface MaybeExpired {
  readonly tier: ForgettingTier;
  readonly key: PointKey;
  readonly dayStartUs: number;
  readonly nowUs: number;
}

/**
 * True when a failure says that a tier which lets go by itself after twice its retention has done so with some of the day: the day is old enough, and
 * the tier answers and lost nothing else, but for this day.
 */
export async function isExpired(tiers: Tiers, { tier, key, dayStartUs, nowUs }: MaybeExpired, error: unknown): Promise<boolean> {
  const { recovery, capabilities: { durable, retentionMs } } = tiers[tier];
  if (!hasCode(error, "unavailable") || durable !== "until-failover" || retentionMs === null) return false;
  if (dayStartUs + DAY_US > nowUs - 2 * retentionMs * 1000 || (await recovery?.loss()) !== undefined) return false;
  return tiers[tier].digest(systemScope, key, dayStartUs).then(() => false, (again: unknown) => hasCode(again, "unavailable"));
}
