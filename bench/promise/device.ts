import { pointIdOf } from "@caudal/core";

/** A logger of the load: three values a reading, and times that never repeat. */
export class Device {
  readonly id: string;
  readonly point: string;
  /** Times of readings that were acknowledged, in milliseconds. */
  readonly acknowledged: number[] = [];
  #lastMs = 0;
  #totalL = 1_000_000;

  constructor(index: number) {
    this.id = `well-${String(index).padStart(4, "0")}`;
    this.point = pointIdOf("default", this.id);
  }

  /** The next reading, taken now. */
  next(): { readonly timeMs: number; readonly text: string } {
    return this.at(Math.max(Date.now(), this.#lastMs + 1));
  }

  /** A reading of an instant, not earlier than the ones before. */
  at(timeMs: number): { readonly timeMs: number; readonly text: string } {
    this.#lastMs = Math.max(timeMs, this.#lastMs);
    this.#totalL += 37;
    const flow = 12 + (this.#totalL % 50) / 10;
    return { timeMs, text: `{"id":"${this.id}","ts":${timeMs},"total_m3":${this.#totalL / 1000},"flow_lps":${flow},"level_m":${40 + (this.#totalL % 7) / 100}}` };
  }
}
