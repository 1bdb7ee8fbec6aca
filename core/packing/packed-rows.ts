import type { FactColumn, RowBlock } from "../ports/series-tier.ts";
import type { FactArrays, FactList } from "./fact-list.ts";
import type { Words } from "./words.ts";

/**
 * Rows as they cross from the worker, the large parts by transfer: times, then a column's values and known-at times each (float64), then
 * a column's flags and authorities each (uint8).
 */
export interface PackedRows {
  readonly rows: number;
  readonly variables: readonly string[];
  readonly numbers: Float64Array;
  readonly bytes: Uint8Array;
  /** Column, row and index of the set, three numbers a fact with reasons. */
  readonly reasons: Uint32Array;
  readonly reasonSets: readonly (readonly string[])[];
}

/** Rows of facts that `selectRows` picked. */
export function rowsOf(facts: FactList, rows: number, words: Words): RowBlock {
  return unpackRows(packRows(facts, rows, words));
}

export function packRows(facts: FactList, rows: number, words: Words): PackedRows {
  const columns = columnsOf(facts, words);
  const numbers = new Float64Array(rows * (1 + columns.variables.length * 2)).fill(NaN, rows);
  const bytes = new Uint8Array(rows * columns.variables.length * 2);
  columns.variables.forEach((_, column) => numbers.fill(0, rows * (2 + column * 2), rows * (3 + column * 2)));
  const reasons: number[] = [];
  const sets = new Map<number, number>();
  for (let i = 0, row = -1; i < facts.length; i++) {
    // Within a row facts come by variable; where that begins anew a lesser revision of the instant has its own row.
    if (i === 0 || facts.instants[i] !== facts.instants[i - 1] || facts.variables[i]! <= facts.variables[i - 1]!) numbers[++row] = facts.instants[i]!;
    const column = columns.indexOf.get(facts.variables[i]!)!;
    numbers[rows * (1 + column * 2) + row] = facts.values[i]!;
    numbers[rows * (2 + column * 2) + row] = facts.knownAts[i]!;
    bytes[rows * column * 2 + row] = facts.flags[i]!;
    bytes[rows * (column * 2 + 1) + row] = facts.authorities[i]!;
    if (facts.reasons[i] !== 0) reasons.push(column, row, setOf(sets, facts.reasons[i]!));
  }
  const reasonSets = Array.from(sets.keys(), (id) => words.reasonsOf(id));
  return { rows, variables: columns.variables, numbers, bytes, reasons: Uint32Array.from(reasons), reasonSets };
}

export function unpackRows({ rows, variables, numbers, bytes, reasons, reasonSets }: PackedRows): RowBlock {
  const columns = variables.map((variable, column): FactColumn & { readonly reasons: Map<number, readonly string[]> } => ({
    variable,
    values: numbers.subarray(rows * (1 + column * 2), rows * (2 + column * 2)),
    knownAtUs: numbers.subarray(rows * (2 + column * 2), rows * (3 + column * 2)),
    flags: bytes.subarray(rows * column * 2, rows * (column * 2 + 1)),
    authorities: bytes.subarray(rows * (column * 2 + 1), rows * (column + 1) * 2),
    reasons: new Map(),
  }));
  for (let i = 0; i < reasons.length; i += 3) columns[reasons[i]!]!.reasons.set(reasons[i + 1]!, reasonSets[reasons[i + 2]!]!);
  return { rows, timesUs: numbers.subarray(0, rows), columns };
}

/** Variables of the facts by name. */
function columnsOf(facts: FactArrays & { readonly length: number }, words: Words): { readonly variables: string[]; readonly indexOf: Map<number, number> } {
  const ids = new Set<number>();
  for (let i = 0; i < facts.length; i++) ids.add(facts.variables[i]!);
  const named = Array.from(ids, (id) => ({ id, name: words.textOf(id) })).sort((a, b) => (a.name < b.name ? -1 : 1));
  return { variables: named.map(({ name }) => name), indexOf: new Map(named.map(({ id }, column) => [id, column])) };
}

function setOf(sets: Map<number, number>, reasons: number): number {
  const known = sets.get(reasons);
  if (known !== undefined) return known;
  sets.set(reasons, sets.size);
  return sets.size - 1;
}
