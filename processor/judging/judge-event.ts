import { drop, flags, nextKnownAtUs, park } from "@caudal/core";
import type { Measurement, PointEvent } from "@caudal/schemas";
import { eventKinds, stepOfChange } from "../events.ts";
import { maskOf } from "../rules/reason-mask.ts";
import { judgementOf } from "../rules/rules.ts";
import type { StepOutcome } from "../step.ts";
import { readConfiguration } from "./configuration.ts";
import { FactSheet } from "./fact-sheet.ts";
import { judgeSample } from "./judge-sample.ts";
import type { PointState, VariableState } from "./point-state.ts";

const WITHDRAWN = judgementOf(flags.notEvaluated, maskOf("withdrawn"));

/** What an event came to. */
export interface Judgement {
  readonly measurements: readonly Measurement[];
  /** Facts of samples and of withdrawals, and samples that another of the same event at the same instant stands in for. */
  readonly judged: number;
  readonly withdrawn: number;
  readonly replaced: number;
  /** Facts of other samples that are judged otherwise now. */
  readonly rejudged: number;
}

const nothing: Judgement = { measurements: [], judged: 0, withdrawn: 0, replaced: 0, rejudged: 0 };

/**
 * Judges one event of a point and moves the point's state on. Has no clock: the same events in the same order give the same measurements
 * with the same revisions. What was published again is dropped without moving anything, unless `replayed`: then a person wants it, although
 * newer readings of the device were taken in meanwhile.
 */
export function judgeEvent(state: PointState, event: PointEvent, replayed = false): StepOutcome<Judgement> {
  if (event.kind === eventKinds.configuration) {
    const config = readConfiguration(event.body);
    if (config.kind !== "keep") return config;
    state.configure(config.value);
    nextRevision(state, event);
    return { kind: "keep", value: nothing };
  }
  if (event.kind !== eventKinds.samples && event.kind !== eventKinds.remap) return park("unsupported-format", `no such kind of point event: ${event.kind}`);
  const step = event.kind === eventKinds.remap ? stepOfChange(event.causeId) : undefined;
  if (event.kind === eventKinds.remap && step === undefined) return park("corrupt-record", "a remap that does not name its change");
  if (!takeIn(state, event, step) && !replayed) return drop("duplicate");
  return { kind: "keep", value: judgeSamples(state, event, nextRevision(state, event)) };
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

function judgeSamples(state: PointState, event: PointEvent, knownAtUs: number): Judgement {
  const sheet = new FactSheet();
  const remap = event.kind === eventKinds.remap ? event.causeId : undefined;
  for (const { variable, timeUs } of event.withdrawn) {
    const known = begun(state, variable, remap);
    const index = known.ring.indexOf(timeUs);
    if (index < known.ring.count && known.ring.timeUs(index) === timeUs) known.ring.remove(index);
    sheet.set(timeUs, variable, NaN, WITHDRAWN);
  }
  const withdrawn = sheet.facts;
  let judged = 0;
  for (const sample of event.samples) {
    const variable = begun(state, sample.variable, remap);
    const before = sheet.facts;
    let own = true;
    judgeSample(variable, { timeUs: sample.timeUs, value: sample.value ?? NaN, mapped: maskOf(...sample.reasons) }, (timeUs, value, judgement) => {
      sheet.set(timeUs, sample.variable, value, judgement);
      if (own && sheet.facts > before) judged++;
      own = false;
    });
  }
  const replaced = event.samples.length - judged;
  return { measurements: sheet.measurements(event, knownAtUs), judged, withdrawn, replaced, rejudged: sheet.facts - judged - withdrawn };
}

/** The variable's state; at the first event of a remap without its samples, which come anew in order. */
function begun(state: PointState, name: string, remap: string | undefined): VariableState {
  const variable = state.variable(name);
  if (remap !== undefined && variable.remap !== remap) {
    variable.remap = remap;
    variable.ring.clear();
    variable.newestUs = NaN;
  }
  return variable;
}
