import type { Told } from "../kinds/kind.ts";

const DAY_US = 86_400_000_000;

/** Litres of each UTC day, told when the day is over. A step's litres are of the day in which the step ends. */
export class DailyUse {
  readonly #key: string;
  readonly #tell: (event: Told) => void;
  #day = Number.NaN;
  #isFirst = true;
  #litres = 0;
  #samples = 0;

  constructor(key: string, tell: (event: Told) => void) {
    this.#key = key;
    this.#tell = tell;
  }

  add(atUs: number, litres: number): void {
    const day = Math.floor(atUs / DAY_US);
    if (day !== this.#day) {
      if (!Number.isNaN(this.#day)) this.#close(this.#isFirst);
      this.#isFirst = Number.isNaN(this.#day);
      this.#day = day;
    }
    this.#litres += litres;
    this.#samples += 1;
  }

  /** The day that the end cuts short. */
  finish(): void {
    if (this.#samples > 0) this.#close(true);
  }

  #close(partial: boolean): void {
    const fromUs = this.#day * DAY_US;
    this.#tell({ what: "daily-use", fromUs, toUs: fromUs + DAY_US, key: this.#key, litres: this.#litres, samples: this.#samples, ...(partial ? { partial } : {}) });
    this.#litres = 0;
    this.#samples = 0;
  }
}
