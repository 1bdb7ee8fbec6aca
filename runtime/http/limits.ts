import { systemClock, type Clock } from "../clock/clock.ts";

export interface HttpLimits {
  /** Open connections; more are refused by the kernel's side of the socket. 1024 when absent. */
  readonly maxConnections?: number;
  /** Requests being answered, streams not counted; more get 503. 256 when absent. */
  readonly maxInFlight?: number;
  /** Requests a second of one address, over a burst of ten seconds' worth; more get 429. No limit when absent. */
  readonly requestsPerS?: number;
  /** Refused tokens a minute of one address; more get 429. 30 when absent. */
  readonly authFailuresPerMinute?: number;
  /** Milliseconds in which a request's headers, and the whole of it, must arrive; 15 s and 60 s when absent. */
  readonly headersTimeoutMs?: number;
  readonly requestTimeoutMs?: number;
}

/** Takes from a bucket that fills with time, one a key. */
export interface TokenBuckets {
  /** Milliseconds to wait, or 0 when there was one to take. */
  take(key: string): number;
  /** Milliseconds to wait for one, without taking it. */
  peek(key: string): number;
}

const MAX_KEYS = 10_000;

export function createBuckets(options: { readonly perS: number; readonly burst: number; readonly clock?: Clock }): TokenBuckets {
  const { perS, burst, clock = systemClock } = options;
  const buckets = new Map<string, { left: number; atMs: number }>();

  function filled(key: string): { left: number; atMs: number } {
    const nowMs = clock.monotonicMs();
    const bucket = buckets.get(key) ?? { left: burst, atMs: nowMs };
    bucket.left = Math.min(burst, bucket.left + ((nowMs - bucket.atMs) / 1000) * perS);
    bucket.atMs = nowMs;
    return bucket;
  }

  const waitMs = (left: number): number => (left >= 1 ? 0 : Math.ceil(((1 - left) / perS) * 1000));

  return {
    take: (key) => {
      const bucket = filled(key);
      const wait = waitMs(bucket.left);
      if (wait === 0) bucket.left--;
      // Newest last; the one untouched for longest goes when there are too many.
      buckets.delete(key);
      buckets.set(key, bucket);
      const oldest = buckets.size > MAX_KEYS ? buckets.keys().next().value : undefined;
      if (oldest !== undefined) buckets.delete(oldest);
      return wait;
    },
    peek: (key) => (buckets.has(key) ? waitMs(filled(key).left) : 0),
  };
}
