/** How much may be under way at once; what comes beyond waits in order. */
export class Room {
  #left: number;
  readonly #waiting: (() => void)[] = [];

  constructor(size: number) {
    this.#left = size;
  }

  async use<T>(work: () => Promise<T>): Promise<T> {
    if (this.#left > 0) this.#left -= 1;
    else await new Promise<void>((resolve) => void this.#waiting.push(resolve));
    try {
      return await work();
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) this.#left += 1;
      else next();
    }
  }
}
