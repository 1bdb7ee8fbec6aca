import type { Coverage, DayCompleteness } from "../wire/history.ts";

/** Several days as one: received of what was expected, each day counted by its own expectation and never above it. */
export function completeness(days: readonly DayCompleteness[]): Coverage {
  let expected = 0;
  let received = 0;
  let flagged = 0;
  let counted = 0;
  for (const day of days) {
    expected += day.expected;
    received += day.received;
    flagged += day.flagged;
    counted += Math.min(day.received, day.expected);
  }
  return { expected, received, flagged, ratio: expected === 0 ? null : counted / expected };
}
