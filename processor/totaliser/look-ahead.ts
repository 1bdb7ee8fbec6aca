import { flags, subtractDecimals } from "@caudal/core";
import type { Ring } from "../judging/ring.ts";
import { mostBetween, type CounterTerms } from "./terms.ts";

/** Samples after one that its decision may need; below judging's LOOK_BACK, so that what is forgotten is final. */
export const LOOK_AHEAD = 8;
/** Steps of a low run are of one size: a return is not. */
const SAME_STEP = 3;
/** Nor is it of the size of all that the run counted. */
const SAME_RUN = 2;

/** Beyond it a count has no exact decimal form. */
const MOST_COUNT = 1e15;

/** True when a count says nothing: no value, one that a rule found impossible, or one that no meter has. */
export function isVoid(ring: Ring, index: number): boolean {
  return !(Math.abs(ring.value(index)) < MOST_COUNT) || (ring.judgement(index) & 7) === flags.bad;
}

/**
 * True when a later count is on from the baseline and below this one: this one was no growth. Where the growth by itself may be (`tooFast` false), the fall must be more than a
 * wobble, and no dip: counts that come back to this one in a step unlike those below it.
 */
export function isPeak(ring: Ring, index: number, { baseline, baselineUs, terms }: Seen, tooFast: boolean): boolean {
  const value = ring.value(index);
  let low = NaN;
  let largest = -1;
  for (let at = index + 1; at <= lastSeen(ring, index); at++) {
    if (isVoid(ring, at)) continue;
    const later = ring.value(at);
    if (Number.isNaN(low)) {
      const isOn = later >= baseline && later < value && isPlausible(later - baseline, { baseline, baselineUs, terms }, ring.timeUs(at));
      if (tooFast && isOn) return true;
      if (!tooFast && subtractDecimals(value, later) > terms.jitter) {
        if (!isOn) return false;
        low = later;
      }
      continue;
    }
    if (later >= value) return largest >= 0 && later - low <= SAME_STEP * largest;
    largest = Math.max(largest, later - low);
    low = later;
  }
  return !Number.isNaN(low);
}

/**
 * The count at which those after this one are back where they were; NaN when they are not: the step up is larger than those of the low run, and ends nearer to the baseline than to
 * the run. A counter that began anew passes its old count in steps like any others, and a single low count is no such step from zero.
 */
export function comesBackTo(ring: Ring, index: number, { baseline, baselineUs, terms }: Seen): number {
  let low = ring.value(index);
  let largest = -1;
  for (let at = index + 1; at <= lastSeen(ring, index); at++) {
    if (isVoid(ring, at)) continue;
    const later = ring.value(at);
    if (later < baseline) {
      largest = Math.max(largest, later - low);
      low = later;
      continue;
    }
    const step = later - low;
    if (largest >= 0 && step <= Math.max(SAME_STEP * largest, SAME_RUN * (low - ring.value(index)))) return NaN;
    const isNear = later - baseline <= Math.max(step / 2, terms.jitter) || (largest < 0 && low > SAME_STEP * step);
    return isNear && later - baseline <= mostBetween(terms, baselineUs, ring.timeUs(at)) ? later : NaN;
  }
  return NaN;
}

/** True when so many counts go on from this one without a break. */
export function isConfirmed(ring: Ring, index: number, terms: CounterTerms, count: number): boolean {
  let last = ring.value(index);
  let lastUs = ring.timeUs(index);
  let found = 0;
  for (let at = index + 1; at <= lastSeen(ring, index); at++) {
    if (isVoid(ring, at)) continue;
    const value = ring.value(at);
    const timeUs = ring.timeUs(at);
    const growth = value - last;
    if (growth < 0 || (growth > mostBetween(terms, lastUs, timeUs) && timeUs - lastUs <= terms.reconnectionUs)) return false;
    if (++found >= count) return true;
    last = value;
    lastUs = timeUs;
  }
  return false;
}

/** Growth that may be since the baseline; after a silence, any. */
function isPlausible(growth: number, { baselineUs, terms }: Seen, timeUs: number): boolean {
  return growth <= mostBetween(terms, baselineUs, timeUs) || timeUs - baselineUs > terms.reconnectionUs;
}

export interface Seen {
  readonly baseline: number;
  readonly baselineUs: number;
  readonly terms: CounterTerms;
}

function lastSeen(ring: Ring, index: number): number {
  return Math.min(index + LOOK_AHEAD, ring.count - 1);
}
