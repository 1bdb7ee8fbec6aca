import { flags, type Flag, type FlagReason, type VariableKind } from "@caudal/core";
import { maskOf } from "./reason-mask.ts";

/** What the tests of a variable of a point compare with; in the variable's stored unit, `undefined` where there is no limit. */
export interface Limits {
  readonly kind: VariableKind;
  readonly min: number | undefined;
  readonly max: number | undefined;
  readonly maxRatePerS: number | undefined;
  /** A change is taken to have needed at least these seconds, so that one step of a coarse counter is no jump. */
  readonly minRateSpanS: number;
  readonly flatLineS: number | undefined;
  /** Zero may stay for ever: no water is drawn. */
  readonly zeroMayStay: boolean;
  /** Distance from both neighbours, to the same side, that is a spike. */
  readonly spike: number | undefined;
  /** Bounds of what the probe can read where it hangs, in the variable's unit. */
  readonly possibleMin: number | undefined;
  readonly possibleMax: number | undefined;
  /** Water right with its tolerance, L/s. */
  readonly right: number | undefined;
  /** m3 of one count, `shown` where the last digit of the count says it; undefined where the variable is no counter, or nobody said. */
  readonly countM3: number | "shown" | undefined;
  /** m3 that may pass while a count stands still; undefined: by what a count is worth. */
  readonly stuckM3: number | undefined;
  /** Instant from which these hold. */
  readonly fromUs: number;
}

/** A sample among its neighbours, as the rules see it. Times are microseconds since 1970 UTC. */
export interface Trial {
  readonly limits: Limits;
  readonly timeUs: number;
  /** NaN when the sample has no value. */
  readonly value: number;
  /** Reasons that mapping already knew, as a mask. */
  readonly mapped: number;
  /** Newest time of the variable when the sample came; NaN when it is judged again. */
  readonly newestUs: number;
  /** The sample before it, with or without a value; NaN when there is none. */
  readonly beforeUs: number;
  /** The last one before it that has a value and is not bad; NaN when there is none. */
  readonly previousUs: number;
  readonly previousValue: number;
  /** The sample after it when it is known; NaN when there is none, or none with a value. */
  readonly nextValue: number;
  /** Median interval of the samples before it; NaN when there are too few. */
  readonly periodUs: number;
  /** Since when, and for how many samples, the value has been the same. */
  readonly sinceUs: number;
  readonly run: number;
  /** For how many samples a count has been the same while the point's flow was never zero, and the m3 that passed by it meanwhile; 0 and NaN where nobody knows. */
  readonly standing: number;
  readonly passedM3: number;
}

/** What one rule says. `evaluated` is false when it could not say anything about the value. */
export interface Verdict {
  readonly flag: Flag;
  readonly evaluated: boolean;
  /** Mask of the reasons that it adds. */
  readonly reasons: number;
}

/** Another variable of the same point that a rule looks at, and the variables that it judges by it. */
export interface Beside {
  readonly variable: string;
  readonly of: readonly string[];
}

export interface Rule {
  readonly name: string;
  /** What is remembered of `of` is judged again when a sample of `variable` comes, goes or is judged otherwise. */
  readonly beside?: Beside;
  judge(trial: Trial): Verdict;
}

export const pass: Verdict = { flag: flags.good, evaluated: true, reasons: 0 };
export const notEvaluated: Verdict = { flag: flags.notEvaluated, evaluated: false, reasons: 0 };

/** Adds a reason without touching the flag. */
export function informs(reason: FlagReason): Verdict {
  return { flag: flags.notEvaluated, evaluated: false, reasons: maskOf(reason) };
}

export function suspect(reason: FlagReason): Verdict {
  return { flag: flags.suspect, evaluated: true, reasons: maskOf(reason) };
}

export function bad(reason: FlagReason): Verdict {
  return { flag: flags.bad, evaluated: true, reasons: maskOf(reason) };
}

export const noNeighbour = informs("no-neighbour");
