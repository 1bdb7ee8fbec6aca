import { quantile } from "../harness/statistics.ts";
import type { Timing } from "./plan.ts";

/** Collects milliseconds. */
export class Timings {
  readonly #values: number[] = [];

  add(ms: number): void {
    this.#values.push(ms);
  }

  get count(): number {
    return this.#values.length;
  }

  timing(): Timing {
    const of = (part: number): number => quantile(this.#values, part);
    return { count: this.#values.length, p50: of(0.5), p99: of(0.99), highest: of(1) };
  }
}
