/** Work on points, in the order it came; work on different points goes on at once, up to a limit. */
export class PointLocks {
  readonly #tails = new Map<string, Promise<void>>();
  readonly #waiting: (() => void)[] = [];
  #free: number;

  constructor(limit: number) {
    this.#free = limit;
  }

  async hold<T>(names: readonly string[], work: () => Promise<T>): Promise<T> {
    const before = new Set<Promise<void>>();
    let end = (): void => undefined;
    const tail = new Promise<void>((resolve) => (end = resolve));
    for (const name of names) {
      const last = this.#tails.get(name);
      if (last !== undefined) before.add(last);
      this.#tails.set(name, tail);
    }
    try {
      await Promise.all(before);
      return await this.#limited(work);
    } finally {
      for (const name of names) if (this.#tails.get(name) === tail) this.#tails.delete(name);
      end();
    }
  }

  /** Resolves when all that was begun by now has ended. */
  async settled(): Promise<void> {
    await Promise.all(new Set(this.#tails.values()));
  }

  async #limited<T>(work: () => Promise<T>): Promise<T> {
    if (this.#free > 0) this.#free -= 1;
    else await new Promise<void>((resolve) => this.#waiting.push(resolve));
    try {
      return await work();
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) this.#free += 1;
      else next();
    }
  }
}
