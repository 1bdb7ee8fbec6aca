import { dayStart } from "./span.ts";

const WINDOW_US = 6 * 3_600_000_000;
const FAST_STEP_US = 10_000_000;
const DAY_US = 86_400_000_000;

/** How closely a point's instants follow each other, judged over six hours of them. */
export class Pace {
  #firstUs = -Infinity;
  #lastUs = -Infinity;
  #steps = 0;
  #isFast = false;

  /** Takes note of an instant; only those after all before count. */
  note(instantUs: number): void {
    if (instantUs <= this.#lastUs) return;
    this.#lastUs = instantUs;
    if (this.#firstUs === -Infinity) {
      this.#firstUs = instantUs;
      return;
    }
    this.#steps += 1;
    const spanUs = instantUs - this.#firstUs;
    if (spanUs < WINDOW_US) return;
    this.#isFast = spanUs / this.#steps < FAST_STEP_US;
    this.#firstUs = instantUs;
    this.#steps = 0;
  }

  /**
   * The start of a UTC day from which on a partition should hold a day instead of a month; undefined while the point is slow or not known for
   * long. One whole day lies between, so that every process has learned of it before facts of that day come.
   */
  daysFromUs(): number | undefined {
    return this.#isFast ? dayStart(this.#lastUs) + 2 * DAY_US : undefined;
  }
}
