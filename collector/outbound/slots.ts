/** At most so many at once, in the order they came; a bounded number waits. */
export class Slots {
  readonly #most: number;
  readonly #maxWaiting: number;
  readonly #waiting = new Set<() => void>();
  #taken = 0;

  constructor(most: number, maxWaiting = 10_000) {
    this.#most = Math.max(1, most);
    this.#maxWaiting = maxWaiting;
  }

  /** Resolves with the way to give it back (once); undefined when too many wait already. Rejects with the signal's reason. */
  take(signal: AbortSignal): Promise<(() => void) | undefined> {
    return new Promise((resolve, reject) => {
      if (signal.aborted) return reject(signal.reason as Error);
      if (this.#taken < this.#most && this.#waiting.size === 0) {
        this.#taken++;
        return resolve(this.#giveBack());
      }
      if (this.#waiting.size >= this.#maxWaiting) return resolve(undefined);
      const abort = (): void => {
        this.#waiting.delete(granted);
        reject(signal.reason as Error);
      };
      const granted = (): void => {
        signal.removeEventListener("abort", abort);
        resolve(this.#giveBack());
      };
      signal.addEventListener("abort", abort, { once: true });
      this.#waiting.add(granted);
    });
  }

  #giveBack(): () => void {
    let held = true;
    return () => {
      if (!held) return;
      held = false;
      const [next] = this.#waiting;
      if (next === undefined) {
        this.#taken--;
        return;
      }
      this.#waiting.delete(next);
      next();
    };
  }
}
