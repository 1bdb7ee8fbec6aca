/** Something that waits for a birth. */
export interface Waiter {
  readonly bytes: number;
  /** Called once, when it has waited long enough or must go. */
  expire(): void;
}

interface WaitingRoomOptions {
  readonly waitMs: number;
  readonly most: number;
  readonly mostBytes: number;
}

/** Messages of all nodes that wait, each for the same time at most, so that the first in is the first out. */
export class WaitingRoom {
  readonly #options: WaitingRoomOptions;
  readonly #waiting = new Map<Waiter, number>();
  #bytes = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: WaitingRoomOptions) {
    this.#options = options;
  }

  /** False: it is full, and the message cannot wait. */
  enter(waiter: Waiter): boolean {
    const { most, mostBytes, waitMs } = this.#options;
    if (this.#waiting.size >= most || this.#bytes + waiter.bytes > mostBytes) return false;
    this.#waiting.set(waiter, performance.now() + waitMs);
    this.#bytes += waiter.bytes;
    this.#schedule();
    return true;
  }

  leave(waiter: Waiter): void {
    if (this.#waiting.delete(waiter)) this.#bytes -= waiter.bytes;
    if (this.#waiting.size > 0) return;
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  /** Sends all away, now. */
  clear(): void {
    for (const waiter of [...this.#waiting.keys()]) this.#expire(waiter);
  }

  #schedule(): void {
    const [first] = this.#waiting.values();
    if (this.#timer !== undefined || first === undefined) return;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      const nowMs = performance.now();
      for (const [waiter, untilMs] of [...this.#waiting]) if (untilMs <= nowMs) this.#expire(waiter);
      this.#schedule();
    }, Math.max(1, first - performance.now()));
    this.#timer.unref();
  }

  #expire(waiter: Waiter): void {
    this.leave(waiter);
    waiter.expire();
  }
}
