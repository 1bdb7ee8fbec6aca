import type { RangeQuery, RowBlock } from "@caudal/core";
import type { SlotSeries } from "./fact-windows.ts";

/** A series without facts that says what it was asked. */
export function emptySeries(asked: (query: RangeQuery) => unknown): SlotSeries {
  return {
    read: (_scope, query) => {
      asked(query);
      return nothing();
    },
  };
}

async function* nothing(): AsyncGenerator<RowBlock> {
  // Nothing is held.
}
