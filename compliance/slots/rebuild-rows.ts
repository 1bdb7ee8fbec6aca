import { hasCode, type Documents } from "@caudal/core";
import { openLedger } from "../ledger/open-ledger.ts";
import { SlotBook } from "./slot-book.ts";

export interface RebuiltRows {
  readonly works: number;
  readonly rows: number;
  /** Rows that were not what the ledger holds. */
  readonly changed: number;
}

/** Makes the rows of all works of the ledger anew from it; a work whose client was erased has none. Progress is of works. */
export async function rebuildSlotRows(documents: Documents, { nowUs, signal, progress }: { readonly nowUs: () => number; readonly signal: AbortSignal; readonly progress: (done: number, total: number) => void }): Promise<RebuiltRows> {
  const ledger = await openLedger(documents, { nowUs });
  const slots = await SlotBook.open(documents, ledger);
  const works = await ledger.works();
  const sum = { works: 0, rows: 0, changed: 0 };
  for (const [at, work] of works.entries()) {
    signal.throwIfAborted();
    progress(at, works.length);
    try {
      const { rows, changed } = await slots.rebuild(work);
      sum.works += 1;
      sum.rows += rows;
      sum.changed += changed;
    } catch (error) {
      if (!hasCode(error, "not-found")) throw error;
    }
  }
  if (works.length > 0) progress(works.length, works.length);
  return sum;
}
