import type { LedgerRecord } from "./ledger.ts";
import type { LedgerEntry } from "./entry.ts";

/** `slotUs` of an entry about the work as a whole. */
export const WHOLE_WORK = -1;

/** Zero-padded, so that a chain's ids sort as its entries do. */
export function recordId(work: string, seq: number): string {
  return `${work}/${String(seq).padStart(10, "0")}`;
}

export function slotOf({ body }: Pick<LedgerEntry, "body">): number {
  return "slotUs" in body ? body.slotUs : WHOLE_WORK;
}

/** `token`: which write it was. Two writers may write the very same entry at the same instant, and only one of them may go on. */
export function recordOf(entry: LedgerEntry, token: string): LedgerRecord {
  return { work: entry.work, seq: entry.seq, slotUs: slotOf(entry), kind: entry.body.kind, atUs: entry.atUs, token, entry };
}
