import type { Socket } from "node:net";
import { swallows, type Fault, type Way } from "./fault.ts";

/** Bytes that wait in a lane before its source is paused. */
const MOST_WAITING = 1024 * 1024;

interface Waiting {
  /** Undefined is the end. */
  readonly chunk: Buffer | undefined;
  readonly atMs: number;
}

export interface LaneOptions {
  readonly way: Way;
  readonly from: Socket;
  readonly to: Socket;
  readonly fault: () => Fault;
  /** Sees each chunk before it goes on; false loses it. */
  readonly look: (chunk: Buffer) => boolean;
}

/** One way of a connection: passes what comes on, in order, when the fault lets it. */
export class Lane {
  readonly #options: LaneOptions;
  readonly #queue: Waiting[] = [];
  #bytes = 0;
  #timer: NodeJS.Timeout | undefined;
  /** When what passed so far would have passed at the throttled rate. */
  #busyUntilMs = 0;
  #lost = false;

  constructor(options: LaneOptions) {
    this.#options = options;
    options.from.on("data", (chunk: Buffer) => this.#take(chunk));
    options.from.on("end", () => this.#take(undefined));
    options.to.on("drain", () => this.#advance());
  }

  /** Whether bytes were taken and not passed on: the stream cannot be whole any more. */
  get lost(): boolean {
    return this.#lost;
  }

  /** Looks again, after the fault has changed. */
  changed(): void {
    this.#busyUntilMs = 0;
    this.#advance();
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#queue.length = 0;
  }

  #take(chunk: Buffer | undefined): void {
    const fault = this.#options.fault();
    if (swallows(fault, this.#options.way) || (chunk !== undefined && !this.#options.look(chunk))) {
      this.#lost = true;
      return;
    }
    this.#queue.push({ chunk, atMs: performance.now() });
    this.#bytes += chunk?.length ?? 0;
    if (this.#bytes > MOST_WAITING) this.#options.from.pause();
    this.#advance();
  }

  #advance(): void {
    clearTimeout(this.#timer);
    const { from, to } = this.#options;
    for (let next = this.#queue[0]; next !== undefined && !to.destroyed; next = this.#queue[0]) {
      const { delayMs = 0, bytesPerS = Infinity } = this.#options.fault();
      const nowMs = performance.now();
      const waitMs = Math.max(next.atMs + delayMs, this.#busyUntilMs) - nowMs;
      if (waitMs > 0) {
        this.#timer = setTimeout(() => this.#advance(), waitMs);
        return;
      }
      if (to.writableNeedDrain) return;
      this.#queue.shift();
      if (next.chunk === undefined) {
        to.end();
        continue;
      }
      this.#bytes -= next.chunk.length;
      this.#busyUntilMs = nowMs + (next.chunk.length * 1000) / bytesPerS;
      to.write(next.chunk);
    }
    if (this.#bytes <= MOST_WAITING) from.resume();
  }
}
