import assert from "node:assert/strict";
import { systemScope, type LatestFact, type RangeQuery, type RowBlock, type Scope, type SeriesTier, type WriteResult } from "@caudal/core";

/** One fact as it was read. */
export interface ReadFact {
  readonly value: number | null;
  readonly flag: number;
  readonly reasons: readonly string[];
  readonly authority: number;
  readonly knownAtUs: number;
}

/** One instant as it was read: facts by variable. */
export interface ReadRow {
  readonly instantUs: number;
  readonly facts: Readonly<Record<string, ReadFact>>;
}

export const everything = { fromUs: -Infinity, toUs: Infinity };

/** Reads a range to its end, checking the shape of each block. */
export async function readRows(tier: SeriesTier, query: RangeQuery, scope: Scope = systemScope): Promise<ReadRow[]> {
  const rows: ReadRow[] = [];
  for await (const block of tier.read(scope, query)) rows.push(...rowsOf(block));
  const inOrder = query.order === "descending" ? rows.toReversed() : rows;
  for (let i = 1; i < inOrder.length; i++) assert.ok(inOrder[i - 1]!.instantUs < inOrder[i]!.instantUs, `row ${i} is out of order`);
  return rows;
}

/** Rows of a block; fails when its arrays do not fit together or hold a row without a fact. */
export function rowsOf(block: RowBlock): ReadRow[] {
  assert.ok(block.rows > 0 && block.rows <= 8192, `a block of ${block.rows} rows`);
  assert.equal(block.timesUs.length, block.rows);
  for (const column of block.columns) {
    for (const array of [column.values, column.flags, column.authorities, column.knownAtUs]) assert.equal(array.length, block.rows, column.variable);
  }
  const rows = Array.from(block.timesUs, (instantUs, row) => ({ instantUs, facts: factsAt(block, row) }));
  for (const { instantUs, facts } of rows) assert.notEqual(Object.keys(facts).length, 0, `row ${instantUs} without facts`);
  return rows;
}

function factsAt(block: RowBlock, row: number): Record<string, ReadFact> {
  const facts: Record<string, ReadFact> = {};
  for (const { variable, values, flags, reasons, authorities, knownAtUs } of block.columns) {
    const value = values[row]!;
    if (flags[row] === 0) {
      assert.ok(Number.isNaN(value) && !reasons.has(row), `${variable} has a value or reasons where it has no fact`);
      continue;
    }
    facts[variable] = {
      value: Number.isNaN(value) ? null : value, flag: flags[row]!, reasons: reasons.get(row) ?? [], authority: authorities[row]!, knownAtUs: knownAtUs[row]!,
    };
  }
  return facts;
}

/** Values by instant of one variable. */
export async function readValues(tier: SeriesTier, query: RangeQuery, variable = "flow"): Promise<[number, number | null | undefined][]> {
  const rows = await readRows(tier, query);
  return rows.map(({ instantUs, facts }) => [instantUs, facts[variable]?.value]);
}

/** Latest facts in an order that tests can compare. */
export function sortedLatest(facts: readonly LatestFact[]): LatestFact[] {
  const key = ({ client, point, variable }: LatestFact): string => JSON.stringify([client, point, variable]);
  return facts.toSorted((a, b) => (key(a) < key(b) ? -1 : 1));
}

export type Counts = Omit<WriteResult, "failed">;

export function countsOf({ stored, superseded, duplicate, belowFloor }: WriteResult): Counts {
  return { stored, superseded, duplicate, belowFloor };
}

export function counts(some: Partial<Counts>): Counts {
  return { stored: 0, superseded: 0, duplicate: 0, belowFloor: 0, ...some };
}
