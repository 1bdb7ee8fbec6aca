import { flags } from "@caudal/core";
import { limitsAt } from "../rules/limits.ts";
import { maskOf } from "../rules/reason-mask.ts";
import type { Trial } from "../rules/rule.ts";
import { flagOf, judge, reasonMaskOf } from "../rules/rules.ts";
import { LOOK_BACK, WINDOW, type Ring } from "./ring.ts";
import type { VariableState } from "./point-state.ts";
import { noteStanding, SEEN_WITHIN_US, standingAt } from "./standing.ts";

/** Reasons that belong to the sample itself and stay when it is judged again among other neighbours. */
export const OWN_REASONS = maskOf("clock-ahead", "edge-time", "late", "not-a-number", "sentinel");
const NO_NEIGHBOUR = maskOf("no-neighbour");
const MIN_INTERVALS = 4;

/** A sample of a variable; `value` is NaN when it has none, `mapped` the mask of reasons that mapping gave. */
export interface Arrived {
  readonly timeUs: number;
  readonly value: number;
  readonly mapped: number;
  /** What a person said: late is no word for it. */
  readonly corrected?: true;
}

/** Told of each sample that has another judgement now: the new one first, and others whose neighbours changed. */
export type Judged = (timeUs: number, value: number, judgement: number) => void;

/** Where a sample was put, and the last one that is judged otherwise since. */
export interface Placing {
  readonly index: number;
  readonly changedTo: number;
}

type Draft = { -readonly [K in keyof Trial]: Trial[K] };

/**
 * Judges a sample among its neighbours, and again each remembered one whose judgement may hang on it. A sample older than what can be compared is judged
 * by itself and not remembered: undefined then. What is too many in the ring is for the caller to forget.
 */
export function judgeSample(state: VariableState, arrived: Arrived, told: Judged): Placing | undefined {
  const { ring } = state;
  const { timeUs, value } = arrived;
  const trial = draft(state, arrived);
  if (arrived.corrected === undefined) {
    trial.newestUs = state.newestUs;
    if (!(timeUs <= state.newestUs)) state.newestUs = timeUs;
  }

  const index = ring.indexOf(timeUs);
  if (!ring.complete && index < LOOK_BACK && index < ring.count) {
    told(timeUs, value, judge(trial) | (NO_NEIGHBOUR * 8));
    return undefined;
  }
  if (!ring.isAt(index, timeUs)) ring.open(index);
  ring.write(index, timeUs, value);
  told(timeUs, value, judgeAt(state, index, trial));
  if (index > 0 && mayFindSpikes(state)) judgeAgain(state, index - 1, told);
  return { index, changedTo: judgeLater(state, index + 1, told) };
}

/** Judges again what is remembered around a sample that was taken away from the index; gives the last one that is judged otherwise. */
export function judgeWithout(state: VariableState, index: number, told: Judged): number {
  const { ring } = state;
  const first = Math.max(index, ring.complete ? 0 : LOOK_BACK);
  if (first === index && index > 0 && mayFindSpikes(state)) judgeAgain(state, index - 1, told);
  return judgeLater(state, first, told);
}

/** A spike is seen from the sample after it. */
function mayFindSpikes({ limits }: VariableState): boolean {
  return limits.length === 1 ? limits[0]!.spike !== undefined : limits.some(({ spike }) => spike !== undefined);
}

function judgeLater(state: VariableState, first: number, told: Judged): number {
  const { ring } = state;
  let changedTo = first - 1;
  // What nothing changed in so many samples cannot change further on.
  for (let later = first; later < ring.count && later - changedTo <= WINDOW; later++) if (judgeAgain(state, later, told)) changedTo = later;
  return changedTo;
}

/** What the sample says by itself, among no others: nothing is remembered of it. */
export function judgeAlone(state: VariableState, arrived: Arrived): number {
  return judge(draft(state, arrived)) | (NO_NEIGHBOUR * 8);
}

/** Judges again what is remembered from the instant on, as far as its neighbours are known. */
export function rejudge(state: VariableState, fromUs: number, told: Judged): void {
  const { ring } = state;
  const first = Math.max(ring.indexOf(fromUs), ring.complete ? 0 : LOOK_BACK);
  for (let index = first; index < ring.count; index++) judgeAgain(state, index, told);
}

/** Judges again what hangs on samples of another variable that came, went or are judged otherwise between the instants. */
export function rejudgeBeside(state: VariableState, { fromUs, toUs }: { readonly fromUs: number; readonly toUs: number }, told: Judged): void {
  const { ring } = state;
  const first = Math.max(ring.indexOf(fromUs), ring.complete ? 0 : LOOK_BACK);
  let changedTo = first;
  for (let index = first; index < ring.count && (index <= changedTo + 1 || ring.timeUs(index - 1) < toUs + SEEN_WITHIN_US); index++) if (judgeAgain(state, index, told)) changedTo = index;
}

/** True when anything that others may look at is otherwise. */
function judgeAgain(state: VariableState, index: number, told: Judged): boolean {
  const { ring } = state;
  const [before, sinceUs, run] = [ring.judgement(index), ring.sinceUs(index), ring.run(index)];
  const again = draft(state, { timeUs: ring.timeUs(index), value: ring.value(index), mapped: reasonMaskOf(before) & OWN_REASONS });
  const now = judgeAt(state, index, again);
  if (now !== before) told(again.timeUs, again.value, now);
  return now !== before || ring.sinceUs(index) !== sinceUs || ring.run(index) !== run || movedOn;
}

function draft({ limits }: VariableState, { timeUs, value, mapped }: Arrived): Draft {
  return {
    limits: limits.length === 1 ? limits[0]! : limitsAt(limits, timeUs), timeUs, value, mapped, newestUs: NaN, beforeUs: NaN, previousUs: NaN, previousValue: NaN, nextValue: NaN,
    periodUs: NaN, sinceUs: timeUs, run: Number.isNaN(value) ? 0 : 1, standing: 0, passedM3: NaN,
  };
}

/** True when the sample that was judged last hands on something else to the next than it did. */
let movedOn = false;

function judgeAt({ ring, beside }: VariableState, index: number, trial: Draft): number {
  const { timeUs, value } = trial;
  movedOn = false;
  if (beside !== undefined) {
    const standing = standingAt(ring, index, trial, beside.ring);
    trial.standing = standing.samples;
    trial.passedM3 = standing.passedM3;
    movedOn = noteStanding(ring, index, standing);
  }
  if (index + 1 < ring.count) trial.nextValue = ring.value(index + 1);
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
