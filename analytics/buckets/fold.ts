import { addDecimals, flags, subtractDecimals, type RowBlock } from "@caudal/core";
import { emptyBucket, type Bucket, type BucketRow } from "./bucket.ts";
import { HOUR_US, SECOND_US, type Span } from "./calendar.ts";

/** A value is taken to hold until the next one, but for no longer than this: what comes after is a gap and in no mean. */
export const HOLD_US = HOUR_US;

export interface FoldColumn {
  readonly variable: string;
  /** Its growth is consumption. */
  readonly isTotal: boolean;
}

/** A value that counts, and its instant. */
export interface HeldValue {
  readonly timeUs: number;
  readonly value: number;
}

export interface FoldOptions {
  readonly columns: readonly FoldColumn[];
  /** Where the rows begin; buckets begin there too. */
  readonly fromUs: number;
  /** The bucket that holds an instant, cut to what is folded. */
  readonly spanAt: (timeUs: number) => Span;
  /** By column: the last value before `fromUs`, of totals however old, else not older than HOLD_US. */
  readonly before: readonly (HeldValue | undefined)[];
  /** Nothing is known to hold after this; Infinity when absent. */
  readonly knownUntilUs?: number;
}

/** Folds raw rows in time order into buckets. Rows of buckets come out once they are over; those without facts but with held values too. */
export class BucketFold {
  readonly #columns: readonly FoldColumn[];
  readonly #spanAt: (timeUs: number) => Span;
  readonly #knownUntilUs: number;
  readonly #heldAtUs: Float64Array;
  readonly #held: Float64Array;
  /** By column: what rounding took from the integral of the bucket in hand. */
  readonly #lost: Float64Array;
  #span: Span;
  #cells: (Bucket | undefined)[] = [];
  #done: BucketRow[] = [];

  constructor(options: FoldOptions) {
    this.#columns = options.columns;
    this.#spanAt = options.spanAt;
    this.#knownUntilUs = options.knownUntilUs ?? Infinity;
    this.#heldAtUs = Float64Array.from(options.columns, (_, column) => options.before[column]?.timeUs ?? -Infinity);
    this.#held = Float64Array.from(options.columns, (_, column) => options.before[column]?.value ?? NaN);
    this.#lost = new Float64Array(options.columns.length);
    this.#span = options.spanAt(options.fromUs);
  }

  /** Takes the rows of a block; returns the buckets that are over. */
  add(block: RowBlock): readonly BucketRow[] {
    const sources = this.#columns.map(({ variable }) => block.columns.find((column) => column.variable === variable));
    for (let row = 0; row < block.rows; row++) {
      const timeUs = block.timesUs[row]!;
      if (timeUs >= this.#span.toUs) this.#advance(timeUs);
      for (let column = 0; column < sources.length; column++) {
        const source = sources[column];
        const flag = source === undefined ? 0 : source.flags[row]!;
        if (flag !== 0) this.#take(column, timeUs, source!.values[row]!, flag);
      }
    }
    return this.#handOver();
  }

  /** Closes what is left; `toUs` is where the rows end. */
  finish(toUs: number): readonly BucketRow[] {
    if (this.#span.fromUs < toUs) {
      this.#close();
      while (this.#span.toUs < toUs && this.#isHeldAt(this.#span.toUs)) {
        this.#span = this.#spanAt(this.#span.toUs);
        this.#close();
      }
    }
    return this.#handOver();
  }

  #take(column: number, timeUs: number, value: number, flag: number): void {
    const bucket = (this.#cells[column] ??= emptyBucket());
    bucket.count += 1;
    if (flag >= flags.suspect) bucket.flagged += 1;
    if (flag >= flags.bad || Number.isNaN(value)) return;
    this.#hold(column, timeUs);
    if (Number.isNaN(bucket.min) || value < bucket.min) bucket.min = value;
    if (Number.isNaN(bucket.max) || value > bucket.max) bucket.max = value;
    if (Number.isNaN(bucket.first)) bucket.first = value;
    bucket.last = value;
    const before = this.#held[column]!;
    if (this.#columns[column]!.isTotal && !Number.isNaN(before)) {
      const growth = value > before ? subtractDecimals(value, before) : 0;
      bucket.consumption = Number.isNaN(bucket.consumption) ? growth : addDecimals(bucket.consumption, growth);
    }
    this.#held[column] = value;
    this.#heldAtUs[column] = timeUs;
  }

  /** Adds the time up to `untilUs` in which the column's last value held, within the bucket. */
  #hold(column: number, untilUs: number): void {
    const heldAtUs = this.#heldAtUs[column]!;
    const fromUs = Math.max(heldAtUs, this.#span.fromUs);
    const toUs = Math.min(untilUs, heldAtUs + HOLD_US);
    if (toUs <= fromUs) return;
    const bucket = (this.#cells[column] ??= emptyBucket());
    const seconds = (toUs - fromUs) / SECOND_US;
    const part = this.#held[column]! * seconds;
    const sum = bucket.integral + part;
    this.#lost[column]! += Math.abs(bucket.integral) >= Math.abs(part) ? bucket.integral - sum + part : part - sum + bucket.integral;
    bucket.integral = sum;
    bucket.seconds += seconds;
  }

  #advance(timeUs: number): void {
    this.#close();
    while (timeUs >= this.#span.toUs) {
      const next = this.#spanAt(this.#span.toUs);
      if (timeUs < next.toUs || !this.#isHeldAt(next.fromUs)) {
        this.#span = this.#spanAt(timeUs);
        return;
      }
      this.#span = next;
      this.#close();
    }
  }

  #isHeldAt(timeUs: number): boolean {
    return timeUs < this.#knownUntilUs && this.#heldAtUs.some((heldAtUs) => heldAtUs + HOLD_US > timeUs);
  }

  #close(): void {
    const untilUs = Math.min(this.#span.toUs, this.#knownUntilUs);
    for (let column = 0; column < this.#columns.length; column++) {
      this.#hold(column, untilUs);
      const bucket = this.#cells[column];
      if (bucket !== undefined) bucket.integral += this.#lost[column]!;
    }
    this.#lost.fill(0);
    if (this.#cells.length > 0) this.#done.push({ ...this.#span, cells: this.#cells });
    this.#cells = [];
  }

  #handOver(): readonly BucketRow[] {
    const done = this.#done;
    this.#done = [];
    return done;
  }
}
