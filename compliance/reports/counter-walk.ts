import { addDecimals, subtractDecimals } from "@caudal/core";

/** A total, m3, as it was reported at an instant. */
export interface Total {
  readonly atUs: number;
  readonly totalM3: number;
}

/** So many readings that never fall, one after the other below what stood before, are a new beginning and no fault of one reading. */
const RISING = 10;

/**
 * Walks a counter's totals in order of time and adds up what passed. A total below the one before it is not believed at once: when the counter comes back it was a glitch, when ten readings rise
 * from it the counter began anew there.
 */
export class CounterWalk {
  #base: number | undefined;
  #volume = 0;
  #below: number[] = [];
  readings = 0;
  resets = 0;
  glitches = 0;
  first: Total | undefined;
  last: Total | undefined;

  take(total: Total): void {
    const { totalM3 } = total;
    this.readings++;
    this.first ??= total;
    this.last = total;
    if (this.#base === undefined || totalM3 >= this.#base) {
      this.glitches += this.#below.length;
      this.#below = [];
      this.#advance(totalM3);
      return;
    }
    if (totalM3 < (this.#below.at(-1) ?? 0)) {
      this.glitches += this.#below.length;
      this.#below = [];
    }
    this.#below.push(totalM3);
    const [start = 0] = this.#below;
    if (this.#below.length < RISING || totalM3 === start) return;
    this.resets++;
    this.#base = start;
    this.#below = [];
    this.#advance(totalM3);
  }

  #advance(totalM3: number): void {
    if (this.#base !== undefined) this.#volume = addDecimals(this.#volume, subtractDecimals(totalM3, this.#base));
    this.#base = totalM3;
  }

  /** m3 of all stretches together. */
  get volumeM3(): number {
    return this.#volume;
  }

  /** The counter stands below where it stood, and nobody can tell yet why. */
  get isBelow(): boolean {
    return this.#below.length > 0;
  }
}
