import { failureKinds } from "../providers/provider.ts";

/** What came of asking: rows, nothing, nothing new, or why there is no answer. Also a metric label. */
export const outcomeKinds = ["ok", "no_data", "stale", ...failureKinds] as const;
export type OutcomeKind = (typeof outcomeKinds)[number];

/** Of one set of keys of one device. */
export interface PollOutcome {
  readonly keys: readonly string[];
  readonly kind: OutcomeKind;
  /** Empty when there is nothing to say; holds no secret. */
  readonly detail: string;
}

/** Rows by what they were to us. */
export interface RowCounts {
  readonly forward: number;
  readonly corrected: number;
  readonly late: number;
  readonly repeated: number;
  readonly stale: number;
  readonly refused: number;
}

export const noRows: RowCounts = { forward: 0, corrected: 0, late: 0, repeated: 0, stale: 0, refused: 0 };

export function addRows(a: RowCounts, b: RowCounts): RowCounts {
  return {
    forward: a.forward + b.forward, corrected: a.corrected + b.corrected, late: a.late + b.late, repeated: a.repeated + b.repeated, stale: a.stale + b.stale, refused: a.refused + b.refused,
  };
}

/** Rows that were published. */
export function publishedRows({ forward, corrected, late, repeated }: RowCounts): number {
  return forward + corrected + late + repeated;
}
