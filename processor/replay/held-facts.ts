import { systemScope, type RangeQuery, type SeriesTier } from "@caudal/core";
import type { HeldFact } from "./change.ts";

/** Facts of a point as a tier holds them, withdrawn ones included, in order of (instant, variable). */
export async function* heldFacts(tier: SeriesTier, query: Omit<RangeQuery, "includeWithdrawn" | "order">): AsyncGenerator<HeldFact> {
  for await (const { rows, timesUs, columns } of tier.read(systemScope, { ...query, includeWithdrawn: true })) {
    const inOrder = columns.toSorted((a, b) => (a.variable < b.variable ? -1 : 1));
    for (let row = 0; row < rows; row++) {
      for (const { variable, values, flags, reasons, authorities, knownAtUs } of inOrder) {
        const flag = flags[row]!;
        if (flag === 0) continue;
        const value = values[row]!;
        yield {
          instantUs: timesUs[row]!, variable, value: Number.isNaN(value) ? null : value, flag, reasons: reasons.get(row) ?? [], authority: authorities[row]!, knownAtUs: knownAtUs[row]!,
        };
      }
    }
  }
}
