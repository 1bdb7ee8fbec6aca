import type { Clock } from "@caudal/runtime";

const SPEED = 60;

/** A clock on which a second takes a sixtieth: each cycle finds a new row of every device. */
export function fastClock(beganMs: number): Clock {
  return { nowUs: () => (beganMs + (Date.now() - beganMs) * SPEED) * 1000, monotonicMs: () => performance.now() };
}
