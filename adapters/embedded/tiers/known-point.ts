import type { PointKey } from "@caudal/core";
import type { NewestFacts } from "./newest-facts.ts";

/** What the tier knows of a point it has seen. Small: there may be a hundred thousand in memory. */
export interface KnownPoint extends PointKey {
  /** Number of the point in this tier's file; never used again for another. */
  readonly id: number;
  floorUs: number;
  /** False until the first fact came, which begins the floor; a floor may have been raised before. */
  hasBegun: boolean;
  /** Incoming batches up to this one are in the point's blocks, as far as they concern it. */
  foldedSequence: number;
  readonly newest: NewestFacts;
  /** Grows with each write, so that what was made from the point's facts can be told from what is now. */
  version: number;
}

/** Key of a point in maps and packed batches. */
export function keyOf({ client, point }: PointKey): string {
  return `${client}\0${point}`;
}

export function fromKey(key: string): PointKey {
  const split = key.indexOf("\0");
  return { client: key.slice(0, split), point: key.slice(split + 1) };
}
