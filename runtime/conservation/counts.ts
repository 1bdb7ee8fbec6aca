import { REPLAY_HEADER, type StoredRecord } from "@caudal/core";
import type { ParkItem } from "../parking/park-item.ts";
import type { Entry } from "./ledger.ts";

/**
 * What every group that reads the topic must have met too: a record that is replayed for one of them is left out. `countOf` says how many facts a
 * record holds.
 */
export function countsOf<T>(good: readonly { readonly record: StoredRecord; readonly value: T }[], parked: readonly ParkItem[], countOf: (value: T) => number): Pick<Entry, "offsets" | "facts" | "unread"> {
  const offsets: number[] = [];
  const facts: number[] = [];
  for (const { record, value } of good) {
    if (record.headers[REPLAY_HEADER] !== undefined) continue;
    offsets.push(record.offset);
    facts.push(countOf(value));
  }
  return { offsets, facts, unread: parked.flatMap(({ offset, headers }) => (offset === undefined || headers?.[REPLAY_HEADER] !== undefined ? [] : [offset])) };
}
