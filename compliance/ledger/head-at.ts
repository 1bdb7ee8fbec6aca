import { systemScope, type DocumentCollection } from "@caudal/core";
import { recordId } from "./ledger-record.ts";
import type { LedgerRecord } from "./ledger.ts";
import type { LedgerReader } from "./ledger-reader.ts";

export interface ChainHead {
  readonly work: string;
  readonly seq: number;
  readonly hash: string;
}

/**
 * Where a chain stood just before an instant: at its newest entry that was written before; undefined before its first. Entries are in order of their times, so that a few short reads find it in
 * a chain of any length. Where clocks of several writers differ it is one of the places at which entries from before and after meet.
 */
export async function headAt(work: string, beforeUs: number, { reader, records }: { readonly reader: LedgerReader; readonly records: DocumentCollection<LedgerRecord> }): Promise<ChainHead | undefined> {
  const newest = await reader.newest(work);
  if (newest === undefined) return undefined;
  if (newest.atUs < beforeUs) return { work, seq: newest.seq, hash: newest.hash };
  let after = newest.seq;
  let found: ChainHead | undefined;
  // Strides that double until one lands before the instant, then halves between.
  for (let stride = 1; after > 1; stride = found === undefined ? stride * 2 : 1) {
    const seq = found === undefined ? Math.max(1, after - stride) : Math.floor((found.seq + after) / 2);
    if (seq === found?.seq) break;
    const entry = (await records.get(systemScope, recordId(work, seq)))?.body.entry;
    if (entry !== undefined && entry.atUs < beforeUs) found = { work, seq, hash: entry.hash };
    else after = seq;
  }
  return found;
}
