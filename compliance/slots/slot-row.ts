import type { SlotEdit, TakenValue } from "../ledger/entry.ts";
import type { SlotStanding, SlotState } from "./slot-state.ts";

/**
 * A slot as people list it: document `work/slotUs` (the instant zero-padded to 17 digits, so that ids sort by time) of the tenant collection `slots`. Made ahead of its instant with
 * standing "expected"; everything after is what the ledger's entries add up to, so that all rows can be thrown away and made again.
 */
export interface SlotRow {
  readonly client: string;
  readonly work: string;
  readonly slotUs: number;
  /** `2026-06` on the regulator's clock. */
  readonly month: string;
  readonly standing: SlotStanding;
  /** 1 while it waits for something: expected, held, ready, sending, unknown, refused, refused-for-good. 0 when it is closed. Also 1 for an accepted one that was not verified. */
  readonly open: 0 | 1;
  /** Newest ledger entry of this slot that this row tells. */
  readonly seq: number;
  readonly state: SlotState;
  /** As its state has it, to be found by; absent without one. */
  readonly voucher?: string;
  /** Why it is held, or why nothing was there at the deadline ("no-data", "late-data", "incomplete"). */
  readonly reasons: readonly string[];
  /** What was noted while it was expected (`SlotBook.note`); told as `reasons` where the ledger has none. Absent before the first note. */
  readonly noted?: readonly string[];
  /** What it took, with the true instants. */
  readonly taken: readonly TakenValue[];
  /** What two people put in the place of measured values; absent where they did not. */
  readonly edit?: SlotEdit;
  /** Accepted after one hour, or not accepted within the permitted delay. */
  readonly late: boolean;
  readonly lateFailure: boolean;
  /** When it was last looked for data, and whether any was there. */
  readonly lookedAtUs: number | null;
}

export const slotCollection = {
  name: "slots", tenant: true,
  indexes: [["work", "slotUs"], ["work", "month", "slotUs"], ["work", "open", "slotUs"], ["work", "standing", "slotUs"], ["work", "voucher"], ["open", "slotUs"], ["standing", "slotUs"], ["client", "standing", "slotUs"], ["slotUs"],
    ["client", "open", "slotUs"], ["client", "slotUs"]],
} as const;

export function slotId(work: string, slotUs: number): string {
  return `${work}/${String(slotUs).padStart(17, "0")}`;
}
