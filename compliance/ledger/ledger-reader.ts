import { systemScope, toCursor, type DocumentCollection, type FindQuery } from "@caudal/core";
import type { LedgerEntry } from "./entry.ts";
import type { LedgerRecord } from "./ledger.ts";

const ENTRIES_PER_READ = 500;

/** Reads entries of a store, in pages of hundreds. */
export class LedgerReader {
  readonly #records: DocumentCollection<LedgerRecord>;

  constructor(records: DocumentCollection<LedgerRecord>) {
    this.#records = records;
  }

  /** The newest entry of a chain; undefined before the first. */
  async newest(work: string): Promise<LedgerEntry | undefined> {
    return this.#first({ where: { work }, orderBy: "seq", descending: true });
  }

  /** The newest entry of a chain about a slot (-1: about the work as a whole). */
  async newestOf(work: string, slotUs: number): Promise<LedgerEntry | undefined> {
    return this.#first({ where: { work, slotUs }, orderBy: "seq", descending: true });
  }

  /** The newest attempt of any of a work's slots. */
  async newestAttempt(work: string): Promise<LedgerEntry | undefined> {
    return this.#first({ where: { work, kind: "attempt" }, orderBy: "seq", descending: true });
  }

  entries(work: string, afterSeq: number): AsyncGenerator<LedgerEntry> {
    return this.#all({ where: { work }, range: { field: "seq", from: afterSeq + 1 }, orderBy: "seq" });
  }

  /** A slot's entries up to and with `toSeq`, in order. */
  entriesOf(work: string, slotUs: number, toSeq?: number): AsyncGenerator<LedgerEntry> {
    return this.#all({ where: { work, slotUs }, ...(toSeq === undefined ? {} : { range: { field: "seq", to: toSeq + 1 } }), orderBy: "seq" });
  }

  /** Entries of the slots with fromUs <= slotUs < toUs, slot after slot, each slot's in order. */
  within(work: string, { fromUs, toUs }: { readonly fromUs: number; readonly toUs: number }): AsyncGenerator<LedgerEntry> {
    return this.#all({ where: { work }, range: { field: "slotUs", from: fromUs, to: toUs }, orderBy: "slotUs" });
  }

  /** Works that have a chain, in order. One short read a work, whatever the length of its chain. */
  async works(): Promise<readonly string[]> {
    const works: string[] = [];
    let cursor: string | undefined;
    for (;;) {
      const { items } = await this.#records.find(systemScope, { limit: 1, ...(cursor === undefined ? {} : { cursor }) });
      const id = items[0]?.id;
      if (id === undefined) return works.sort();
      const work = id.slice(0, id.lastIndexOf("/"));
      works.push(work);
      // Ids of a chain are its work, a stroke and digits; the colon is the sign behind the digits.
      cursor = toCursor([null, `${work}/:`]);
    }
  }

  async #first(query: FindQuery): Promise<LedgerEntry | undefined> {
    const { items } = await this.#records.find(systemScope, { ...query, limit: 1 });
    return items[0]?.body.entry;
  }

  async *#all(query: FindQuery): AsyncGenerator<LedgerEntry> {
    let cursor: string | undefined;
    do {
      const page = await this.#records.find(systemScope, { ...query, limit: ENTRIES_PER_READ, ...(cursor === undefined ? {} : { cursor }) });
      for (const { body } of page.items) yield body.entry;
      cursor = page.next;
    } while (cursor !== undefined);
  }
}
