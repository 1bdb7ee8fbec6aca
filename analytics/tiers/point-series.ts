import { CaudalError, partitionOf, type PointKey, type RowBlock, type Scope, type SeriesTier, type TierName } from "@caudal/core";
import type { Span } from "../buckets/calendar.ts";
import type { AwayTiers } from "./away-tiers.ts";
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

/** Rows of points as one series, whatever they are read from. */
export interface RowSeries {
  /** Which tier serves which part. */
  plan(scope: Scope, key: PointKey, span: Span): Promise<TierSegment[]>;
  /** Blocks in the order asked for, each instant once. */
  read(scope: Scope, key: PointKey, query: SeriesQuery): AsyncIterable<RowBlock>;
  /** Least instant that can be read now; undefined for a point that nothing here ever saw. */
  reachUs(scope: Scope, key: PointKey): Promise<number | undefined>;
}

const cheapestFirst: readonly TierName[] = ["hot", "warm", "cold"];

export interface PointSeriesOptions {
  readonly tiers: SeriesTiers;
  readonly positions: TierPositions;
  readonly away: AwayTiers;
  readonly partitions: () => Promise<number>;
}

/** The rows of a point as one series over the three tiers. */
export class PointSeries implements RowSeries {
  readonly #tiers: SeriesTiers;
  readonly #positions: TierPositions;
  readonly #away: AwayTiers;
  readonly #partitions: () => Promise<number>;

  constructor(options: PointSeriesOptions) {
    this.#tiers = options.tiers;
    this.#away = options.away;
    this.#positions = options.positions;
    this.#partitions = options.partitions;
  }

  /**
   * Which tier serves which part, as things stand now. Parts that no tier covers are left out; CaudalError "unavailable" when a tier that may
   * cover such a part does not answer.
   */
  async plan(scope: Scope, key: PointKey, span: Span): Promise<TierSegment[]> {
    const { segments, away } = await this.#lay(scope, key, span);
    if (away.length > 0 && !covers(segments, span)) throw absence(away);
    return segments;
  }

  /**
   * Blocks in the order asked for, each instant once. Where a floor rises over what is still to be read, or the tier stops answering, the rest
   * is planned anew between blocks, so that neither makes a hole. CaudalError "unavailable" when the reading comes to a part that only a tier
   * that does not answer may hold.
   */
  async *read(scope: Scope, key: PointKey, query: SeriesQuery): AsyncGenerator<RowBlock> {
    const descending = query.order === "descending";
    let rowsLeft = query.limit ?? Infinity;
    let rest: Span | undefined = query;
    while (rest !== undefined && rest.fromUs < rest.toUs && rowsLeft > 0) {
      const { segments, away } = await this.#lay(scope, key, rest);
      if (descending) segments.reverse();
      let left: Span = rest;
      rest = undefined;
      for (const segment of segments) {
        if (away.length > 0 && !touches(segment, left, descending)) throw absence(away);
        left = descending ? { fromUs: left.fromUs, toUs: segment.toUs } : { fromUs: segment.fromUs, toUs: left.toUs };
        let hasMoved: boolean;
        try {
          for await (const block of this.#blocks(scope, key, { ...query, ...segment, limit: rowsLeft })) {
            if (block.rows === 0) continue;
            if (await this.#hasMoved(scope, key, segment, cut(left, segment))) break;
            yield block;
            rowsLeft -= block.rows;
            if (rowsLeft <= 0) return;
            const lastUs = block.timesUs[block.rows - 1]!;
            left = descending ? { fromUs: left.fromUs, toUs: lastUs } : { fromUs: lastUs + 1, toUs: left.toUs };
          }
          hasMoved = await this.#hasMoved(scope, key, segment, cut(left, segment));
        } catch (error) {
          if (!this.#away.isAbsence(segment.tier, error)) throw error;
          hasMoved = true;
        }
        if (hasMoved) {
          rest = left;
          break;
        }
        left = descending ? { fromUs: left.fromUs, toUs: segment.fromUs } : { fromUs: segment.toUs, toUs: left.toUs };
      }
      if (rest === undefined && away.length > 0 && left.fromUs < left.toUs) throw absence(away);
    }
  }

  /** Least instant that a tier which answers now holds; undefined when none that answers ever saw the point. */
  async reachUs(scope: Scope, key: PointKey): Promise<number | undefined> {
    const floors = await Promise.all(cheapestFirst.map((tier) => this.#floor(tier, scope, key)));
    const known = floors.flatMap((floor) => (floor?.answer === undefined ? [] : [floor.answer]));
    return known.length === 0 ? undefined : Math.min(...known);
  }

  async #lay(scope: Scope, key: PointKey, span: Span): Promise<{ readonly segments: TierSegment[]; readonly away: readonly TierName[] }> {
    const [partitions, floors] = await Promise.all([this.#partitions(), Promise.all(cheapestFirst.map((tier) => this.#floor(tier, scope, key))), this.#positions.refresh()]);
    const partition = partitionOf(key.point, partitions);
    const states = cheapestFirst.flatMap((tier, i) => {
      const floor = floors[i];
      return floor === undefined ? [] : [{ tier, floorUs: floor.answer, isCurrent: (other: TierName) => this.#positions.isCurrent(tier, other, partition) }];
    });
    return { segments: planSegments(states, span), away: cheapestFirst.filter((_, i) => floors[i] === undefined) };
  }

  #floor(tier: TierName, scope: Scope, key: PointKey): Promise<{ readonly answer: number | undefined } | undefined> {
    return this.#away.ask(tier, () => this.#tiers[tier].floor(scope, key));
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

/** True when the segments, in time order, leave no part out. */
function covers(segments: readonly TierSegment[], { fromUs, toUs }: Span): boolean {
  let reachedUs = fromUs;
  for (const segment of segments) {
    if (segment.fromUs > reachedUs) return false;
    reachedUs = segment.toUs;
  }
  return reachedUs >= toUs;
}

/** True when the segment begins where the reading stands. */
function touches(segment: Span, left: Span, descending: boolean): boolean {
  return descending ? segment.toUs >= left.toUs : segment.fromUs <= left.fromUs;
}

function cut(left: Span, segment: Span): Span {
  return { fromUs: Math.max(left.fromUs, segment.fromUs), toUs: Math.min(left.toUs, segment.toUs) };
}

function absence(away: readonly TierName[]): CaudalError {
  return new CaudalError("unavailable", `the ${away.join(" and the ")} tier cannot be read now, and no other holds all of what was asked for`);
}
