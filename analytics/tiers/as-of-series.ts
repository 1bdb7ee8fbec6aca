import { CaudalError, partitionOf, type PointKey, type RowBlock, type Scope, type SeriesTier } from "@caudal/core";
import type { Span } from "../buckets/calendar.ts";
import type { RowSeries, SeriesQuery, TierSegment } from "./point-series.ts";
import type { TierPositions } from "./positions.ts";

export interface AsOfOptions {
  /** Keeps every revision. */
  readonly cold: SeriesTier;
  readonly positions: TierPositions;
  readonly partitions: () => Promise<number>;
}

/**
 * The rows of a point as they were known at an instant: of each fact the greatest revision that was known by then, which cold alone keeps.
 * While cold's group is left behind by another tier's, nobody can say what it will turn out to have been known: CaudalError "unavailable".
 */
export class AsOfSeries implements RowSeries {
  readonly #options: AsOfOptions;
  readonly #asOfUs: number;

  constructor(options: AsOfOptions, asOfUs: number) {
    this.#options = options;
    this.#asOfUs = asOfUs;
  }

  async plan(scope: Scope, key: PointKey, span: Span): Promise<TierSegment[]> {
    const floorUs = await this.reachUs(scope, key);
    const fromUs = Math.max(span.fromUs, floorUs ?? Infinity);
    return fromUs < span.toUs ? [{ tier: "cold", fromUs, toUs: span.toUs }] : [];
  }

  async *read(scope: Scope, key: PointKey, query: SeriesQuery): AsyncGenerator<RowBlock> {
    const { cold, positions, partitions } = this.#options;
    const partition = partitionOf(key.point, await partitions());
    await positions.refresh();
    if (!positions.isCurrent("cold", "hot", partition) || !positions.isCurrent("cold", "warm", partition)) {
      throw new CaudalError("unavailable", "the cold tier has not taken in all that the others have, so what was known then cannot be said yet", { retry: "yes" });
    }
    yield* cold.read(scope, { ...key, ...query, asOfUs: this.#asOfUs });
  }

  reachUs(scope: Scope, key: PointKey): Promise<number | undefined> {
    return this.#options.cold.floor(scope, key);
  }
}
