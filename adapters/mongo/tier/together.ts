interface Asked<T, R> {
  readonly item: T;
  resolve(result: R): void;
  reject(error: unknown): void;
}

/** Does at once what is asked for in one turn of the event loop: one command to the server instead of one for each lane. */
export class Together<T, R> {
  readonly #work: (items: readonly T[]) => Promise<readonly R[]>;
  #asked: Asked<T, R>[] = [];

  /** `work` gives a result an item, in order; its failure is that of all. */
  constructor(work: (items: readonly T[]) => Promise<readonly R[]>) {
    this.#work = work;
  }

  ask(item: T): Promise<R> {
    return new Promise((resolve, reject) => {
      if (this.#asked.push({ item, resolve, reject }) === 1) setImmediate(() => void this.#run());
    });
  }

  async #run(): Promise<void> {
    const asked = this.#asked;
    this.#asked = [];
    try {
      const results = await this.#work(asked.map(({ item }) => item));
      asked.forEach(({ resolve }, i) => resolve(results[i]!));
    } catch (error) {
      for (const { reject } of asked) reject(error);
    }
  }
}
