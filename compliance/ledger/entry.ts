import { createHash } from "node:crypto";
import { canonicalJson, type Plain } from "./canonical-json.ts";

/** A measured number as it was taken, with its true instant. `value` is its shortest decimal text. */
export interface TakenValue {
  readonly [name: string]: Plain;
  readonly variable: string;
  readonly point: string;
  readonly value: string;
  readonly instantUs: number;
  readonly knownAtUs: number;
  readonly flag: number;
  readonly reasons: readonly string[];
}

/**
 * Values that a person put in the place of measured ones, which stand beside them in `measured`. Decimal texts by quantity ("flow", "total", "depth", "stage"). The entry's `by` is the
 * second person, who approved.
 */
export interface SlotEdit {
  readonly [name: string]: Plain;
  /** Id of the proposal. */
  readonly proposal: string;
  readonly author: string;
  readonly proposedAtUs: number;
  /** "instrument-fault" where a flow or total is below what was measured. */
  readonly code: string;
  readonly reason: string;
  /** What the second person said. */
  readonly approval: string;
  readonly values: { readonly [quantity: string]: string };
  readonly measured: { readonly [quantity: string]: string };
}

/** What can happen to a slot (an instant of a work, `slotUs`) and to a work. Each is one entry; states are what the entries add up to. */
export type EntryBody =
  /** The bytes that will be sent and their SHA-256; a later version is a correction before anything was sent. `taken` is what was measured, also where `edit` says otherwise. */
  | { readonly kind: "frozen"; readonly slotUs: number; readonly version: number; readonly path: string; readonly headers: { readonly [name: string]: string }; readonly payload: string; readonly sha256: string; readonly taken: readonly TakenValue[]; readonly edit?: SlotEdit }
  /** Nothing can be sent as it is: a person looks at it. */
  | { readonly kind: "held"; readonly slotUs: number; readonly reasons: readonly string[]; readonly taken: readonly TakenValue[] }
  | { readonly kind: "reviewed"; readonly slotUs: number; readonly decision: "confirm" | "annul"; readonly reason: string }
  /** Durable before the socket opens. `day` is the regulator's, so one a slot and day. */
  | { readonly kind: "attempt"; readonly slotUs: number; readonly attempt: number; readonly day: string; readonly sha256: string }
  | { readonly kind: "outcome"; readonly slotUs: number; readonly attempt: number; readonly outcome: "accepted" | "refused" | "refused-for-good" | "unknown"; readonly voucher: string | null; readonly by: string; readonly httpStatus: number | null; readonly code: string; readonly message: string; readonly answer: string | null; readonly tookMs: number | null }
  | { readonly kind: "verification"; readonly slotUs: number; readonly voucher: string; readonly result: "verified" | "mismatch" | "not-found"; readonly fields: readonly { readonly field: string; readonly sent: string; readonly held: string }[] }
  /** What was learned of a slot's values after they were frozen. */
  | { readonly kind: "late-revision"; readonly slotUs: number; readonly taken: TakenValue }
  /** Sent by another system before this one. */
  | { readonly kind: "imported"; readonly slotUs: number; readonly voucher: string | null; readonly source: string }
  | { readonly kind: "written-off"; readonly slotUs: number; readonly reason: string }
  /** The work is not sent for, until somebody says so again. */
  | { readonly kind: "stopped"; readonly reason: string }
  | { readonly kind: "resumed"; readonly reason: string };

/** One entry of a work's chain. */
export interface LedgerEntry {
  /** `dga/OB-0602-7`. */
  readonly work: string;
  /** From 1, without a gap. */
  readonly seq: number;
  readonly atUs: number;
  /** Who wrote it: a person, or a process. */
  readonly by: string;
  /** Hash of the entry before; 64 zeros before the first. */
  readonly previous: string;
  readonly body: EntryBody;
  /** SHA-256, lower-case hex, of the canonical JSON of all the others. */
  readonly hash: string;
}

export const FIRST_PREVIOUS = "0".repeat(64);

export function sha256Hex(text: string): string {
  return createHash("sha256").update(text, "utf8").digest("hex");
}

/** The hash that an entry must carry. */
export function hashOf({ hash: _, ...rest }: Omit<LedgerEntry, "hash"> & { readonly hash?: string }): string {
  return sha256Hex(canonicalJson(rest as unknown as Plain));
}

/** The entry that goes behind the head of a chain; the first where there is none. */
export function nextEntry(head: Pick<LedgerEntry, "seq" | "hash"> | undefined, given: Pick<LedgerEntry, "work" | "atUs" | "by" | "body">): LedgerEntry {
  const { work, atUs, by, body } = given;
  const entry = { work, seq: (head?.seq ?? 0) + 1, atUs, by, previous: head?.hash ?? FIRST_PREVIOUS, body };
  return { ...entry, hash: hashOf(entry) };
}
