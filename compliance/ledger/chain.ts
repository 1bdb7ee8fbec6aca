import { FIRST_PREVIOUS, hashOf, sha256Hex, type LedgerEntry } from "./entry.ts";

/** Where a chain is not what it was when it was written. */
export interface ChainFault {
  readonly work: string;
  readonly seq: number;
  readonly fault: "hash" | "link" | "gap" | "payload";
}

/** Walks a work's entries in order and says where they do not fit. Entries that fit are as they were written, and in the order in which they were. */
export class ChainCheck {
  readonly #work: string;
  #seq = 0;
  #hash = FIRST_PREVIOUS;

  constructor(work: string) {
    this.#work = work;
  }

  get head(): { readonly seq: number; readonly hash: string } {
    return { seq: this.#seq, hash: this.#hash };
  }

  /** Faults of the next entry; the walk goes on from what the entry says of itself, so one flipped byte is told once. */
  next(entry: LedgerEntry): ChainFault[] {
    const faults: ChainFault[] = [];
    const tell = (fault: ChainFault["fault"]): number => faults.push({ work: this.#work, seq: entry.seq, fault });
    if (entry.work !== this.#work || entry.seq !== this.#seq + 1) tell("gap");
    else if (entry.previous !== this.#hash) tell("link");
    if (hashed(entry) !== entry.hash) tell("hash");
    if (entry.body.kind === "frozen" && (typeof entry.body.payload !== "string" || sha256Hex(entry.body.payload) !== entry.body.sha256)) tell("payload");
    this.#seq = entry.seq;
    this.#hash = entry.hash;
    return faults;
  }
}

function hashed(entry: LedgerEntry): string | undefined {
  try {
    return hashOf(entry);
  } catch {
    // What has no canonical form was not written so.
    return undefined;
  }
}
