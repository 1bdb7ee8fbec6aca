import type { LatestFact, PointKey, Words } from "@caudal/core";
import type { NewestFact } from "./newest-facts.ts";

/** Latest facts as they cross from the worker: five numbers a fact, then which point, variable and set of reasons it has. */
export interface PackedLatest {
  /** Instant, value, flag, authority, known-at. */
  readonly numbers: Float64Array;
  /** Index of the point asked for, of the variable, of the set of reasons. */
  readonly references: Uint32Array;
  readonly variables: readonly string[];
  readonly reasonSets: readonly (readonly string[])[];
}

const NUMBERS = 5;
const REFERENCES = 3;

export function packLatest(facts: readonly { readonly point: number; readonly fact: NewestFact }[], words: Words): PackedLatest {
  const numbers = new Float64Array(facts.length * NUMBERS);
  const references = new Uint32Array(facts.length * REFERENCES);
  const variables = new Map<number, number>();
  const reasonSets = new Map<number, number>();
  facts.forEach(({ point, fact }, i) => {
    numbers[i * NUMBERS] = fact.instantUs;
    numbers[i * NUMBERS + 1] = fact.value;
    numbers[i * NUMBERS + 2] = fact.flag;
    numbers[i * NUMBERS + 3] = fact.authority;
    numbers[i * NUMBERS + 4] = fact.knownAtUs;
    references[i * REFERENCES] = point;
    references[i * REFERENCES + 1] = placeOf(variables, fact.variable);
    references[i * REFERENCES + 2] = placeOf(reasonSets, fact.reasons);
  });
  return {
    numbers, references,
    variables: Array.from(variables.keys(), (id) => words.textOf(id)),
    reasonSets: Array.from(reasonSets.keys(), (id) => words.reasonsOf(id)),
  };
}

export function unpackLatest({ numbers, references, variables, reasonSets }: PackedLatest, points: readonly PointKey[]): LatestFact[] {
  return Array.from({ length: references.length / REFERENCES }, (_, i) => {
    const { client, point } = points[references[i * REFERENCES]!]!;
    const at = i * NUMBERS;
    const value = numbers[at + 1]!;
    return {
      client, point, variable: variables[references[i * REFERENCES + 1]!]!, instantUs: numbers[at]!, value: Number.isNaN(value) ? null : value,
      flag: numbers[at + 2]!, reasons: reasonSets[references[i * REFERENCES + 2]!]!, authority: numbers[at + 3]!, knownAtUs: numbers[at + 4]!,
    };
  });
}

function placeOf(places: Map<number, number>, id: number): number {
  const known = places.get(id);
  if (known !== undefined) return known;
  places.set(id, places.size);
  return places.size - 1;
}
