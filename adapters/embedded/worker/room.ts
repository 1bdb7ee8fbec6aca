/**
 * Bounds what is under way: a task starts while there is room left, in the order they came. A task may weigh more than what is left, so
 * that a heavy one is never starved; the room is overdrawn by one task at most.
 */
export class Room {
  #free: number;
  readonly #waiting: (() => void)[] = [];

  constructor(capacity: number) {
    this.#free = capacity;
  }

  async use<T>(weight: number, task: () => Promise<T>): Promise<T> {
    if (this.#free <= 0 || this.#waiting.length > 0) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    this.#free -= weight;
    // Whoever is next may fit beside this one.
    this.#admit();
    try {
      return await task();
    } finally {
      this.#free += weight;
      this.#admit();
    }
  }

  #admit(): void {
    if (this.#free > 0) this.#waiting.shift()?.();
  }
}
