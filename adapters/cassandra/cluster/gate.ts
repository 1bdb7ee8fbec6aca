/** Lets a limited number of requests through at once; the others wait in order. */
export class Gate {
  readonly #limit: number;
  #inside = 0;
  readonly #waiting: (() => void)[] = [];
  #next = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Undefined when the place is free, which is taken then; else what resolves when it is. Each place is to be given back by `leave`. */
  enter(): Promise<void> | undefined {
    if (this.#inside >= this.#limit) return new Promise<void>((resolve) => this.#waiting.push(resolve));
    this.#inside += 1;
    return undefined;
  }

  /** The place goes to who waits longest, so that nobody overtakes. */
  leave(): void {
    const next = this.#waiting[this.#next];
    if (next === undefined) {
      this.#inside -= 1;
      return;
    }
    this.#next += 1;
    if (this.#next > 1024 || this.#next === this.#waiting.length) {
      this.#waiting.splice(0, this.#next);
      this.#next = 0;
    }
    next();
  }
}
