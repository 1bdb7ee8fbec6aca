/** The time of a run: the machine's, or one that a test holds. */
export interface SimulationClock {
  /** Microseconds since 1970. */
  nowUs(): number;
  monotonicMs(): number;
  /** Resolves after that time, or at once with the signal; never rejects. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

export const machineClock: SimulationClock = {
  nowUs: () => Math.floor((performance.timeOrigin + performance.now()) * 1000),
  monotonicMs: () => performance.now(),
  sleep: (ms, signal) => new Promise((resolve) => {
    if (signal?.aborted === true) return resolve();
    const done = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal?.addEventListener("abort", done, { once: true });
  }),
};
