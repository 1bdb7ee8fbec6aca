import { civilToInstant, civilToInstants } from "@caudal/core";

/**
 * Reads wall-clock times that were written without an offset, in one zone. On the night that shows an hour twice the order of the
 * rows tells the passes apart: a series that steps back, or stands still, is in the second pass. Where no row came before, a file is
 * read from its first pass and a live message takes the pass nearest before its receipt. One clock serves one message or one file.
 */
export class LocalClock {
  readonly #zone: string;
  readonly #receivedAtUs: number | null;
  readonly #lastUs = new Map<string, number>();

  /** `receivedAtUs` null: the rows are a file's, in order. */
  constructor(zone: string, receivedAtUs: number | null) {
    this.#zone = zone;
    this.#receivedAtUs = receivedAtUs;
  }

  /** Instant of a civil time (microseconds as if at UTC) in a series of its own order. */
  instantUs(civilUs: number, series: string): number {
    const [first, second] = civilToInstants(civilUs, this.#zone);
    let instantUs = first ?? civilToInstant(civilUs, this.#zone);
    if (second !== undefined && this.#isSecondPass(series, instantUs, second)) instantUs = second;
    this.#lastUs.set(series, instantUs);
    return instantUs;
  }

  #isSecondPass(series: string, first: number, second: number): boolean {
    const last = this.#lastUs.get(series);
    if (last !== undefined) return first <= last;
    return this.#receivedAtUs !== null && second <= this.#receivedAtUs;
  }
}
