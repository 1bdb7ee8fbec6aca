import { type FactArrays, type LatestFact, type PointKey, type Words } from "@caudal/core";
import type { KnownPoint } from "./known-point.ts";
import type { SeriesReader, SeriesSource } from "./series-reader.ts";

/** The newest facts of a point that hold; those that were withdrawn since they were noted are yet to be looked up. */
export interface NewestOfPoint {
  readonly facts: readonly LatestFact[];
  readonly unsettled: readonly number[];
  readonly source: SeriesSource;
  readonly key: PointKey;
}

export function newestOf(point: KnownPoint, source: SeriesSource, words: Words): NewestOfPoint {
  const key = { client: point.client, point: point.point };
  const unsettled = point.newest.unsettled();
  const { facts } = point.newest;
  const holding: LatestFact[] = [];
  for (let i = 0; i < facts.length; i++) {
    if (facts.instants[i]! >= point.floorUs && !unsettled.includes(facts.variables[i]!)) holding.push(toLatest(key, facts, i, words));
  }
  return { facts: holding, unsettled, key, source };
}

/** Looks for what holds instead of the newest fact of a variable. */
export async function settledFact(newest: NewestOfPoint, variable: number, reader: SeriesReader, words: Words): Promise<LatestFact | undefined> {
  const query = { fromUs: -Infinity, toUs: Infinity, descending: true, maxRows: 1, variables: new Set([variable]), asOfUs: undefined };
  for await (const { facts } of reader.rows(newest.source, query)) return toLatest(newest.key, facts, 0, words);
  return undefined;
}

function toLatest({ client, point }: PointKey, facts: FactArrays, i: number, words: Words): LatestFact {
  const value = facts.values[i]!;
  return {
    client, point, variable: words.textOf(facts.variables[i]!), instantUs: facts.instants[i]!, value: Number.isNaN(value) ? null : value, flag: facts.flags[i]!,
    reasons: words.reasonsOf(facts.reasons[i]!), authority: facts.authorities[i]!, knownAtUs: facts.knownAts[i]!,
  };
}
