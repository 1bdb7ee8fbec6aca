/** Places 0 to n - 1 by the instant at which each is next; of equal ones the lower place first. A binary heap over two arrays of numbers. */
export class NextFirst {
  readonly #atUs: Float64Array;
  readonly #heap: Uint32Array;
  #size: number;

  constructor(count: number, atUs: (place: number) => number) {
    this.#atUs = Float64Array.from({ length: count }, (_, place) => atUs(place));
    this.#heap = Uint32Array.from({ length: count }, (_, place) => place);
    this.#size = count;
    for (let at = (count >> 1) - 1; at >= 0; at--) this.#sink(at);
  }

  /** Undefined when nobody has anything left. */
  first(): number | undefined {
    const place = this.#heap[0];
    return this.#size === 0 || place === undefined || this.#atUs[place] === Number.POSITIVE_INFINITY ? undefined : place;
  }

  /** The first one's instant has changed to a later one, or to infinity. */
  moved(atUs: number): void {
    this.#atUs[this.#heap[0]!] = atUs;
    this.#sink(0);
  }

  #before(a: number, b: number): boolean {
    const [atA, atB] = [this.#atUs[a]!, this.#atUs[b]!];
    return atA < atB || (atA === atB && a < b);
  }

  #sink(from: number): void {
    const heap = this.#heap;
    const place = heap[from]!;
    let at = from;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= this.#size) break;
      if (child + 1 < this.#size && this.#before(heap[child + 1]!, heap[child]!)) child++;
      if (!this.#before(heap[child]!, place)) break;
      heap[at] = heap[child]!;
      at = child;
    }
    heap[at] = place;
  }
}
