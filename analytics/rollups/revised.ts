import type { PointKey } from "@caudal/core";
import { MINUTE_US } from "../buckets/calendar.ts";
import type { Bucket, Revised } from "../buckets/bucket.ts";
import type { LevelName } from "./level.ts";

/** A bucket is settled that long after its end: what changes it later is worth being told. Until then readings are still on their way. */
export const SETTLES_US = 15 * MINUTE_US;

export type RevisedCause = "late" | "corrected";

/** A stored bucket that changed after it had settled. */
export interface RevisedBucket extends PointKey {
  readonly level: LevelName;
  readonly fromUs: number;
  readonly toUs: number;
  readonly variable: string;
  readonly cause: RevisedCause;
}

const compared = ["count", "flagged", "min", "max", "integral", "seconds", "first", "last", "consumption"] as const satisfies readonly (keyof Bucket)[];

/**
 * What must be said of a bucket that was computed again: what was said before, and one more when its content changed after it had settled. More facts
 * than before came late; as many or fewer were corrected or taken back. A bucket in which nothing was before is new, not revised.
 */
export function revisedOf(before: Bucket | undefined, after: Bucket | undefined, { toUs, nowUs }: { readonly toUs: number; readonly nowUs: number }): { readonly revised: Revised | undefined; readonly cause: RevisedCause | undefined } {
  if (before === undefined || before.count === 0) return { revised: undefined, cause: undefined };
  const same = after !== undefined && compared.every((field) => Object.is(before[field], after[field]));
  if (same || nowUs < toUs + SETTLES_US) return { revised: before.revised, cause: undefined };
  const late = Math.max(0, (after?.count ?? 0) - before.count);
  const known = before.revised ?? { late: 0, corrected: 0, atUs: nowUs };
  return { revised: { late: known.late + late, corrected: known.corrected + (late > 0 ? 0 : 1), atUs: nowUs }, cause: late > 0 ? "late" : "corrected" };
}
