import { partitionOf, type PointKey, type RowBlock, type Scope, type SeriesTier, type TierName } from "@caudal/core";
import type { Span } from "../buckets/calendar.ts";
import type { TierPositions } from "./positions.ts";
import { planSegments, type Segment } from "./seams.ts";

export interface SeriesTiers {
  readonly hot: SeriesTier;
  readonly warm: SeriesTier;
  readonly cold: SeriesTier;
}

export interface SeriesQuery extends Span {
  readonly variables?: readonly string[];
  readonly order?: "ascending" | "descending";
  /** Rows at most. */
  readonly limit?: number;
}

export type TierSegment = Segment<TierName>;

const cheapestFirst: readonly TierName[] = ["hot", "warm", "cold"];

/** The rows of a point as one series over the three tiers. */
export class PointSeries {
  readonly #tiers: SeriesTiers;
  readonly #positions: TierPositions;
  readonly #partitions: () => Promise<number>;

  constructor(options: { readonly tiers: SeriesTiers; readonly positions: TierPositions; readonly partitions: () => Promise<number> }) {
    this.#tiers = options.tiers;
    this.#positions = options.positions;
    this.#partitions = options.partitions;
  }

  /** Which tier serves which part, as things stand now. Parts that no tier covers are left out. */
  async plan(scope: Scope, key: PointKey, span: Span): Promise<TierSegment[]> {
    const [partitions, floors] = await Promise.all([
      this.#partitions(), Promise.all(cheapestFirst.map((tier) => this.#tiers[tier].floor(scope, key))), this.#positions.refresh(),
    ]);
    const partition = partitionOf(key.point, partitions);
    const states = cheapestFirst.map((tier, i) => ({
      tier, floorUs: floors[i], isCurrent: (other: TierName) => this.#positions.isCurrent(tier, other, partition),
    }));
    return planSegments(states, span);
  }

  /**
   * Blocks in the order asked for, each instant once. A floor that rises over what is still to be read is met between blocks: the rest is
   * planned anew, so that forgetting in one tier never makes a hole.
   */
  async *read(scope: Scope, key: PointKey, query: SeriesQuery): AsyncGenerator<RowBlock> {
    const descending = query.order === "descending";
    let rowsLeft = query.limit ?? Infinity;
    let rest: Span | undefined = query;
    while (rest !== undefined && rest.fromUs < rest.toUs && rowsLeft > 0) {
      const segments: TierSegment[] = await this.plan(scope, key, rest);
      if (descending) segments.reverse();
      rest = undefined;
      for (const segment of segments) {
        let left: Span = segment;
        for await (const block of this.#blocks(scope, key, { ...query, ...segment, limit: rowsLeft })) {
          if (block.rows === 0) continue;
          if (await this.#hasMoved(scope, key, segment, left)) break;
          yield block;
          rowsLeft -= block.rows;
          if (rowsLeft <= 0) return;
          const lastUs = block.timesUs[block.rows - 1]!;
          left = descending ? { fromUs: left.fromUs, toUs: lastUs } : { fromUs: lastUs + 1, toUs: left.toUs };
        }
        if (await this.#hasMoved(scope, key, segment, left)) {
          rest = descending ? { fromUs: query.fromUs, toUs: left.toUs } : { fromUs: left.fromUs, toUs: query.toUs };
          break;
        }
      }
    }
  }

  #blocks(scope: Scope, key: PointKey, query: SeriesQuery & { readonly tier: TierName }): AsyncIterable<RowBlock> {
    const { fromUs, toUs, variables, order, limit, tier } = query;
    return this.#tiers[tier].read(scope, {
      ...key, fromUs, toUs,
      ...(variables === undefined ? {} : { variables }), ...(order === undefined ? {} : { order }),
      ...(limit === undefined || limit === Infinity ? {} : { limit }),
    });
  }

  /** True when the tier no longer holds all of what is left. Cold never forgets. */
  async #hasMoved(scope: Scope, key: PointKey, segment: TierSegment, left: Span): Promise<boolean> {
    if (segment.tier === "cold" || left.fromUs >= left.toUs) return false;
    const floorUs = await this.#tiers[segment.tier].floor(scope, key);
    return floorUs === undefined || floorUs > left.fromUs;
  }
}
