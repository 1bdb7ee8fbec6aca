import type { Metrics } from "../metrics/metrics.ts";

/** Counts of one conservation line: what came in, and what went out by outcome and reason. In minus the sum of out is a residual, and a bug. */
export interface TallyBody {
  readonly in: number;
  /** By `outcome` or `outcome reason`. */
  readonly out: Readonly<Record<string, number>>;
  /** Handed on more than once, beside the line; absent where nothing was. */
  readonly fed?: number;
}

export class Tally {
  #in = 0;
  #fed = 0;
  readonly #out = new Map<string, number>();

  constructor(body?: TallyBody) {
    if (body === undefined) return;
    this.#in = body.in;
    this.#fed = body.fed ?? 0;
    for (const [outcome, count] of Object.entries(body.out)) this.#out.set(outcome, count);
  }

  came(count: number): void {
    this.#in += count;
  }

  went(outcome: string, count: number, reason = ""): void {
    if (count === 0) return;
    const key = reason === "" ? outcome : `${outcome} ${reason}`;
    this.#out.set(key, (this.#out.get(key) ?? 0) + count);
  }

  /** What went once and was handed on so many times more: no part of in = out. */
  fed(count: number): void {
    this.#fed += count;
  }

  /** Takes the other's counts in. */
  add(other: Tally): void {
    this.#in += other.#in;
    this.#fed += other.#fed;
    for (const [key, count] of other.#out) this.#out.set(key, (this.#out.get(key) ?? 0) + count);
  }

  body(): TallyBody {
    return { in: this.#in, out: Object.fromEntries(this.#out), ...(this.#fed === 0 ? {} : { fed: this.#fed }) };
  }

  get residual(): number {
    let left = this.#in;
    for (const count of this.#out.values()) left -= count;
    return left;
  }

  /** Counts the same in the process's metrics; once a batch. */
  report(group: string, metrics: Metrics, unit: "samples" | "facts" = "samples"): void {
    metrics.counter(`caudal_${unit}_in_total`).inc({ group }, this.#in);
    if (this.#fed > 0) metrics.counter("caudal_samples_fed_total").inc({ group }, this.#fed);
    const out = metrics.counter(`caudal_${unit}_out_total`);
    for (const [key, count] of this.#out) {
      const [outcome = key, reason = ""] = key.split(" ");
      out.inc({ group, outcome, reason }, count);
    }
  }
}

/** In minus out; 0 when nothing was lost or made up. */
export function residualOf(body: TallyBody): number {
  return body.in - Object.values(body.out).reduce((total, count) => total + count, 0);
}
