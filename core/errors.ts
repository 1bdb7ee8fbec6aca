/** Closed list of error codes; each has a text in both languages in the catalogue. */
export const errorCodes = [
  "duplicate-key", "version-conflict", "stale-generation", "offset-out-of-range", "unknown-topic", "forbidden",
  "bad-request", "not-found", "too-large", "unavailable", "storage-full", "corrupt", "closed", "in-use", "timeout", "setting",
] as const;
export type ErrorCode = (typeof errorCodes)[number];

/** Whether the same call may succeed later: yes, no, or nobody knows whether it did succeed. */
export type RetryPolicy = "yes" | "no" | "unknown";

const retryOf: Record<ErrorCode, RetryPolicy> = {
  "duplicate-key": "no", "version-conflict": "no", "stale-generation": "no", "offset-out-of-range": "no", "unknown-topic": "no",
  forbidden: "no", "bad-request": "no", "not-found": "no", "too-large": "no", unavailable: "yes", "storage-full": "yes",
  corrupt: "no", closed: "no", "in-use": "no", timeout: "unknown", setting: "no",
};

export interface ErrorOptionsWithPolicy {
  readonly cause?: unknown;
  /** Overrides the code's own policy. */
  readonly retry?: RetryPolicy;
  /** Milliseconds to wait before the next try, where the other side said so. */
  readonly afterMs?: number;
}

/** An expected failure that crosses a port. The policy for retrying travels in it. */
export class CaudalError extends Error {
  readonly code: ErrorCode;
  readonly retry: RetryPolicy;
  readonly afterMs: number | undefined;

  constructor(code: ErrorCode, message: string, options: ErrorOptionsWithPolicy = {}) {
    super(message, { cause: options.cause });
    this.name = "CaudalError";
    this.code = code;
    this.retry = options.retry ?? retryOf[code];
    this.afterMs = options.afterMs;
  }
}

/** True for a CaudalError of this code. */
export function hasCode(error: unknown, code: ErrorCode): boolean {
  return error instanceof CaudalError && error.code === code;
}
