/** Samples of a variable that are remembered as neighbours. */
export const WINDOW = 32;
/** Samples before one that its judgement may need: a late sample with fewer known before it cannot be judged by its true neighbours. */
export const LOOK_BACK = 9;

const CELLS = 5;
const FIRST_ROOM = 8;

/** What is kept of one sample. `value` is NaN when it has none; `judgement` as rules/rules.ts packs it. */
export interface RingSample {
  readonly timeUs: number;
  readonly value: number;
  readonly sinceUs: number;
  readonly run: number;
  readonly judgement: number;
}

/** The newest samples of one variable of one point in time order, packed: a fleet has tens of thousands of these. */
export class Ring {
  #cells = new Float64Array(FIRST_ROOM * CELLS);
  #count = 0;
  #complete = true;

  get count(): number {
    return this.#count;
  }

  /** True while nothing older was forgotten: the first sample then truly has none before it. */
  get complete(): boolean {
    return this.#complete;
  }

  get bytes(): number {
    return this.#cells.byteLength;
  }

  timeUs(index: number): number {
    return this.#cell(index, 0);
  }
  value(index: number): number {
    return this.#cell(index, 1);
  }
  sinceUs(index: number): number {
    return this.#cell(index, 2);
  }
  run(index: number): number {
    return this.#cell(index, 3);
  }
  judgement(index: number): number {
    return this.#cell(index, 4);
  }

  /** Index of the first sample that is not before the instant. */
  indexOf(timeUs: number): number {
    let index = this.#count;
    while (index > 0 && this.timeUs(index - 1) >= timeUs) index--;
    return index;
  }

  /** Makes room at the index; the sample there is whatever `write` and `judge` then say. */
  open(index: number): void {
    const needed = (this.#count + 1) * CELLS;
    if (needed > this.#cells.length) {
      const roomy = new Float64Array(Math.min(this.#cells.length * 2, (WINDOW + 1) * CELLS));
      roomy.set(this.#cells);
      this.#cells = roomy;
    }
    this.#cells.copyWithin((index + 1) * CELLS, index * CELLS, this.#count * CELLS);
    this.#count++;
  }

  write(index: number, timeUs: number, value: number): void {
    this.#cells[index * CELLS] = timeUs;
    this.#cells[index * CELLS + 1] = value;
  }

  judge(index: number, sinceUs: number, run: number, judgement: number): void {
    this.#cells[index * CELLS + 2] = sinceUs;
    this.#cells[index * CELLS + 3] = run;
    this.#cells[index * CELLS + 4] = judgement;
  }

  remove(index: number): void {
    this.#cells.copyWithin(index * CELLS, (index + 1) * CELLS, this.#count * CELLS);
    this.#count--;
  }

  /** Forgets the oldest when there are more than the window holds. */
  trim(): void {
    while (this.#count > WINDOW) {
      this.remove(0);
      this.#complete = false;
    }
  }

  clear(): void {
    this.#count = 0;
    this.#complete = true;
  }

  /** The samples as numbers, five each, to be kept. */
  pack(): Float64Array {
    return this.#cells.subarray(0, this.#count * CELLS);
  }

  static unpack(cells: Float64Array, complete: boolean): Ring {
    const ring = new Ring();
    ring.#cells = new Float64Array(Math.max(cells.length, FIRST_ROOM * CELLS));
    ring.#cells.set(cells);
    ring.#count = cells.length / CELLS;
    ring.#complete = complete;
    return ring;
  }

  #cell(index: number, cell: number): number {
    return this.#cells[index * CELLS + cell] ?? NaN;
  }
}
