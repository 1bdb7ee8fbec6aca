import { CaudalError, hasCode } from "@caudal/core";
import type { Position } from "./membership.ts";

/** Positions behind handled batches wait this long for others to travel with. */
const TOGETHER_MS = 100;

interface Waiting {
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

export interface CommitsParts {
  readonly send: (positions: readonly Position[]) => Promise<void>;
  /** The group went on without this member. */
  readonly onStale: () => void;
  /** A commit failed otherwise; it is tried again with the next. */
  readonly onFailure: (error: unknown) => void;
}

/** Positions of one generation on their way to the broker: one commit at a time, what comes meanwhile is in the next. */
export class Commits {
  readonly #parts: CommitsParts;
  #dirty = new Map<number, number>();
  #waiting: Waiting[] = [];
  #timer: NodeJS.Timeout | undefined;
  #sending: Promise<void> | undefined;
  #stopped = false;

  constructor(parts: CommitsParts) {
    this.#parts = parts;
  }

  /** To be committed soon. */
  mark(partition: number, offset: number): void {
    this.#dirty.set(partition, offset);
    if (this.#sending === undefined && !this.#stopped) this.#timer ??= setTimeout(() => this.#start(), TOGETHER_MS);
  }

  /** Resolves when the broker has it. */
  async commit(partition: number, offset: number): Promise<void> {
    this.#dirty.set(partition, offset);
    await this.flush();
  }

  /** Resolves when the broker has all that was marked so far. */
  flush(): Promise<void> {
    if (this.#dirty.size === 0 && this.#sending === undefined) return Promise.resolve();
    return new Promise((resolve, reject) => {
      this.#waiting.push({ resolve, reject });
      this.#start();
    });
  }

  /** Nothing is committed any more; what was not is delivered again. */
  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
  }

  #start(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#sending ??= this.#send().finally(() => {
      this.#sending = undefined;
      if (this.#waiting.length > 0) this.#start();
      else if (this.#dirty.size > 0 && !this.#stopped) this.#timer ??= setTimeout(() => this.#start(), TOGETHER_MS);
    });
  }

  async #send(): Promise<void> {
    const waiting = this.#waiting;
    const positions = [...this.#dirty].map(([partition, offset]) => ({ partition, offset }));
    this.#waiting = [];
    this.#dirty = new Map();
    try {
      if (this.#stopped) throw new CaudalError("stale-generation", "the generation is over");
      if (positions.length > 0) await this.#parts.send(positions);
      for (const { resolve } of waiting) resolve();
    } catch (error) {
      if (hasCode(error, "stale-generation")) this.#parts.onStale();
      else {
        for (const { partition, offset } of positions) if (!this.#dirty.has(partition)) this.#dirty.set(partition, offset);
        if (!this.#stopped) this.#parts.onFailure(error);
      }
      for (const { reject } of waiting) reject(error);
    }
  }
}
