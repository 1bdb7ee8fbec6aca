/** Closed list of what can be wrong with a pack; docs/evidence-format.md says what each means. */
export type Fault =
  | "zip" | "zip-seal" | "manifest" | "manifest-hash" | "file-missing" | "file-extra" | "file-size" | "file-hash" | "file-packed"
  | "line" | "not-canonical" | "reading-hash"
  | "chain-work" | "chain-gap" | "chain-link" | "chain-hash" | "chain-payload"
  | "rule" | "slot" | "slot-missing" | "slot-order" | "voucher" | "attempt" | "attempt-missing"
  | "root-signature" | "root-key" | "root-link" | "root-order" | "root-head" | "root-missing" | "root-proof";

/** One thing that is not as it was written, and where. */
export interface Finding {
  readonly fault: Fault;
  /** Name of a file in the pack, or "zip" for the container itself. */
  readonly file: string;
  readonly detail: string;
  /** Line of the file, from 1. */
  readonly line?: number;
  readonly seq?: number;
  /** RFC 3339. */
  readonly slot?: string;
}

/** What a pack proves, and everything that is wrong with it. */
export interface Findings {
  readonly ok: boolean;
  readonly findings: readonly Finding[];
  /** True when there were more than are listed. */
  readonly more: boolean;
  /** What is right but proves less than one may think; codes of docs/evidence-format.md. */
  readonly notes: readonly string[];
  readonly works: readonly WorkSummary[];
  readonly files: number;
  readonly roots: number;
  /** Keys that the roots are signed with, as the pack gives them. */
  readonly keys: readonly string[];
}

export interface WorkSummary {
  readonly work: string;
  readonly from: string;
  readonly to: string;
  readonly entries: number;
  /** Newest entry that stands under a root with a valid signature; 0 where none does. */
  readonly signedThrough: number;
  readonly slots: number;
  readonly accepted: number;
}

const MOST = 200;

/** Takes findings, and counts on after the first two hundred: a broken file may have one a line. */
export class FindingList {
  readonly list: Finding[] = [];
  more = false;

  add(fault: Fault, file: string, given: Omit<Finding, "fault" | "file">): void {
    if (this.list.length < MOST) this.list.push({ fault, file, ...given });
    else this.more = true;
  }
}

export function timeText(timeUs: number): string {
  return Number.isSafeInteger(timeUs) && Math.abs(timeUs) < 8.64e18 ? new Date(Math.floor(timeUs / 1000)).toISOString() : String(timeUs);
}
