import assert from "node:assert/strict";
import { pointIdOf, systemScope, type SeriesTier } from "@caudal/core";
import { totalOf, type SteadyDevice } from "./steady-load.ts";

export interface SteadyRow {
  readonly timeMs: number;
  readonly total: number | undefined;
}

/** A device's rows in a tier, in the order in which they are read. */
export async function rowsIn(tier: SeriesTier, device: string, range: { readonly fromMs: number; readonly toMs: number }): Promise<SteadyRow[]> {
  const rows: SteadyRow[] = [];
  for await (const block of tier.read(systemScope, { client: "default", point: pointIdOf("default", device), fromUs: range.fromMs * 1000, toUs: range.toMs * 1000 })) {
    const total = block.columns.find(({ variable }) => variable === "total");
    for (let row = 0; row < block.rows; row++) rows.push({ timeMs: (block.timesUs[row] ?? 0) / 1000, total: total?.values[row] });
  }
  return rows;
}

/** Fails unless the rows hold each acknowledged reading once, unchanged, and nothing that was never sent. */
export function checkRows(what: string, rows: readonly SteadyRow[], { sent, acknowledged }: SteadyDevice): void {
  const stored = new Set(rows.map(({ timeMs }) => timeMs));
  assert.equal(stored.size, rows.length, `${what}: an instant twice`);
  assert.deepEqual([...acknowledged].filter((timeMs) => !stored.has(timeMs)), [], `${what}: acknowledged and not there`);
  const known = new Set(sent);
  for (const { timeMs, total } of rows) {
    assert.ok(known.has(timeMs), `${what}: ${timeMs} was never sent`);
    assert.equal(total, totalOf(timeMs), `${what} ${timeMs}`);
  }
}
