import { drop, nextKnownAtUs, park } from "@caudal/core";
import type { Measurement, PointEvent } from "@caudal/schemas";
import { eventKinds, stepOfChange } from "../events.ts";
import { maskOf } from "../rules/reason-mask.ts";
import type { StepOutcome } from "../step.ts";
import type { DecisionChange } from "../totaliser/decision.ts";
import { MAX_WORDS, readWord, type Word } from "../totaliser/word.ts";
import { readConfiguration } from "./configuration.ts";
import { readCorrection } from "./correction.ts";
import { correctedMeasurements, FactSheet } from "./fact-sheet.ts";
import type { PointState, VariableState } from "./point-state.ts";
import { reconfigure } from "./reconfigure.ts";
import { forgetSamples, SampleJudge } from "./sample-judge.ts";

/** What an event came to. */
export interface Judgement {
  readonly measurements: readonly Measurement[];
  /** Facts of samples and of withdrawals, and samples that another of the same event at the same instant stands in for. */
  readonly judged: number;
  readonly withdrawn: number;
  readonly replaced: number;
  /** Facts of other samples that are judged otherwise now. */
  readonly rejudged: number;
  /** Facts that were computed from those. */
  readonly derived: number;
  /** What the totaliser decides now, and no longer. */
  readonly decisions: readonly DecisionChange[];
}

/**
 * Judges one event of a point and moves the point's state on. Has no clock: the same events in the same order give the same measurements
 * with the same revisions. What was published again is dropped without moving anything, unless `replayed`: then a person wants it, although
 * newer readings of the device were taken in meanwhile.
 */
export function judgeEvent(state: PointState, event: PointEvent, replayed = false): StepOutcome<Judgement> {
  const sheet = new FactSheet();
  const judge = new SampleJudge(state, sheet);
  if (state.spill !== undefined && changesThePast(event)) state.spill.isBroken = true;
  if (event.kind === eventKinds.configuration) {
    const config = readConfiguration(event.body);
    if (config.kind !== "keep") return config;
    reconfigure(state, config.value, judge);
    return computed(state, event, sheet, judge);
  }
  if (event.kind === eventKinds.decision) {
    const word = readWord(event.body);
    if (word.kind !== "keep") return word;
    const { variable, timeUs } = word.value;
    const others = state.words.filter((other) => other.variable !== variable || other.timeUs !== timeUs);
    if (others.length >= MAX_WORDS) return park("too-large", `people said more than ${MAX_WORDS} things of this point's counts`);
    state.heed(word.value.verdict === null ? others : [...others, word.value satisfies Word]);
    judge.countAgain(state.variable(variable), timeUs);
    return computed(state, event, sheet, judge);
  }
  if (event.kind === eventKinds.correction) {
    const correction = readCorrection(event.body);
    if (correction.kind !== "keep") return correction;
    if (!state.corrections.begin(event.eventId)) return drop("duplicate");
    judge.corrected(correction.value);
    const outcome = computed(state, event, sheet, judge);
    if (outcome.kind !== "keep") return outcome;
    const said = correctedMeasurements(event, correction.value, state.knownAtUs ?? event.receivedAtUs);
    return { kind: "keep", value: { ...outcome.value, measurements: [...said, ...outcome.value.measurements] } };
  }
  // Says that what a replay or a recount found is known from here on: it gives no facts, but the place that they are known at.
  if (event.kind === eventKinds.replayed || event.kind === eventKinds.recount) return computed(state, event, sheet, judge);
  if (event.kind !== eventKinds.samples && event.kind !== eventKinds.remap) return park("unsupported-format", `no such kind of point event: ${event.kind}`);
  const step = event.kind === eventKinds.remap ? stepOfChange(event.causeId) : undefined;
  if (event.kind === eventKinds.remap && step === undefined) return park("corrupt-record", "a remap that does not name its change");
  if (!takeIn(state, event, step) && !replayed) return drop("duplicate");
  return { kind: "keep", value: judgeSamples(state, event, sheet, judge) };
}

/** True when more follows from the event than a sample that is new, or another: a recount that is under way begins again. */
function changesThePast({ kind, withdrawn }: PointEvent): boolean {
  return withdrawn.length > 0 || (kind !== eventKinds.samples && kind !== eventKinds.replayed && kind !== eventKinds.recount);
}

/** An event without samples gives what it changes of those that are remembered. */
function computed(state: PointState, event: PointEvent, sheet: FactSheet, { decisions }: SampleJudge): StepOutcome<Judgement> {
  const measurements = sheet.measurements(event, nextRevision(state, event));
  return { kind: "keep", value: { measurements, judged: 0, withdrawn: 0, replaced: 0, rejudged: sheet.facts, derived: sheet.derived, decisions } };
}

function nextRevision(state: PointState, event: PointEvent): number {
  state.knownAtUs = nextKnownAtUs(event.receivedAtUs, state.knownAtUs);
  return state.knownAtUs;
}

/** False when the device's progress says that this event, or one that stands for it, was taken in. */
function takeIn(state: PointState, { device, causeOffset }: PointEvent, step: number | undefined): boolean {
  if (causeOffset < 0) return true;
  const progress = state.device(device);
  if (step === undefined) {
    if (causeOffset <= progress.sampleOffset) return false;
    progress.sampleOffset = causeOffset;
    return true;
  }
  if (step < progress.remapStep || (step === progress.remapStep && causeOffset <= progress.remapOffset)) return false;
  progress.remapStep = step;
  progress.remapOffset = causeOffset;
  return true;
}

function judgeSamples(state: PointState, event: PointEvent, sheet: FactSheet, judge: SampleJudge): Judgement {
  const remap = event.kind === eventKinds.remap ? event.causeId : undefined;
  // What was remembered goes with a remap, also what other devices gave: everything from its first instant on is counted again from what is held.
  if (remap !== undefined) for (const { timeUs } of [...event.samples, ...event.withdrawn]) state.fellBehind(timeUs);
  for (const { variable, timeUs } of event.withdrawn) judge.withdrawn(begun(state, variable, remap), timeUs);
  // A count that is gone may change what its neighbours are: that is no withdrawal.
  const withdrawn = Math.min(sheet.facts, event.withdrawn.length);
  let judged = 0;
  for (const sample of event.samples) {
    const isNew = judge.sample(begun(state, sample.variable, remap), { timeUs: sample.timeUs, value: sample.value ?? NaN, mapped: maskOf(...sample.reasons) });
    if (isNew) judged++;
  }
  const replaced = event.samples.length - judged;
  const measurements = sheet.measurements(event, nextRevision(state, event));
  return { measurements, judged, withdrawn, replaced, rejudged: Math.max(0, sheet.facts - judged - withdrawn), derived: sheet.derived, decisions: judge.decisions };
}

/** The variable's state; at the first event of a remap without its samples, which come anew in order. */
function begun(state: PointState, name: string, remap: string | undefined): VariableState {
  const variable = state.variable(name);
  if (remap !== undefined && variable.remap !== remap) {
    variable.remap = remap;
    forgetSamples(variable);
    variable.newestUs = NaN;
  }
  return variable;
}
