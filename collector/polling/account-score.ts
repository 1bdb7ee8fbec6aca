import type { Clock } from "@caudal/runtime";
import { noRows, outcomeKinds, addRows, type OutcomeKind, type RowCounts } from "./outcome.ts";

/** A stretch for which the provider has no rows of a device, though it has some before and after. */
export interface FoundGap {
  readonly device: string;
  readonly keys: readonly string[];
  readonly fromUs: number;
  readonly toUs: number;
}

/** Counts of five minutes. */
interface Bucket {
  readonly at: number;
  readonly outcomes: Partial<Record<OutcomeKind, number>>;
  rows: RowCounts;
  calls: number;
  filled: number;
}

export interface ScoreBody {
  readonly buckets: readonly Bucket[];
  readonly gaps: readonly FoundGap[];
  readonly delaysMs: readonly number[];
}

export interface ScoreView {
  readonly outcomes: Readonly<Record<OutcomeKind, number>>;
  readonly rows: RowCounts;
  readonly calls: number;
  /** Rows with which history filled what polls had missed. */
  readonly filled: number;
}

const BUCKET_US = 300_000_000;
const DAY_BUCKETS = 288;
const HOUR_BUCKETS = 12;
const MAX_GAPS = 100;
const MAX_DELAYS = 512;

/** What came of asking a provider with one account, over the last day. Bounded, whatever the number of devices. */
export class AccountScore {
  readonly #clock: Clock;
  #buckets: Bucket[] = [];
  #gaps: FoundGap[] = [];
  #delaysMs: number[] = [];

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  outcome(kind: OutcomeKind, rows: RowCounts): void {
    const bucket = this.#now();
    bucket.outcomes[kind] = (bucket.outcomes[kind] ?? 0) + 1;
    bucket.rows = addRows(bucket.rows, rows);
  }

  asked(calls: number): void {
    this.#now().calls += calls;
  }

  /** Rows that history gave for a stretch which polls had missed. */
  filled(rows: number): void {
    this.#now().filled += rows;
  }

  gap(gap: FoundGap): void {
    this.#gaps = [...this.#gaps, gap].slice(-MAX_GAPS);
  }

  /** From a new row's own time to its receipt. */
  delay(ms: number): void {
    this.#delaysMs.push(ms);
    if (this.#delaysMs.length > MAX_DELAYS) this.#delaysMs.shift();
  }

  lastHour(): ScoreView {
    return this.#sum(HOUR_BUCKETS);
  }

  lastDay(): ScoreView {
    return this.#sum(DAY_BUCKETS);
  }

  body(): ScoreBody {
    return { buckets: this.#buckets, gaps: this.#gaps, delaysMs: this.#delaysMs };
  }

  /** Goes on from what another collector, or this one before its restart, had counted. */
  restore({ buckets, gaps, delaysMs }: ScoreBody): void {
    this.#buckets = buckets.map((bucket) => ({ ...bucket, outcomes: { ...bucket.outcomes } }));
    this.#gaps = [...gaps];
    this.#delaysMs = [...delaysMs];
  }

  #now(): Bucket {
    const at = Math.floor(this.#clock.nowUs() / BUCKET_US);
    const last = this.#buckets.at(-1);
    if (last !== undefined && last.at >= at) return last;
    const bucket: Bucket = { at, outcomes: {}, rows: noRows, calls: 0, filled: 0 };
    this.#buckets = [...this.#buckets.filter((each) => each.at > at - DAY_BUCKETS), bucket];
    return bucket;
  }

  #sum(count: number): ScoreView {
    const from = Math.floor(this.#clock.nowUs() / BUCKET_US) - count;
    const recent = this.#buckets.filter(({ at }) => at > from);
    return {
      outcomes: Object.fromEntries(outcomeKinds.map((kind) => [kind, recent.reduce((sum, { outcomes }) => sum + (outcomes[kind] ?? 0), 0)])) as Record<OutcomeKind, number>,
      rows: recent.reduce((sum, { rows }) => addRows(sum, rows), noRows),
      calls: recent.reduce((sum, { calls }) => sum + calls, 0),
      filled: recent.reduce((sum, { filled }) => sum + filled, 0),
    };
  }
}
