import { CaudalError, partitionOf, type LatestFact, type PointKey, type Scope, type SeriesTier, type TierName } from "@caudal/core";
import type { PointInfo } from "../points/point-directory.ts";
import type { SeriesTiers } from "../tiers/point-series.ts";
import type { AwayTiers } from "../tiers/away-tiers.ts";
import type { TierPositions } from "../tiers/positions.ts";

export interface LatestValuesOptions {
  readonly tiers: SeriesTiers;
  readonly positions: TierPositions;
  readonly away: AwayTiers;
  readonly partitions: () => Promise<number>;
}

/** Newest facts by point, in no order. */
export interface NewestValues {
  readonly facts: ReadonlyMap<string, readonly LatestFact[]>;
  /** Tiers that were needed and did not answer: a variable whose newest value only they hold is missing. */
  readonly away: readonly TierName[];
}

const cheapestFirst: readonly TierName[] = ["hot", "warm", "cold"];

/** Newest fact of each variable of many points. */
export class LatestValues {
  readonly #options: LatestValuesOptions;

  constructor(options: LatestValuesOptions) {
    this.#options = options;
  }

  /**
   * From the first tier that is behind none of the others; a variable that it lacks (its newest fact is older than
   * the tier holds) is looked for in the next ones. CaudalError "unavailable" when no tier that was needed answers.
   */
  async of(scope: Scope, points: readonly PointInfo[]): Promise<NewestValues> {
    const { positions, partitions } = this.#options;
    const count = await partitions();
    await positions.refresh();
    const found = new Map<string, Map<string, LatestFact>>(points.map(({ key }) => [key.point, new Map()]));
    const away: TierName[] = [];
    let answered = false;
    for (const tier of cheapestFirst) {
      const wanted = points.filter((info) => this.#isCurrent(tier, info.key, count) && isMissing(info, found.get(info.key.point)!));
      if (wanted.length === 0) continue;
      const told = await this.#options.away.ask(tier, () => this.#tier(tier).latest(scope, wanted.map(({ key }) => key)));
      if (told === undefined) away.push(tier);
      else answered = true;
      for (const fact of told?.answer ?? []) {
        const facts = found.get(fact.point)!;
        if (facts.get(fact.variable) === undefined) facts.set(fact.variable, fact);
      }
    }
    if (away.length > 0 && !answered) throw new CaudalError("unavailable", `the ${away.join(" and the ")} tier cannot be read now`);
    return { facts: new Map(Array.from(found, ([point, facts]) => [point, [...facts.values()]])), away };
  }

  /** Newest fact of each variable that any tier has of a point; of those that answer. */
  async all(scope: Scope, key: PointKey): Promise<LatestFact[]> {
    const found = new Map<string, LatestFact>();
    const told = await Promise.all(cheapestFirst.map((tier) => this.#options.away.ask(tier, () => this.#tier(tier).latest(scope, [key]))));
    if (told.every((each) => each === undefined)) throw new CaudalError("unavailable", "no tier can be read now");
    for (const fact of told.flatMap((each) => each?.answer ?? [])) if (fact.instantUs >= (found.get(fact.variable)?.instantUs ?? -Infinity)) found.set(fact.variable, fact);
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
