import { flags } from "@caudal/core";
import type { PointState, VariableState } from "../judging/point-state.ts";
import { LOOK_BACK } from "../judging/ring.ts";
import { maskOf } from "../rules/reason-mask.ts";
import { combined, flagOf, judgementOf } from "../rules/rules.ts";
import { levelsOf, type LevelTerms } from "./level.ts";

/** Variable that a point's air pressure comes as, whichever device sends it. */
export const BAROMETER = "barometric_pressure";
const PRESSURE = "pressure";
const COLUMN = "water_column";
const DEPTH = "depth";
const IMPOSSIBLE = judgementOf(flags.bad, maskOf("impossible-level"));
const POSSIBLE = judgementOf(flags.good, 0);
const ALONE = judgementOf(flags.notEvaluated, maskOf("no-neighbour"));
/** Further than any probe hangs, in any unit. */
const MOST_RAW = 1e12;

/** A judged sample of what a probe reads. */
export interface ProbeSample {
  readonly timeUs: number;
  readonly value: number;
  readonly judgement: number;
}

/** Told of a computed level; NaN where there is none. */
export type TellLevel = (timeUs: number, variable: string, value: number, judgement: number) => void;

/** Tells the levels that follow from a sample. What is bad gives none, and says why. */
export function tellLevels(state: PointState, source: string, sample: ProbeSample, tell: TellLevel): void {
  const { timeUs, value, judgement } = sample;
  const terms = state.levelsAt(timeUs);
  if (terms?.source !== source) return;
  const outputs = outputsOf(state, terms);
  const none = (why: number): void => { for (const output of outputs) tell(timeUs, output, NaN, why); };
  if (Number.isNaN(value) || flagOf(judgement) === flags.bad) return none(judgement);
  const barometerKpa = terms.barometerWindowUs === undefined ? 0 : barometerAt(state, timeUs, terms.barometerWindowUs);
  if (barometerKpa === undefined) state.fellBehind(timeUs);
  if (barometerKpa === undefined || Number.isNaN(barometerKpa)) return none(ALONE);
  if (Math.abs(value) > MOST_RAW) return none(combined(judgement, IMPOSSIBLE));
  const { columnM, depthM, impossible } = levelsOf(terms, value, barometerKpa);
  if (impossible) return none(combined(judgement, IMPOSSIBLE));
  const judged = terms.sensorDepthM === undefined ? judgement : combined(judgement, POSSIBLE);
  for (const output of outputs) {
    const metres = output === COLUMN ? columnM : depthM;
    if (metres !== null) tell(timeUs, output, metres, judged);
  }
}

/** Tells again the levels that hang on the air pressure of the instant, as far as what is remembered says which pressure that is. */
export function tellLevelsAfter(state: PointState, barometerUs: number, tell: TellLevel): void {
  const pressure = state.variables.get(PRESSURE);
  if (pressure === undefined) return;
  const { ring } = pressure;
  for (let index = ring.indexOf(barometerUs); index < ring.count; index++) {
    const timeUs = ring.timeUs(index);
    const windowUs = state.levelsAt(timeUs)?.barometerWindowUs;
    if (windowUs === undefined) continue;
    if (timeUs - barometerUs > windowUs) return;
    if (barometerAt(state, timeUs, windowUs) === undefined) state.fellBehind(timeUs);
    else tellLevels(state, PRESSURE, { timeUs, value: ring.value(index), judgement: ring.judgement(index) }, tell);
  }
}

/** Names what is to be taken back with a sample. */
export function withdrawLevels(state: PointState, { name }: VariableState, timeUs: number, withdraw: (variable: string) => void): void {
  const terms = state.levelsAt(timeUs);
  if (terms?.source === name) for (const output of outputsOf(state, terms)) withdraw(output);
}

/** What a source gives itself is not computed. */
function outputsOf(state: PointState, { source }: LevelTerms): readonly string[] {
  return [COLUMN, DEPTH].filter((output) => output !== source && !state.variables.has(output));
}

/** The newest usable air pressure of the nine up to the instant and within the window; NaN when there is none, undefined when what is remembered does not reach back so far. */
function barometerAt(state: PointState, timeUs: number, windowUs: number): number | undefined {
  const ring = state.variables.get(BAROMETER)?.ring;
  if (ring === undefined) return NaN;
  let index = ring.indexOf(timeUs);
  if (!ring.isAt(index, timeUs)) index--;
  for (let looked = 0; looked < LOOK_BACK; looked++, index--) {
    if (index < 0) return ring.complete ? NaN : undefined;
    if (timeUs - ring.timeUs(index) > windowUs) return NaN;
    if (!Number.isNaN(ring.value(index)) && flagOf(ring.judgement(index)) !== flags.bad) return ring.value(index);
  }
  return NaN;
}
