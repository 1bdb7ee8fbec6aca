import { setTimeout as pause } from "node:timers/promises";
import { isFinal, toCaudal } from "./failure.ts";

export interface PatienceOptions {
  /** For the text of the error. */
  readonly doing: string;
  readonly withinMs: number;
  /** Failures that are to be tried again although they are final elsewhere. */
  readonly alsoRetry?: (error: unknown) => boolean;
  readonly signal?: AbortSignal | undefined;
}

const FIRST_PAUSE_MS = 20;
const LONGEST_PAUSE_MS = 500;

/** Tries until it succeeds, fails for good or the time is over; then fails with the last error as a CaudalError. */
export async function insist<T>(work: () => Promise<T>, { doing, withinMs, alsoRetry = () => false, signal }: PatienceOptions): Promise<T> {
  const deadline = performance.now() + withinMs;
  for (let attempt = 0; ; attempt += 1) {
    signal?.throwIfAborted();
    try {
      return await work();
    } catch (error) {
      if (isFinal(error) && !alsoRetry(error)) throw toCaudal(error, doing);
      const pauseMs = pauseAfter(attempt, FIRST_PAUSE_MS, LONGEST_PAUSE_MS);
      if (performance.now() + pauseMs > deadline) throw toCaudal(error, doing);
      await pause(pauseMs, undefined, { signal });
    }
  }
}

/** Doubling pauses with a little chance, so that many do not come back at once. */
export function pauseAfter(attempt: number, firstMs: number, longestMs: number): number {
  return Math.min(longestMs, firstMs * 2 ** Math.min(attempt, 16)) * (0.75 + Math.random() / 2);
}
