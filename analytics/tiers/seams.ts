import type { Span } from "../buckets/calendar.ts";

/** What is known of a tier when a read is planned. */
export interface TierState<T> {
  readonly tier: T;
  /** Of the point; undefined when the tier never saw it. */
  readonly floorUs: number | undefined;
  /** False while the tier is behind another: what it was not told of yet must come from elsewhere. */
  readonly isCurrent: (other: T) => boolean;
}

export interface Segment<T> extends Span {
  readonly tier: T;
}

/**
 * Which tier serves which part of a range, in time order, without overlap: of the tiers whose floor lies at or below a part, the first
 * listed (the cheapest) that is behind none of the others. What no tier covers is left out.
 */
export function planSegments<T>(tiers: readonly TierState<T>[], { fromUs, toUs }: Span): Segment<T>[] {
  if (fromUs >= toUs) return [];
  const floors = tiers.map(({ floorUs }) => floorUs).filter((floorUs) => floorUs !== undefined && floorUs > fromUs && floorUs < toUs);
  const cuts = [fromUs, ...new Set(floors as number[]), toUs].sort((a, b) => a - b);
  const segments: Segment<T>[] = [];
  for (let i = 0; i + 1 < cuts.length; i++) {
    const part = { fromUs: cuts[i]!, toUs: cuts[i + 1]! };
    const covering = tiers.filter(({ floorUs }) => floorUs !== undefined && floorUs <= part.fromUs);
    const chosen = covering.find(({ isCurrent }) => covering.every(({ tier }) => isCurrent(tier)));
    if (chosen === undefined) continue;
    const last = segments.at(-1);
    if (last?.tier === chosen.tier && last.toUs === part.fromUs) segments[segments.length - 1] = { ...last, toUs: part.toUs };
    else segments.push({ tier: chosen.tier, ...part });
  }
  return segments;
}
