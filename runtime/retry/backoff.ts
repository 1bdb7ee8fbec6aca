import { CaudalError, type RetryPolicy } from "@caudal/core";

export interface BackoffOptions {
  /** Ceiling of the first pause; doubles with each attempt. */
  readonly baseMs?: number;
  /** Ceiling of every pause. */
  readonly capMs?: number;
  /** 0 <= random < 1. */
  readonly random?: () => number;
}

/** Exponential with full jitter: anywhere from 0 to the ceiling, so that those who failed together do not come back together. Attempts count from 1. */
export function backoffMs(attempt: number, options: BackoffOptions = {}): number {
  const { baseMs = 50, capMs = 5000, random = Math.random } = options;
  const ceiling = Math.min(capMs, baseMs * 2 ** Math.min(attempt - 1, 30));
  return Math.round(random() * ceiling);
}

/** Milliseconds to wait before the next try: what the other side asked for at least, and jitter on top. */
export function pauseMs(error: unknown, attempt: number, options: BackoffOptions = {}): number {
  const asked = error instanceof CaudalError ? (error.afterMs ?? 0) : 0;
  return asked + backoffMs(attempt, options);
}

/** The policy that travels in the error; an error that nobody expected is a bug, which a retry does not mend. */
export function policyOf(error: unknown): RetryPolicy {
  return error instanceof CaudalError ? error.retry : "no";
}
