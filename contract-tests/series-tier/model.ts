import { compareRevisions, digestOf, type Digest, type LatestFact, type PointKey, type RangeQuery, type TierCapabilities } from "@caudal/core";
import type { Fact, Measurement } from "@caudal/schemas";
import { counts, type Counts, type ReadRow } from "./rows.ts";

interface Revised {
  readonly fact: Fact;
  readonly authority: number;
  readonly knownAtUs: number;
}

interface ModelPoint {
  floorUs: number;
  hasBegun: boolean;
  /** By instant, then variable: revisions, greatest first. */
  readonly instants: Map<number, Map<string, Revised[]>>;
}

/** What a SeriesTier means, in the simplest way that can be written: everything in maps, nothing fast. */
export class TierModel {
  readonly #capabilities: TierCapabilities;
  readonly #points = new Map<string, ModelPoint>();

  constructor(capabilities: TierCapabilities) {
    this.#capabilities = capabilities;
  }

  write(batch: readonly Measurement[]): Counts {
    const result = { ...counts({}) } as { -readonly [K in keyof Counts]: Counts[K] };
    for (const measurement of batch) {
      if (measurement.facts.length === 0) continue;
      const point = this.#begin(measurement);
      for (const fact of measurement.facts) {
        if (measurement.instantUs < point.floorUs) result.belowFloor += 1;
        else result[this.#merge(point, measurement, fact)] += 1;
      }
    }
    return result;
  }

  raiseFloor(key: PointKey, floorUs: number): void {
    const point = this.#points.get(keyOf(key)) ?? { floorUs: -Infinity, hasBegun: false, instants: new Map() };
    this.#points.set(keyOf(key), point);
    point.floorUs = Math.max(point.floorUs, floorUs);
    for (const instantUs of point.instants.keys()) if (instantUs < point.floorUs) point.instants.delete(instantUs);
  }

  floor(key: PointKey): number | undefined {
    return this.#points.get(keyOf(key))?.floorUs;
  }

  read(query: RangeQuery): ReadRow[] {
    const rows = this.#rows(query, query.asOfUs ?? Infinity)
      .filter(({ instantUs }) => instantUs >= query.fromUs && instantUs < query.toUs)
      .map(({ instantUs, facts }) => ({ instantUs, facts: Object.fromEntries(facts.filter(holds).filter(isWanted(query)).map(toRead)) }))
      .filter(({ facts }) => Object.keys(facts).length > 0);
    return (query.order === "descending" ? rows.toReversed() : rows).slice(0, query.limit);
  }

  latest(keys: readonly PointKey[]): LatestFact[] {
    return keys.flatMap((key) => {
      const newest = new Map<string, LatestFact>();
      for (const { instantUs, facts } of this.#rows(key, Infinity)) {
        for (const revised of facts.filter(holds)) {
          newest.set(revised.fact.variable, { ...key, instantUs, variable: revised.fact.variable, ...toRead(revised)[1] });
        }
      }
      return [...newest.values()];
    });
  }

  digest(key: PointKey, dayStartUs: number): Digest {
    const day = this.#rows(key, Infinity).filter(({ instantUs }) => instantUs >= dayStartUs && instantUs < dayStartUs + 86_400_000_000);
    return digestOf(day.flatMap(({ instantUs, facts }) => facts.map(({ fact }) => ({ instantUs, ...fact }))));
  }

  #begin(measurement: Measurement): ModelPoint {
    const point = this.#points.get(keyOf(measurement)) ?? { floorUs: -Infinity, hasBegun: false, instants: new Map() };
    this.#points.set(keyOf(measurement), point);
    const { retentionMs } = this.#capabilities;
    if (!point.hasBegun && retentionMs !== null) point.floorUs = Math.max(point.floorUs, measurement.receivedAtUs - retentionMs * 1000);
    point.hasBegun = true;
    return point;
  }

  #merge(point: ModelPoint, { instantUs, authority, knownAtUs }: Measurement, fact: Fact): keyof Counts {
    const variables = point.instants.get(instantUs) ?? new Map<string, Revised[]>();
    point.instants.set(instantUs, variables);
    const revisions = variables.get(fact.variable) ?? [];
    const incoming: Revised = { fact, authority, knownAtUs };
    if (revisions.some((revision) => compareRevisions(revision, incoming) === 0)) return "duplicate";
    const isGreatest = revisions.every((revision) => compareRevisions(revision, incoming) < 0);
    const all = [...revisions, incoming].sort((a, b) => compareRevisions(b, a));
    variables.set(fact.variable, this.#capabilities.revisions === "all" ? all : all.slice(0, 1));
    return isGreatest ? "stored" : "superseded";
  }

  /** Each fact at its greatest revision known by then, in time order. */
  #rows(key: PointKey, asOfUs: number): { readonly instantUs: number; readonly facts: readonly Revised[] }[] {
    const instants = [...(this.#points.get(keyOf(key))?.instants ?? [])].sort(([a], [b]) => a - b);
    return instants.map(([instantUs, variables]) => ({
      instantUs, facts: [...variables.values()].flatMap((revisions) => revisions.find(({ knownAtUs }) => knownAtUs <= asOfUs) ?? []),
    }));
  }
}

function keyOf({ client, point }: PointKey): string {
  return JSON.stringify([client, point]);
}

function holds({ fact }: Revised): boolean {
  return !fact.reasons.includes("withdrawn");
}

function isWanted({ variables }: RangeQuery): (revised: Revised) => boolean {
  return ({ fact }) => variables === undefined || variables.includes(fact.variable);
}

function toRead({ fact, authority, knownAtUs }: Revised): [string, ReadRow["facts"][string]] {
  const { variable, value, flag, reasons } = fact;
  return [variable, { value, flag, reasons: reasons.toSorted(), authority, knownAtUs }];
}
