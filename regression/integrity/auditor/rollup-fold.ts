import { decimalOf, minus, numberOf, plus, zero, type Decimal } from "./decimal.ts";
import type { RollupLevel, TimeSpan } from "./evidence.ts";

const MINUTE_US = 60_000_000;
export const levelSteps: Readonly<Record<RollupLevel, number>> = { "15m": 15 * MINUTE_US, "1h": 60 * MINUTE_US, "1d": 1440 * MINUTE_US };
const levels = Object.keys(levelSteps) as RollupLevel[];
const BAD = 4;
const SUSPECT = 3;
/** Variables that only grow, whose growth is consumption. */
const totals = new Set(["total", "pulses"]);

/** What the facts of one variable give in one bucket. */
export interface FoldedBucket {
  count: number;
  flagged: number;
  min: number;
  max: number;
  first: number;
  last: number;
  consumption: Decimal | undefined;
}

interface VariableFold {
  readonly buckets: Readonly<Record<RollupLevel, Map<number, FoldedBucket>>>;
  last: Decimal | undefined;
  /** Pending spans whose next value has not come yet. */
  nextPending: number;
}

/** Folds facts in time order into the buckets that should be stored, all three levels straight from the facts. */
export class RollupFold {
  readonly #variables = new Map<string, VariableFold>();
  readonly #pending: readonly TimeSpan[];
  readonly #unsettled: TimeSpan[];

  /** Pending spans are in order and apart: their buckets, and that of each variable's next value, are not judged. */
  constructor(pending: readonly TimeSpan[]) {
    this.#pending = pending;
    this.#unsettled = [...pending];
  }

  take(variable: string, instantUs: number, value: number | null, flag: number): void {
    const fold = this.#fold(variable);
    const counts = value !== null && flag < BAD;
    const growth = counts ? this.#growth(fold, variable, value) : undefined;
    for (const level of levels) {
      const fromUs = startOf(level, instantUs);
      const buckets = fold.buckets[level];
      let bucket = buckets.get(fromUs);
      if (bucket === undefined) buckets.set(fromUs, (bucket = { count: 0, flagged: 0, min: NaN, max: NaN, first: NaN, last: NaN, consumption: undefined }));
      bucket.count += 1;
      if (flag >= SUSPECT) bucket.flagged += 1;
      if (!counts) continue;
      if (!(bucket.min <= value)) bucket.min = value;
      if (!(bucket.max >= value)) bucket.max = value;
      if (Number.isNaN(bucket.first)) bucket.first = value;
      bucket.last = value;
      if (growth !== undefined) bucket.consumption = plus(bucket.consumption ?? zero, growth);
    }
    if (counts) this.#meet(fold, instantUs);
  }

  bucket(variable: string, level: RollupLevel, fromUs: number): FoldedBucket | undefined {
    return this.#variables.get(variable)?.buckets[level].get(fromUs);
  }

  /** Every bucket with facts. */
  *all(): Generator<{ readonly variable: string; readonly level: RollupLevel; readonly fromUs: number; readonly bucket: FoldedBucket }> {
    for (const [variable, { buckets }] of this.#variables) {
      for (const level of levels) for (const [fromUs, bucket] of buckets[level]) yield { variable, level, fromUs, bucket };
    }
  }

  /** False while the bucket waits to be computed anew. */
  isSettled(level: RollupLevel, fromUs: number): boolean {
    const toUs = fromUs + levelSteps[level];
    return !this.#unsettled.some((span) => span.fromUs < toUs && span.toUs > fromUs);
  }

  #fold(variable: string): VariableFold {
    let fold = this.#variables.get(variable);
    if (fold === undefined) this.#variables.set(variable, (fold = { buckets: { "15m": new Map(), "1h": new Map(), "1d": new Map() }, last: undefined, nextPending: 0 }));
    return fold;
  }

  #growth(fold: VariableFold, variable: string, value: number): Decimal | undefined {
    if (!totals.has(variable)) return undefined;
    const now = decimalOf(value);
    const before = fold.last;
    fold.last = now;
    if (before === undefined) return undefined;
    const growth = minus(now, before);
    return growth.units > 0n ? growth : zero;
  }

  #meet(fold: VariableFold, instantUs: number): void {
    let met = false;
    while (fold.nextPending < this.#pending.length && this.#pending[fold.nextPending]!.toUs <= instantUs) {
      fold.nextPending += 1;
      met = true;
    }
    if (!met) return;
    const fromUs = startOf("15m", instantUs);
    const last = this.#unsettled.at(-1);
    if (last?.fromUs !== fromUs) this.#unsettled.push({ fromUs, toUs: fromUs + levelSteps["15m"] });
  }
}

export function startOf(level: RollupLevel, instantUs: number): number {
  const step = levelSteps[level];
  return Math.floor(instantUs / step) * step;
}

/** Consumption as a double; NaN where there is none. */
export function consumptionOf(bucket: FoldedBucket): number {
  return bucket.consumption === undefined ? NaN : numberOf(bucket.consumption);
}
