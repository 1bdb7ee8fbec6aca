import { REMEMBERED_SAMPLES } from "@caudal/core";

/** Samples of a variable that are remembered as neighbours. */
export const WINDOW = REMEMBERED_SAMPLES;
/** Samples before one that its judgement may need: a late sample with fewer known before it cannot be judged by its true neighbours. */
export const LOOK_BACK = 9;

/** Numbers that are kept of each sample: time, value, since when it has been the same, for how many samples, judgement. */
export const SAMPLE_CELLS = 5;
const FIRST_ROOM = 8;

/** The newest samples of one variable of one point in time order, packed: a fleet has tens of thousands of these. `value` is NaN when a sample has none; `judgement` as rules/rules.ts packs it. */
export class Ring {
  readonly width: number;
  readonly #most: number;
  #cells: Float64Array;
  #count = 0;
  #complete = true;

  /** `width`: numbers of each sample; what stands behind the first five is its owner's. `most`: samples that are kept. */
  constructor(width = SAMPLE_CELLS, most = WINDOW) {
    this.width = width;
    this.#most = most;
    this.#cells = new Float64Array(FIRST_ROOM * width);
  }

  get count(): number {
    return this.#count;
  }

  /** True while nothing older was forgotten: the first sample then truly has none before it. */
  get complete(): boolean {
    return this.#complete;
  }

  /** -Infinity when it is empty. */
  get newestUs(): number {
    return this.#count === 0 ? -Infinity : this.timeUs(this.#count - 1);
  }

  get bytes(): number {
    return this.#cells.byteLength;
  }

  timeUs(index: number): number {
    return this.cell(index, 0);
  }
  value(index: number): number {
    return this.cell(index, 1);
  }
  sinceUs(index: number): number {
    return this.cell(index, 2);
  }
  run(index: number): number {
    return this.cell(index, 3);
  }
  judgement(index: number): number {
    return this.cell(index, 4);
  }

  cell(index: number, cell: number): number {
    return this.#cells[index * this.width + cell] ?? NaN;
  }

  setCell(index: number, cell: number, value: number): void {
    this.#cells[index * this.width + cell] = value;
  }

  /** Index of the first sample that is not before the instant. */
  indexOf(timeUs: number): number {
    let high = this.#count;
    if (high === 0 || this.timeUs(high - 1) < timeUs) return high;
    let low = 0;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.timeUs(middle) < timeUs) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** True when the sample at the index is of the instant. */
  isAt(index: number, timeUs: number): boolean {
    return index < this.#count && this.timeUs(index) === timeUs;
  }

  /** Makes room at the index; the sample there is whatever `write` and `judge` then say, its owner's cells are NaN. */
  open(index: number): void {
    const { width } = this;
    const needed = (this.#count + 1) * width;
    if (needed > this.#cells.length) {
      const roomy = new Float64Array(Math.min(this.#cells.length * 2, (this.#most + 1) * width));
      roomy.set(this.#cells);
      this.#cells = roomy;
    }
    this.#cells.copyWithin((index + 1) * width, index * width, this.#count * width);
    this.#cells.fill(NaN, index * width, (index + 1) * width);
    this.#count++;
  }

  write(index: number, timeUs: number, value: number): void {
    this.#cells[index * this.width] = timeUs;
    this.#cells[index * this.width + 1] = value;
  }

  judge(index: number, sinceUs: number, run: number, judgement: number): void {
    const at = index * this.width;
    this.#cells[at + 2] = sinceUs;
    this.#cells[at + 3] = run;
    this.#cells[at + 4] = judgement;
  }

  remove(index: number): void {
    const { width } = this;
    this.#cells.copyWithin(index * width, (index + 1) * width, this.#count * width);
    this.#count--;
  }

  /** True when the oldest is to be forgotten: there are more than are kept. */
  get isFull(): boolean {
    return this.#count > this.#most;
  }

  /** Forgets the oldest when there are more than are kept. */
  trim(): void {
    while (this.isFull) this.forgetOldest();
  }

  forgetOldest(): void {
    this.remove(0);
    this.#complete = false;
  }

  clear(): void {
    this.#count = 0;
    this.#complete = true;
  }

  /** The samples as numbers, `width` each, to be kept. */
  pack(): Float64Array {
    return this.#cells.subarray(0, this.#count * this.width);
  }

  /** Takes in what `pack` gave, of rings of `from` numbers a sample; what those lack is NaN. */
  unpack(cells: Float64Array, complete: boolean, from = this.width): void {
    const count = cells.length / from;
    this.#cells = new Float64Array(Math.max(count, FIRST_ROOM) * this.width);
    if (from === this.width) this.#cells.set(cells);
    else {
      this.#cells.fill(NaN);
      for (let index = 0; index < count; index++) this.#cells.set(cells.subarray(index * from, index * from + Math.min(from, this.width)), index * this.width);
    }
    this.#count = count;
    this.#complete = complete;
  }
}
