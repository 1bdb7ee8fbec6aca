import type { ErrorCode } from "@caudal/core";

/** 0 ok, 1 finding, 2 usage, 3 unavailable; 130 as shells count a process that Ctrl-C ended. */
export const exitCodes = { ok: 0, finding: 1, usage: 2, unavailable: 3, interrupted: 130 } as const;

const byError: Partial<Record<ErrorCode, number>> = {
  unavailable: exitCodes.unavailable, "in-use": exitCodes.unavailable, timeout: exitCodes.unavailable, "storage-full": exitCodes.unavailable, closed: exitCodes.unavailable,
  "bad-request": exitCodes.usage, setting: exitCodes.usage, forbidden: exitCodes.usage, "too-large": exitCodes.usage,
};

export function exitCodeOf(code: ErrorCode): number {
  return byError[code] ?? exitCodes.finding;
}
