import { setTimeout as pause } from "node:timers/promises";

const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 5000;

export interface InsistOptions {
  /** Aborted when nobody wants it any more. */
  readonly signal: AbortSignal;
  /** Told of each failure; may give the pause in milliseconds. Without one it is 100 ms, then twice as long each time, up to 5 s. */
  readonly onFailure: (error: unknown, attempt: number) => number | undefined;
}

/** Tries until it succeeds, with pauses; undefined when the signal comes first. */
export async function insist<T>(work: () => Promise<T>, { signal, onFailure }: InsistOptions): Promise<T | undefined> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await work();
    } catch (error) {
      const pauseMs = onFailure(error, attempt) ?? Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (attempt - 1));
      if (signal.aborted) return undefined;
      await pause(pauseMs, undefined, { signal }).catch(() => undefined);
      if (signal.aborted) return undefined;
    }
  }
}
