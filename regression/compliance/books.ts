import { systemScope, type Documents } from "@caudal/core";
import { openLedger } from "../../compliance/ledger/open-ledger.ts";
import type { ProvedRoot } from "../../compliance/ledger/root-heads.ts";
import { RootKeeper } from "../../compliance/ledger/root-keeper.ts";
import type { Obra } from "../../compliance/obras/obra.ts";
import type { SlotBook } from "../../compliance/slots/slot-book.ts";
import type { SlotRow } from "../../compliance/slots/slot-row.ts";
import type { JudgedWork, TimedEntry } from "./judge-input.ts";

export interface Books {
  readonly works: readonly JudgedWork[];
  /** SPKI DER, base64. */
  readonly rootKey: string;
}

export interface BooksGiven {
  readonly documents: Documents;
  readonly slots: SlotBook;
  readonly obras: readonly Obra[];
  readonly rootKeyPem: string;
  /** When the store had an entry, by its document's id. */
  readonly writtenMs: ReadonlyMap<string, number>;
  readonly nowUs: () => number;
}

/** All that is in the stores of the works and their days. */
export async function readBooks({ documents, slots, obras, rootKeyPem, writtenMs, nowUs }: BooksGiven): Promise<Books> {
  const ledger = await openLedger(documents, { nowUs });
  const keeper = await RootKeeper.open(documents, { privateKeyPem: rootKeyPem, nowUs });
  const works: JudgedWork[] = [];
  for (const { work, code } of obras) {
    const entries: TimedEntry[] = [];
    for await (const entry of ledger.entries(work, 0)) entries.push({ entry, writtenMs: writtenMs.get(`${work}/${String(entry.seq).padStart(10, "0")}`) ?? NaN });
    const rows: SlotRow[] = [];
    let cursor: string | undefined;
    do {
      const page = await slots.find(systemScope, { work, limit: 1000, ...(cursor === undefined ? {} : { cursor }) });
      rows.push(...page.items);
      cursor = page.next;
    } while (cursor !== undefined);
    const roots: ProvedRoot[] = [];
    for await (const root of keeper.proved(work)) roots.push(root);
    works.push({ work, code, entries, rows, roots });
  }
  return { works, rootKey: keeper.publicKey };
}
