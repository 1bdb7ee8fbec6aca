import { partitionOf, type LatestFact, type PointKey, type Scope, type SeriesTier, type TierName } from "@caudal/core";
import type { PointInfo } from "../points/point-directory.ts";
import type { SeriesTiers } from "../tiers/point-series.ts";
import type { TierPositions } from "../tiers/positions.ts";

export interface LatestValuesOptions {
  readonly tiers: SeriesTiers;
  readonly positions: TierPositions;
  readonly partitions: () => Promise<number>;
}

const cheapestFirst: readonly TierName[] = ["hot", "warm", "cold"];

/** Newest fact of each variable of many points. */
export class LatestValues {
  readonly #options: LatestValuesOptions;

  constructor(options: LatestValuesOptions) {
    this.#options = options;
  }

  /**
   * By point, in no order. From the first tier that is behind none of the others; a variable that it lacks (its newest fact is older than
   * the tier holds) is looked for in the next ones.
   */
  async of(scope: Scope, points: readonly PointInfo[]): Promise<Map<string, LatestFact[]>> {
    const { positions, partitions } = this.#options;
    const count = await partitions();
    await positions.refresh();
    const found = new Map<string, Map<string, LatestFact>>(points.map(({ key }) => [key.point, new Map()]));
    for (const tier of cheapestFirst) {
      const wanted = points.filter((info) => this.#isCurrent(tier, info.key, count) && isMissing(info, found.get(info.key.point)!));
      if (wanted.length === 0) continue;
      for (const fact of await this.#tier(tier).latest(scope, wanted.map(({ key }) => key))) {
        const facts = found.get(fact.point)!;
        if (facts.get(fact.variable) === undefined) facts.set(fact.variable, fact);
      }
    }
    return new Map(Array.from(found, ([point, facts]) => [point, [...facts.values()]]));
  }

  /** Newest fact of each variable that any tier has of a point. */
  async all(scope: Scope, key: PointKey): Promise<LatestFact[]> {
    const found = new Map<string, LatestFact>();
    const facts = await Promise.all(cheapestFirst.map((tier) => this.#tier(tier).latest(scope, [key])));
    for (const fact of facts.flat()) if (fact.instantUs >= (found.get(fact.variable)?.instantUs ?? -Infinity)) found.set(fact.variable, fact);
    return [...found.values()];
  }

  #isCurrent(tier: TierName, { point }: PointKey, partitions: number): boolean {
    const partition = partitionOf(point, partitions);
    return cheapestFirst.every((other) => this.#options.positions.isCurrent(tier, other, partition));
  }

  #tier(name: TierName): SeriesTier {
    return this.#options.tiers[name];
  }
}

function isMissing({ variables }: PointInfo, facts: ReadonlyMap<string, LatestFact>): boolean {
  return facts.size === 0 || variables.some(({ variable }) => !facts.has(variable));
}
