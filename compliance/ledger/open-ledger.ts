import type { Documents } from "@caudal/core";
import type { LedgerEntry } from "./entry.ts";
import { EntryWriter } from "./entry-writer.ts";
import { LedgerReader } from "./ledger-reader.ts";
import { ledgerCollection, type Ledger, type LedgerRecord, type WorkChain } from "./ledger.ts";
import { StoredChain, type ChainParts } from "./stored-chain.ts";

/** Chains that are kept open; an opened one costs two short reads. */
const CHAINS_KEPT = 2000;

export interface LedgerOptions {
  /** Microseconds since 1970: when an entry is written. */
  readonly nowUs: () => number;
  /** Chains that are kept open; 2,000 when absent. */
  readonly chainsKept?: number;
}

/** The ledger of a store. Several may be open at once, in one process or many. */
export async function openLedger(documents: Documents, options: LedgerOptions): Promise<Ledger> {
  return new StoredLedger(await openLedgerParts(documents, options.nowUs), options.chainsKept ?? CHAINS_KEPT);
}

async function openLedgerParts(documents: Documents, nowUs: () => number): Promise<ChainParts> {
  const records = await documents.collection<LedgerRecord>(ledgerCollection);
  return { reader: new LedgerReader(records), writer: new EntryWriter(records), nowUs };
}

class StoredLedger implements Ledger {
  readonly #parts: ChainParts;
  readonly #chainsKept: number;
  readonly #chains = new Map<string, Promise<StoredChain>>();

  constructor(parts: ChainParts, chainsKept: number) {
    this.#parts = parts;
    this.#chainsKept = chainsKept;
  }

  /** A chain that was let go of stays good for whoever holds it: the store decides between it and its successor. */
  chain(work: string): Promise<WorkChain> {
    const chain = this.#chains.get(work) ?? this.#opened(work);
    this.#chains.delete(work);
    this.#chains.set(work, chain);
    if (this.#chains.size > this.#chainsKept) for (const oldest of this.#chains.keys()) {
      this.#chains.delete(oldest);
      break;
    }
    return chain;
  }

  async entriesOf(work: string, slotUs: number): Promise<readonly LedgerEntry[]> {
    const entries: LedgerEntry[] = [];
    for await (const entry of this.#parts.reader.entriesOf(work, slotUs)) entries.push(entry);
    return entries;
  }

  entries(work: string, afterSeq: number): AsyncIterable<LedgerEntry> {
    return this.#parts.reader.entries(work, afterSeq);
  }

  works(): Promise<readonly string[]> {
    return this.#parts.reader.works();
  }

  #opened(work: string): Promise<StoredChain> {
    const chain = StoredChain.open(work, this.#parts);
    chain.catch(() => {
      if (this.#chains.get(work) === chain) this.#chains.delete(work);
    });
    return chain;
  }
}
