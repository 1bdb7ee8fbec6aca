import { groups, type SeriesTier, type TierName } from "@caudal/core";

/** Tiers that forget, in the order in which they do; cold is for ever. */
export const forgettingTiers = ["hot", "warm"] as const satisfies readonly TierName[];
export type ForgettingTier = (typeof forgettingTiers)[number];

export type Tiers = Readonly<Record<TierName, SeriesTier>>;

/** Which tiers hold for longer, the cheapest first: what is forgotten must stand in one of them. */
export const slowerThan: Readonly<Record<ForgettingTier, readonly TierName[]>> = { hot: ["warm", "cold"], warm: ["cold"] };

export const groupOf: Readonly<Record<TierName, string>> = { hot: groups.hot, warm: groups.warm, cold: groups.cold };

export interface Span {
  readonly fromUs: number;
  readonly toUs: number;
}

/** A span, and the tier that it is compared with; null where none holds it. */
export interface Part extends Span {
  readonly slower: TierName | null;
}

/** Floor of a point in a slower tier; undefined when it never saw the point. */
export interface SlowerFloor {
  readonly tier: TierName;
  readonly floorUs: number | undefined;
  /** It keeps for ever, so a point that it never saw is a point that it would hold whole. */
  readonly isLast: boolean;
}

/** Divides a span, in time order, among the slower tiers: each takes what lies above its floor and above nobody cheaper's. */
export function partsOf({ fromUs, toUs }: Span, floors: readonly SlowerFloor[]): Part[] {
  const parts: Part[] = [];
  let endUs = toUs;
  for (const { tier, floorUs, isLast } of floors) {
    const beginUs = Math.max(fromUs, floorUs ?? (isLast ? -Infinity : Infinity));
    if (beginUs >= endUs) continue;
    parts.unshift({ slower: tier, fromUs: beginUs, toUs: endUs });
    endUs = beginUs;
  }
  if (fromUs < endUs) parts.unshift({ slower: null, fromUs, toUs: endUs });
  return parts;
}
