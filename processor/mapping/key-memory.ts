const FIRST_ROOM = 8;

/** Source times of one key with their newest values, in time order. */
export class KeyMemory {
  #timesUs = new Float64Array(FIRST_ROOM);
  #values = new Float64Array(FIRST_ROOM);
  count = 0;
  /** Newest time met, and its value; kept when the list is emptied. NaN before the first. */
  newestUs = NaN;
  newestValue = NaN;

  get bytes(): number {
    return 2 * this.#timesUs.byteLength;
  }
  get timesUs(): Float64Array {
    return this.#timesUs.subarray(0, this.count);
  }
  get values(): Float64Array {
    return this.#values.subarray(0, this.count);
  }

  /** Value known for the time, or undefined. */
  valueAt(timeUs: number): number | undefined {
    if (timeUs === this.newestUs) return this.newestValue;
    const index = this.#indexOf(timeUs);
    return index < this.count && this.#timesUs[index] === timeUs ? this.#values[index] : undefined;
  }

  /** Remembers the value as the newest of its time. */
  put(timeUs: number, value: number): void {
    if (!(timeUs < this.newestUs)) {
      this.newestUs = timeUs;
      this.newestValue = value;
    }
    const index = this.#indexOf(timeUs);
    if (index === this.count || this.#timesUs[index] !== timeUs) this.#open(index);
    this.#timesUs[index] = timeUs;
    this.#values[index] = value;
  }

  /** Empties the list; the newest stays known, and the room for as many again. */
  clear(): void {
    this.count = 0;
  }

  fill(timesUs: Float64Array, values: Float64Array): void {
    this.#timesUs = new Float64Array(Math.max(FIRST_ROOM, timesUs.length));
    this.#values = new Float64Array(Math.max(FIRST_ROOM, values.length));
    this.#timesUs.set(timesUs);
    this.#values.set(values);
    this.count = timesUs.length;
  }

  #open(index: number): void {
    if (this.count === this.#timesUs.length) {
      this.#timesUs = doubled(this.#timesUs);
      this.#values = doubled(this.#values);
    }
    this.#timesUs.copyWithin(index + 1, index, this.count);
    this.#values.copyWithin(index + 1, index, this.count);
    this.count++;
  }

  /** First index whose time is not before; samples mostly come in order, so the end is looked at first. */
  #indexOf(timeUs: number): number {
    let high = this.count;
    if (high === 0 || (this.#timesUs[high - 1] ?? 0) < timeUs) return high;
    let low = 0;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#timesUs[middle] ?? 0) < timeUs) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

function doubled(array: Float64Array): Float64Array<ArrayBuffer> {
  const roomy = new Float64Array(array.length * 2);
  roomy.set(array);
  return roomy;
}
