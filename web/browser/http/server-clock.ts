/** The server's clock as seen from here, so that ages are right on a computer whose own clock is wrong. */
export interface ServerClock {
  nowMs(): number;
  /** An answer's Date header; it has whole seconds only, so small differences are taken for none. */
  observe(serverMs: number): void;
}

const SMALLEST_SKEW_MS = 2_500;

export function createServerClock(localNowMs: () => number): ServerClock {
  let skewMs = 0;
  return {
    nowMs: () => localNowMs() + skewMs,
    observe(serverMs) {
      const seenMs = serverMs + 500 - localNowMs();
      skewMs = Math.abs(seenMs) < SMALLEST_SKEW_MS ? 0 : seenMs;
    },
  };
}
