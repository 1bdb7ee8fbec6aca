import type { LatestEntry } from "../../live/latest-book.ts";
import { folded, matchesText } from "../../points/filter.ts";
import type { UnitOption, VariableOption } from "../../wire/operations.ts";
import { measuredVariables, type LatestValue, type Point } from "../../wire/point.ts";
import type { TwoTexts } from "../../wire/two-texts.ts";
import { measuredBy, type Quantity } from "./obra-rules.ts";

/** A variable of a point that may feed a quantity. */
export interface FeedCandidate {
  readonly point: Point;
  readonly variable: string;
  readonly name: TwoTexts;
  readonly latest: LatestValue | undefined;
}

export interface FeedSearch {
  readonly quantity: Quantity;
  readonly text: string;
  /** Points of this client come first. */
  readonly client: string;
  readonly most: number;
}

export interface FeedSources {
  readonly points: readonly Point[];
  readonly latest: (point: string) => LatestEntry | undefined;
  readonly units: readonly UnitOption[];
  readonly variables: ReadonlyMap<string, VariableOption>;
}

/** Variables whose unit measures the quantity, of the points that every word of the text is found in; those that are computed count too. A unit that nobody knows fits. */
export function findFeeds({ points, latest, units, variables }: FeedSources, { quantity, text, client, most }: FeedSearch): readonly FeedCandidate[] {
  const measures = new Map(units.map((unit) => [unit.code, unit.quantity]));
  const fits = (unit: string): boolean => (measures.get(unit) ?? measuredBy[quantity]) === measuredBy[quantity];
  const found: FeedCandidate[] = [];
  const turns = [points.filter((point) => point.client === client), points.filter((point) => point.client !== client)];
  for (const point of turns.flat()) {
    const own = new Map(measuredVariables(point).map((row) => [row.variable, { name: row.name, unit: row.unit }]));
    const values = latest(point.id)?.values;
    for (const value of values?.values() ?? []) if (!own.has(value.variable)) own.set(value.variable, { name: variables.get(value.variable)?.name ?? { en: value.variable, es: value.variable }, unit: value.unit });
    if (!matchesText(point, text) && !folded(point.id).includes(folded(text.trim()))) continue;
    for (const [variable, { name, unit }] of own) {
      if (fits(unit)) found.push({ point, variable, name, latest: values?.get(variable) });
      if (found.length === most) return found;
    }
  }
  return found;
}
