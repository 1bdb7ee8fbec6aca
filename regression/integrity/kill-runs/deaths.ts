import type { Death } from "./installation.ts";

/** Deaths in order, for one who waits for the next. */
export interface Deaths {
  tell(death: Death): void;
  next(): Promise<Death>;
}

export function createDeaths(): Deaths {
  const waiting: Death[] = [];
  let wake: ((death: Death) => void) | undefined;
  let pending: Promise<Death> | undefined;
  return {
    tell: (death) => {
      if (wake === undefined) return void waiting.push(death);
      wake(death);
      wake = undefined;
      pending = undefined;
    },
    // Whoever asks again before it came waits for the same one: a race that was lost loses no death.
    next: () => {
      const death = waiting.shift();
      if (death !== undefined) return Promise.resolve(death);
      pending ??= new Promise((resolve) => (wake = resolve));
      return pending;
    },
  };
}
