import type { LedgerEntry } from "../../compliance/ledger/entry.ts";
import type { ProvedRoot } from "../../compliance/ledger/root-heads.ts";
import type { SlotRow } from "../../compliance/slots/slot-row.ts";
import type { StoredMeasurement } from "../../sandbox/regulators/held.ts";
import type { Correction } from "./feeding.ts";
import type { BookedRequest } from "./ministry.ts";

/** An entry, and when the store had it by the clock that nobody sets. */
export interface TimedEntry {
  readonly entry: LedgerEntry;
  readonly writtenMs: number;
}

export interface JudgedWork {
  readonly work: string;
  readonly code: string;
  readonly entries: readonly TimedEntry[];
  readonly rows: readonly SlotRow[];
  /** Roots of days in the order in which they were made, each with where the work stood in it. */
  readonly roots: readonly ProvedRoot[];
}

/** All that the judge reads: chains, rows, and the regulator's own books. */
export interface JudgeInput {
  readonly works: readonly JudgedWork[];
  readonly booked: readonly BookedRequest[];
  readonly held: readonly StoredMeasurement[];
  /** When the process's clock was set, and by how much. */
  readonly clockSteps: readonly { readonly atMs: number; readonly byMs: number }[];
  /** When a process stood still, longer than a lease lasts. */
  readonly heldSpans: readonly { readonly fromMs: number; readonly toMs: number }[];
  /** When a process ran that takes no leases of control centres. */
  readonly unleasedSpans: readonly { readonly fromMs: number; readonly toMs: number }[];
  /** Values that took the place of others. */
  readonly corrections: readonly Correction[];
  /** What roots of days are signed with: SPKI DER, base64. */
  readonly rootKey: string;
  readonly endMs: number;
}

export const violations = [
  "stored-twice", "post-after-accepted", "two-posts-a-day", "two-attempts-a-day", "pacing", "centre-not-serial", "post-without-attempt", "unexplained-slot", "row-not-ledger", "voucher-unverified", "held-unknown-to-us", "chain",
  "root", "revision-untold",
] as const;
export type Violation = (typeof violations)[number];

export interface Verdict {
  readonly findings: readonly { readonly violation: Violation; readonly detail: string }[];
  readonly figures: Readonly<Record<string, number>>;
  readonly standings: Readonly<Record<string, number>>;
}

/** Where what is found and counted is told. */
export interface Tell {
  readonly find: (violation: Violation, detail: string) => void;
  readonly count: (figure: string, by?: number) => void;
  readonly standings: Record<string, number>;
}
