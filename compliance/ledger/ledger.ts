import type { EntryBody, LedgerEntry } from "./entry.ts";
import type { SlotState } from "../slots/slot-state.ts";

/** One entry as it is stored: document `work/seq` (seq zero-padded to 10 digits) of the collection `ledger`, not tenant: an erasure of a client leaves it. */
export interface LedgerRecord {
  readonly work: string;
  readonly seq: number;
  /** -1 for entries about the work as a whole. */
  readonly slotUs: number;
  readonly kind: EntryBody["kind"];
  readonly atUs: number;
  /** Which write it was; no part of the entry, and of no meaning to a reader. */
  readonly token: string;
  readonly entry: LedgerEntry;
}

export const ledgerCollection = { name: "ledger", tenant: false, indexes: [["work", "seq"], ["work", "slotUs", "seq"], ["work", "kind", "seq"], ["kind", "atUs"]] } as const;

export interface LastAttempt {
  readonly slotUs: number;
  readonly atUs: number;
  readonly isOpen: boolean;
  /** When its socket opened at the latest, as far as its outcome tells: that is when it was written less how long the answer took. The attempt's own time while it is open. */
  readonly sentByUs: number;
}

/**
 * A work's chain in a store. Two that append at once get the same number; one gets it, the other reads what came before it and decides again. Bounded memory: states of slots
 * that are not closed are kept, others are folded from their entries when they are asked for.
 */
export interface WorkChain {
  readonly work: string;
  readonly head: { readonly seq: number; readonly hash: string };
  /** Why the work is stopped; undefined while it is not. */
  readonly stopped: string | undefined;
  /** The entry that stopped it: a stop by the submitter ends when its configuration changed after it, a person's only by a person. */
  readonly stoppedBy: { readonly by: string; readonly atUs: number } | undefined;
  /** The newest attempt of any of its slots, as of now and within `decide`: sends of a work are paced by it, whoever sends. `isOpen` until its outcome is written. */
  readonly lastAttempt: LastAttempt | undefined;
  /** Reads what others appended. */
  catchUp(): Promise<void>;
  /** Current state after a catchUp or append; "expected" for a slot without entries. */
  slot(slotUs: number): Promise<SlotState>;
  /**
   * Appends behind the head and returns when it is durable. `decide` gets the slot's state as it is just before and returns the body, or undefined to append nothing; it is called again after a lost
   * race, with what the winner left. Undefined when it declined. A body that may not follow throws the RangeError of `afterEntry`, and nothing is appended.
   */
  append(slotUs: number, given: { readonly by: string; readonly decide: (state: SlotState) => EntryBody | undefined }): Promise<LedgerEntry | undefined>;
  /** An entry about the work as a whole ("stopped", "resumed"). */
  appendToWork(given: { readonly by: string; readonly decide: (stopped: string | undefined) => EntryBody | undefined }): Promise<LedgerEntry | undefined>;
}

export interface Ledger {
  /** Opened chains are kept, the least used are let go of. */
  chain(work: string): Promise<WorkChain>;
  /** A slot's entries in order. */
  entriesOf(work: string, slotUs: number): Promise<readonly LedgerEntry[]>;
  /** Entries in order of seq, after `afterSeq` (0 for all). */
  entries(work: string, afterSeq: number): AsyncIterable<LedgerEntry>;
  /** Works that have a chain, in order. */
  works(): Promise<readonly string[]>;
}
