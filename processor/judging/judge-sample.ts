import { flags } from "@caudal/core";
import { maskOf } from "../rules/reason-mask.ts";
import type { Trial } from "../rules/rule.ts";
import { flagOf, judge, reasonMaskOf } from "../rules/rules.ts";
import { LOOK_BACK, type Ring } from "./ring.ts";
import type { VariableState } from "./point-state.ts";

/** Reasons that belong to the sample itself and stay when it is judged again among other neighbours. */
const OWN_REASONS = maskOf("clock-ahead", "edge-time", "late", "not-a-number", "sentinel");
const NO_NEIGHBOUR = maskOf("no-neighbour");
const MIN_INTERVALS = 4;

/** A sample of a variable; `value` is NaN when it has none, `mapped` the mask of reasons that mapping gave. */
export interface Arrived {
  readonly timeUs: number;
  readonly value: number;
  readonly mapped: number;
}

/** Told of each sample that has another judgement now: the new one, and later ones whose neighbours changed. */
export type Judged = (timeUs: number, value: number, judgement: number) => void;

type Draft = { -readonly [K in keyof Trial]: Trial[K] };

/**
 * Judges a sample among its neighbours, and again each remembered one after it. A sample older than what can be compared is judged by
 * itself and not remembered.
 */
export function judgeSample(state: VariableState, arrived: Arrived, told: Judged): void {
  const { ring } = state;
  const { timeUs, value } = arrived;
  const trial = draft(state, arrived);
  trial.newestUs = state.newestUs;
  if (!(timeUs <= state.newestUs)) state.newestUs = timeUs;

  const index = ring.indexOf(timeUs);
  if (!ring.complete && index < LOOK_BACK && index < ring.count) {
    told(timeUs, value, judge(trial) | (NO_NEIGHBOUR * 8));
    return;
  }
  if (index === ring.count || ring.timeUs(index) !== timeUs) ring.open(index);
  ring.write(index, timeUs, value);
  told(timeUs, value, judgeAt(ring, index, trial));
  for (let later = index + 1; later < ring.count; later++) {
    const before = ring.judgement(later);
    const again = draft(state, { timeUs: ring.timeUs(later), value: ring.value(later), mapped: reasonMaskOf(before) & OWN_REASONS });
    const now = judgeAt(ring, later, again);
    if (now !== before) told(again.timeUs, again.value, now);
  }
  ring.trim();
}

function draft({ limits }: VariableState, { timeUs, value, mapped }: Arrived): Draft {
  return {
    limits, timeUs, value, mapped, newestUs: NaN, beforeUs: NaN, previousUs: NaN, previousValue: NaN, periodUs: NaN, sinceUs: timeUs, run: Number.isNaN(value) ? 0 : 1,
  };
}

function judgeAt(ring: Ring, index: number, trial: Draft): number {
  const { timeUs, value } = trial;
  if (index > 0) {
    trial.beforeUs = ring.timeUs(index - 1);
    trial.periodUs = medianIntervalUs(ring, index);
    if (ring.value(index - 1) === value) {
      trial.sinceUs = ring.sinceUs(index - 1);
      trial.run = ring.run(index - 1) + 1;
    }
    for (let at = index - 1; at >= 0; at--) {
      if (Number.isNaN(ring.value(at)) || flagOf(ring.judgement(at)) === flags.bad) continue;
      trial.previousUs = ring.timeUs(at);
      trial.previousValue = ring.value(at);
      break;
    }
  }
  const judgement = judge(trial);
  ring.write(index, timeUs, value);
  ring.judge(index, trial.sinceUs, trial.run, judgement);
  return judgement;
}

const intervals = new Float64Array(LOOK_BACK - 1);

/** Median of the last eight intervals before the sample at the index; NaN with fewer than four. */
function medianIntervalUs(ring: Ring, index: number): number {
  const count = Math.min(index - 1, intervals.length);
  if (count < MIN_INTERVALS) return NaN;
  for (let at = 0; at < count; at++) {
    const interval = ring.timeUs(index - 1 - at) - ring.timeUs(index - 2 - at);
    let place = at;
    while (place > 0 && (intervals[place - 1] ?? 0) > interval) {
      intervals[place] = intervals[place - 1] ?? 0;
      place--;
    }
    intervals[place] = interval;
  }
  return intervals[count >> 1] ?? NaN;
}
