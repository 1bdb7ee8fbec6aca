import { asInstantMs, asNumber, asNumberOrNull, asRecord, asText, asTextList, type Json } from "./read.ts";

/** Something that happened to a slot, or to a work as a whole, as the ledger keeps it. */
export interface LedgerEntry {
  readonly seq: number;
  readonly atMs: number | null;
  readonly by: string;
  readonly hash: string;
  readonly previous: string;
  readonly kind: string;
  /** Null of what is about the whole work. */
  readonly slotMs: number | null;
  /** What its kind has: empty or null where it has none. */
  readonly attempt: number | null;
  readonly outcome: string;
  readonly voucher: string;
  readonly httpStatus: number | null;
  readonly message: string;
  readonly result: string;
  readonly decision: string;
  readonly reason: string;
  readonly reasons: readonly string[];
  /** SHA-256 of the frozen bytes. */
  readonly sha256: string;
  readonly source: string;
  readonly version: number | null;
  /** Who said other values than those that were measured; empty where nobody did. */
  readonly editedBy: string;
}

export function readLedgerEntry(value: unknown): LedgerEntry | undefined {
  const row = asRecord(value);
  const seq = asNumber(row["seq"], -1);
  const body = asRecord(row["body"]);
  const kind = asText(body["kind"], asText(row["kind"]));
  if (seq < 0 || kind === "") return undefined;
  return {
    seq, kind, atMs: instantOf(row, "at"), by: asText(row["by"]), hash: asText(row["hash"]), previous: asText(row["previous"]), slotMs: instantOf(body, "slot") ?? instantOf(row, "slot"),
    attempt: asNumberOrNull(body["attempt"]), outcome: asText(body["outcome"]), voucher: asText(body["voucher"]), httpStatus: asNumberOrNull(body["httpStatus"]), message: asText(body["message"]),
    result: asText(body["result"]), decision: asText(body["decision"]), reason: asText(body["reason"]), reasons: asTextList(body["reasons"]), sha256: asText(body["sha256"]), source: asText(body["source"]),
    version: asNumberOrNull(body["version"]), editedBy: asText(asRecord(body["edit"])["author"]),
  };
}

/** The ledger's own bytes count in microseconds; a view of them writes an instant. */
function instantOf(row: Json, name: string): number | null {
  const us = asNumberOrNull(row[`${name}Us`]);
  // -1 is of the work as a whole.
  if (us !== null) return us < 0 ? null : us / 1000;
  return asInstantMs(row[name]);
}
