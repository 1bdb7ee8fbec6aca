import { CaudalError, type ErrorCode, type RetryPolicy } from "@caudal/core";

/** One question to a worker and its answer; `id` pairs them. */
export interface CallMessage {
  readonly id: number;
  readonly body: unknown;
}

export type AnswerMessage =
  | { readonly id: number; readonly value: unknown }
  | { readonly id: number; readonly failure: Failure };

/** An error as it crosses the thread border, where classes are lost. */
export interface Failure {
  readonly code: ErrorCode | undefined;
  readonly message: string;
  readonly retry: RetryPolicy;
  readonly stack: string | undefined;
}

export function toFailure(error: unknown): Failure {
  if (error instanceof CaudalError) return { code: error.code, message: error.message, retry: error.retry, stack: undefined };
  const { message, stack } = error instanceof Error ? error : new Error(String(error));
  return { code: undefined, message, retry: "unknown", stack };
}

/** The error again; one without a code is a bug and keeps the stack it was thrown with. */
export function fromFailure(failure: Failure): Error {
  if (failure.code !== undefined) return new CaudalError(failure.code, failure.message, { retry: failure.retry });
  const error = new Error(failure.message);
  if (failure.stack !== undefined) error.stack = failure.stack;
  return error;
}
