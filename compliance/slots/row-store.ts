import { isDeepStrictEqual } from "node:util";
import { CaudalError, hasCode, systemScope, type DocumentCollection, type Page, type StoredDocument } from "@caudal/core";
import type { LedgerEntry } from "../ledger/entry.ts";
import type { Ledger } from "../ledger/ledger.ts";
import type { LedgerReader } from "../ledger/ledger-reader.ts";
import { projectedRow } from "./projected-row.ts";
import { slotId, type SlotRow } from "./slot-row.ts";

/** Rows that are written at once. */
export const ROWS_AT_ONCE = 100;
const MOST_TRIES = 1000;
const MOST_UNKNOWN = 8;

/** Whose slots are meant. */
export interface SlotOwner {
  readonly client: string;
  readonly work: string;
}

export interface RowParts {
  readonly rows: DocumentCollection<SlotRow>;
  readonly reader: LedgerReader;
  readonly ledger: Ledger;
}

/**
 * Writes what the ledger says of a slot into its row. A row is read before the entries and written at the version at which it was read, so that nothing older is ever written over something newer,
 * whoever else writes.
 */
export async function writeRow(parts: RowParts, owner: SlotOwner, slotUs: number): Promise<{ readonly row: SlotRow; readonly changed: boolean }> {
  return changeRow(parts.rows, slotId(owner.work, slotUs), async (before) => projectedRow({ ...owner, slotUs, notes: before }, await parts.ledger.entriesOf(owner.work, slotUs)));
}

/** Compare-and-set of one row until it holds. `change` may be called again; undefined leaves all as it is. */
export async function changeRow<R extends SlotRow | undefined>(rows: DocumentCollection<SlotRow>, id: string, change: (before: SlotRow | undefined) => Promise<R>): Promise<{ readonly row: R; readonly changed: boolean }> {
  let unknown = 0;
  for (let tries = 1; tries <= MOST_TRIES; tries++) {
    const stored = await rows.get(systemScope, id);
    const row = await change(stored?.body);
    if (row === undefined || isDeepStrictEqual(stored?.body, row)) return { row, changed: false };
    try {
      await putAt(rows, { id, row }, stored);
      return { row, changed: true };
    } catch (error) {
      // Somebody else wrote it, or the answer was lost: what stands there now tells.
      if (hasCode(error, "duplicate-key") || hasCode(error, "version-conflict")) continue;
      if (!(error instanceof CaudalError) || error.retry !== "unknown" || ++unknown >= MOST_UNKNOWN) throw error;
    }
  }
  throw new CaudalError("unavailable", `row ${id} is written by others all the time`);
}

async function putAt(rows: DocumentCollection<SlotRow>, { id, row }: { readonly id: string; readonly row: SlotRow }, stored: StoredDocument<SlotRow> | undefined): Promise<void> {
  if (stored === undefined) await rows.insert(systemScope, { id, body: row });
  else await rows.replace(systemScope, { id, body: row }, stored.version);
}

/** Rows of a work in order of time, in pages. */
export async function* rowsOf(rows: DocumentCollection<SlotRow>, work: string, { fromUs, toUs, open }: { readonly fromUs?: number; readonly toUs?: number; readonly open?: 1 }): AsyncGenerator<SlotRow> {
  const range = { field: "slotUs", ...(fromUs === undefined ? {} : { from: fromUs }), ...(toUs === undefined ? {} : { to: toUs }) };
  const query = { where: { work, ...(open === undefined ? {} : { open }) }, range, orderBy: "slotUs", limit: 500 };
  let page: Page<StoredDocument<SlotRow>> | undefined;
  do {
    page = await rows.find(systemScope, page?.next === undefined ? query : { ...query, cursor: page.next });
    for (const { body } of page.items) yield body;
  } while (page.next !== undefined);
}

/** Entries about the slots of a span, by slot. */
export async function entriesWithin(reader: LedgerReader, work: string, span: { readonly fromUs: number; readonly toUs: number }): Promise<Map<number, LedgerEntry[]>> {
  const bySlot = new Map<number, LedgerEntry[]>();
  for await (const entry of reader.within(work, span)) {
    if (!("slotUs" in entry.body)) continue;
    const entries = bySlot.get(entry.body.slotUs);
    if (entries === undefined) bySlot.set(entry.body.slotUs, [entry]);
    else entries.push(entry);
  }
  return bySlot;
}
