import type { Evidence, PointRef, RollupBucket, RollupLevel } from "./evidence.ts";
import type { Findings } from "./findings.ts";
import { consumptionOf, type FoldedBucket, type RollupFold } from "./rollup-fold.ts";

export interface RollupAudit {
  readonly device: string;
  readonly ref: PointRef;
  readonly evidence: Evidence;
  readonly fold: RollupFold;
  readonly findings: Findings;
}

/** Stored consumption is summed step by step, each rounded to a double. */
const ROUNDING = 1e-12;

/** Stored buckets must be what the facts give, and each bucket with facts must be stored, but for what is marked to be computed anew. */
export async function judgeRollups({ device, ref, evidence: { rollups }, fold, findings }: RollupAudit): Promise<void> {
  if (rollups === undefined) return;
  if (!rollups.isSettled) {
    findings.note("points whose stored buckets were not judged, because facts may be there that nobody has marked yet");
    return;
  }
  const stored = new Set<string>();
  const tell = (kind: "rollup-differs" | "rollup-missing" | "rollup-invented", at: { variable: string; level: RollupLevel; fromUs: number }, detail: string, more: { expected?: unknown; found?: unknown }): void => {
    findings.add({ kind, where: "rollups", device, point: ref.point, variable: at.variable, instantUs: at.fromUs, detail: `${at.level}: ${detail}`, ...more });
  };
  for await (const batch of rollups.buckets(ref)) {
    for (const bucket of batch) {
      findings.look(`${bucket.level} buckets`);
      stored.add(keyOf(bucket));
      if (!fold.isSettled(bucket.level, bucket.fromUs)) continue;
      const expected = fold.bucket(bucket.variable, bucket.level, bucket.fromUs);
      if (expected === undefined) {
        // A bucket into which an earlier value is held has a mean and no facts.
        if (bucket.count > 0) tell("rollup-invented", bucket, "a bucket of facts that are not there", { found: bucket });
        continue;
      }
      const difference = differenceOf(expected, bucket);
      if (difference !== undefined) tell("rollup-differs", bucket, `${difference} is not what the facts give`, { expected: shown(expected), found: bucket });
    }
  }
  for (const { bucket, ...at } of fold.all()) {
    if (stored.has(keyOf(at))) continue;
    if (fold.isSettled(at.level, at.fromUs)) tell("rollup-missing", at, "not stored, and not marked to be computed", { expected: shown(bucket) });
    else findings.note("buckets that wait to be computed");
  }
}

function differenceOf(expected: FoldedBucket, found: RollupBucket): string | undefined {
  for (const field of ["count", "flagged", "min", "max", "first", "last"] as const) if (!isSame(expected[field], found[field])) return field;
  const consumption = consumptionOf(expected);
  return isSame(consumption, found.consumption) || Math.abs(consumption - found.consumption) <= Math.abs(consumption) * ROUNDING ? undefined : "consumption";
}

function isSame(a: number, b: number): boolean {
  return a === b || (Number.isNaN(a) && Number.isNaN(b));
}

function shown(bucket: FoldedBucket): Readonly<Record<string, number>> {
  return { ...bucket, consumption: consumptionOf(bucket) };
}

function keyOf({ variable, level, fromUs }: { readonly variable: string; readonly level: RollupLevel; readonly fromUs: number }): string {
  return `${level} ${fromUs} ${variable}`;
}
