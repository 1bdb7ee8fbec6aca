/** Which of two statements about one fact holds: the greater wins whatever the order they came in. */
export interface Revision {
  /** 0 computed, 1 a person's correction. */
  readonly authority: number;
  /** Microseconds since 1970 UTC, strictly growing along a point's events. */
  readonly knownAtUs: number;
}

/** Negative, zero or positive as `a` is less than, equal to or greater than `b`. */
export function compareRevisions(a: Revision, b: Revision): number {
  return a.authority - b.authority || a.knownAtUs - b.knownAtUs;
}

/** knownAt of an event: its received time, or one microsecond after the event before it for that point. */
export function nextKnownAtUs(receivedAtUs: number, previousKnownAtUs: number | undefined): number {
  return previousKnownAtUs === undefined ? receivedAtUs : Math.max(receivedAtUs, previousKnownAtUs + 1);
}
