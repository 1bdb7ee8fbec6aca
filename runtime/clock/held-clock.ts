import type { Clock, Sleep } from "./clock.ts";

/** A clock that moves only when told to, and the sleep that goes with it. */
export interface HeldClock extends Clock {
  readonly sleep: Sleep;
  /** Moves both clocks on and wakes the sleepers whose time has come, in order of their time. */
  advance(ms: number): Promise<void>;
  /** Sleepers now. */
  sleeping(): number;
}

interface Sleeper {
  readonly untilMs: number;
  wake(): void;
}

/** For tests: starts at `startUs` (2024-01-01 UTC when absent). */
export function createHeldClock(startUs = 1_704_067_200_000_000): HeldClock {
  let elapsedMs = 0;
  const sleepers = new Set<Sleeper>();
  const sleep: Sleep = (ms, signal) =>
    new Promise((resolve, reject) => {
      if (signal?.aborted === true) return reject(signal.reason as Error);
      const abort = (): void => {
        sleepers.delete(sleeper);
        reject(signal?.reason as Error);
      };
      const sleeper: Sleeper = {
        untilMs: elapsedMs + ms,
        wake: () => {
          signal?.removeEventListener("abort", abort);
          resolve();
        },
      };
      sleepers.add(sleeper);
      signal?.addEventListener("abort", abort, { once: true });
    });
  return {
    nowUs: () => startUs + Math.round(elapsedMs * 1000),
    monotonicMs: () => elapsedMs,
    sleep,
    sleeping: () => sleepers.size,
    advance: async (ms) => {
      // What is about to sleep gets to it first.
      await turn();
      const target = elapsedMs + ms;
      for (;;) {
        const due = [...sleepers].filter((sleeper) => sleeper.untilMs <= target).sort((a, b) => a.untilMs - b.untilMs)[0];
        if (due === undefined) break;
        elapsedMs = Math.max(elapsedMs, due.untilMs);
        sleepers.delete(due);
        due.wake();
        await turn();
      }
      elapsedMs = target;
    },
  };
}

function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
