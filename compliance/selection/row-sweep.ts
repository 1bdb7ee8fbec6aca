import { systemScope } from "@caudal/core";
import type { SlotBook } from "../slots/slot-book.ts";
import type { SlotQuery } from "../slots/slot-query.ts";
import type { SlotRow } from "../slots/slot-row.ts";

const PAGE = 500;

export type SweepBounds = Pick<SlotQuery, "standing" | "open" | "fromUs" | "toUs">;

/** Walks through all rows that fit, oldest first, some at a time, and begins anew behind the last: what stays as it is for long keeps nobody else waiting. */
export class RowSweep {
  readonly #slots: Pick<SlotBook, "find">;
  readonly #bounds: () => SweepBounds;
  #under: { readonly bounds: SweepBounds; readonly cursor: string } | undefined;

  constructor(slots: Pick<SlotBook, "find">, bounds: () => SweepBounds) {
    this.#slots = slots;
    this.#bounds = bounds;
  }

  /** Rows that are wanted, of at most `mostRead` that are read; `isWhole` when the end was reached. */
  async next(mostRead: number, isWanted: (row: SlotRow) => boolean): Promise<{ readonly rows: readonly SlotRow[]; readonly isWhole: boolean }> {
    const rows: SlotRow[] = [];
    const bounds = this.#under?.bounds ?? this.#bounds();
    let cursor = this.#under?.cursor;
    for (let read = 0; read < mostRead; ) {
      const page = await this.#slots.find(systemScope, { ...bounds, limit: Math.min(PAGE, mostRead - read), cursor });
      read += page.items.length;
      rows.push(...page.items.filter(isWanted));
      cursor = page.next;
      this.#under = cursor === undefined ? undefined : { bounds, cursor };
      if (cursor === undefined) return { rows, isWhole: true };
    }
    return { rows, isWhole: false };
  }
}
