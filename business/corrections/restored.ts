import { systemScope, type PointKey, type SeriesTier } from "@caudal/core";
import { refused } from "./body.ts";
import type { Held } from "./held.ts";

/** Values of one correction that takes others back: each is an event, and judging knows the newest 64 of a point when they come again. */
const MOST_VALUES = 64;
const COMPUTED = 0;

/**
 * What the source said at the instants whose facts are a person's, in time order: the newest computed revision of each, null where there is none. Throws Problem
 * "invalid-body" where no fact is a person's, and where the values are too many.
 */
export async function restoredOf(cold: SeriesTier, key: PointKey & { readonly variable: string }, held: readonly Held[]): Promise<{ readonly held: readonly Held[]; readonly values: readonly (number | null)[] }> {
  const said = held.filter(({ fact }) => fact !== null && fact.authority > COMPUTED);
  const [first, last] = [said[0], said.at(-1)];
  if (first === undefined || last === undefined) throw refused("restore", { en: "no person's correction holds there", es: "ahí no rige ninguna corrección de una persona" });
  const { client, point, variable } = key;
  const newest = new Map<number, { knownAtUs: number; value: number | null }>();
  for await (const { rows, timesUs, columns } of cold.read(systemScope, { client, point, fromUs: first.instantUs, toUs: last.instantUs + 1, variables: [variable], includeWithdrawn: true, allRevisions: true })) {
    const column = columns.find((candidate) => candidate.variable === variable);
    for (let row = 0; column !== undefined && row < rows; row++) {
      if (column.flags[row] === 0 || column.authorities[row] !== COMPUTED) continue;
      const [timeUs, knownAtUs, value] = [timesUs[row]!, column.knownAtUs[row]!, column.values[row]!];
      if ((newest.get(timeUs)?.knownAtUs ?? -Infinity) < knownAtUs) newest.set(timeUs, { knownAtUs, value: Number.isNaN(value) ? null : value });
    }
  }
  const values = said.map(({ instantUs }) => newest.get(instantUs)?.value ?? null);
  if (new Set(values).size > MOST_VALUES) throw refused("to", { en: `more than ${MOST_VALUES} different values would hold again; expected a shorter span`, es: `volverían a regir más de ${MOST_VALUES} valores distintos; se esperaba un tramo más corto` });
  return { held: said, values };
}
