import { systemSleep, type Sleep } from "../clock/clock.ts";
import { pauseMs, policyOf, type BackoffOptions } from "./backoff.ts";

export interface RetryOptions extends BackoffOptions {
  /** Tries in all; Infinity when absent, bounded then by the signal alone. */
  readonly attempts?: number;
  /** Ends the tries and the waiting. */
  readonly signal?: AbortSignal;
  /** True when a call of unknown outcome may simply be made again (it is idempotent). False when absent. */
  readonly repeatUnknown?: boolean;
  readonly sleep?: Sleep;
  readonly onRetry?: (error: unknown, attempt: number, waitMs: number) => void;
}

/**
 * Calls until it succeeds, as the errors' own policy says: `yes` is tried again, `no` rejects at once, `unknown` rejects unless
 * `repeatUnknown`. Rejects with the last error, or with the signal's reason.
 */
export async function retry<T>(call: (attempt: number) => Promise<T>, options: RetryOptions = {}): Promise<T> {
  const { attempts = Number.POSITIVE_INFINITY, sleep = systemSleep, signal } = options;
  for (let attempt = 1; ; attempt++) {
    signal?.throwIfAborted();
    try {
      return await call(attempt);
    } catch (error) {
      const policy = policyOf(error);
      const again = policy === "yes" || (policy === "unknown" && options.repeatUnknown === true);
      if (!again || attempt >= attempts) throw error;
      const waitMs = pauseMs(error, attempt, options);
      options.onRetry?.(error, attempt, waitMs);
      await sleep(waitMs, signal);
    }
  }
}
