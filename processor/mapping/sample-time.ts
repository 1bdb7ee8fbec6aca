import type { Reading, Sample } from "@caudal/schemas";
import { maskOf } from "../rules/reason-mask.ts";

/** A source clock this much ahead of ours is wrong, and not just drifting. */
export const AHEAD_AFTER_US = 5 * 60 * 1_000_000;

const EDGE_TIME = maskOf("edge-time");
const CLOCK_AHEAD = maskOf("clock-ahead");

/** The instant of a sample: its own time, else the reading's, else when our edge received it. */
export function instantOf(sample: Sample, reading: Reading): number {
  return sample.timeUs ?? reading.observedAtUs ?? reading.receivedAtUs;
}

/** Mask of what has to be said about that instant. */
export function timeReasons(sample: Sample, reading: Reading): number {
  const timeUs = sample.timeUs ?? reading.observedAtUs;
  if (timeUs === null) return EDGE_TIME;
  return timeUs > reading.receivedAtUs + AHEAD_AFTER_US ? CLOCK_AHEAD : 0;
}
