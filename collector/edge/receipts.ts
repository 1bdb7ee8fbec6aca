/**
 * Gives every reading a received time of its own. What has no time of its source takes it as its instant, and two readings of one
 * instant would be one fact; a clock that counts in milliseconds gives many the same.
 */
export class Receipts {
  #lastUs = 0;

  /** The instant, or one microsecond after the last one given. */
  at(nowUs: number): number {
    this.#lastUs = Math.max(nowUs, this.#lastUs + 1);
    return this.#lastUs;
  }
}
