/** What waits for one listener: never more than a bound, then the oldest is lost. */
export class Subscriber {
  readonly #listener: (message: string) => void;
  readonly #mostWaiting: number;
  #waiting: string[] = [];
  #isScheduled = false;
  #isStopped = false;

  constructor(listener: (message: string) => void, mostWaiting: number) {
    this.#listener = listener;
    this.#mostWaiting = mostWaiting;
  }

  push(message: string): void {
    if (this.#isStopped) return;
    if (this.#waiting.length === this.#mostWaiting) this.#waiting.shift();
    this.#waiting.push(message);
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    setImmediate(() => this.#deliver());
  }

  stop(): void {
    this.#isStopped = true;
    this.#waiting = [];
  }

  #deliver(): void {
    const messages = this.#waiting;
    this.#waiting = [];
    this.#isScheduled = false;
    for (const message of messages) if (!this.#isStopped) this.#listener(message);
  }
}
