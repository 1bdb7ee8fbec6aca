import type { Correction } from "@caudal/core";
import { combined, judge } from "../rules/rules.ts";
import { limitsAt } from "../rules/limits.ts";
import { carryOldest, trace, type CounterChange } from "../totaliser/counter.ts";
import { column, nothingCarried } from "../totaliser/counter-cells.ts";
import { decisionsOf, type DecisionChange } from "../totaliser/decision.ts";
import { termsAt } from "../totaliser/terms.ts";
import { WITHDRAWN, type Sheet } from "./fact-sheet.ts";
import { judgeAlone, judgeSample, judgeWithout, rejudge, rejudgeBeside, type Arrived } from "./judge-sample.ts";
import { LevelTeller } from "./level-teller.ts";
import type { PointState, VariableState } from "./point-state.ts";

const VOLUME = "volume";
const FLOW = "flow_average";

/** Instants of a counter that are told again; one event at a time uses it. */
const touched = new Set<number>();

/** Judges the samples of one event of a point and writes what follows from each onto the sheet. */
export class SampleJudge {
  readonly decisions: DecisionChange[] = [];
  readonly levels: LevelTeller;
  readonly #state: PointState;
  readonly #sheet: Sheet;

  constructor(state: PointState, sheet: Sheet) {
    this.#state = state;
    this.#sheet = sheet;
    this.levels = new LevelTeller(state, sheet);
  }

  /** True when the sample gives a fact of its own; false when another of the same event at the same instant stood there. */
  sample(variable: VariableState, arrived: Arrived): boolean {
    const corrected = this.#state.corrections.at(variable.name, arrived.timeUs);
    if (corrected !== undefined) return this.#outdone(variable, arrived, corrected);
    return this.#taken(variable, arrived);
  }

  /** A sample that is known already, judged again in its place; that it came late is among its own reasons. */
  again(variable: VariableState, { timeUs, value, mapped }: Arrived): void {
    this.#taken(variable, { timeUs, value, mapped, corrected: true });
  }

  /** Tells once more what is known of a remembered sample, but for levels. */
  retell(variable: VariableState, index: number): void {
    const { ring, counter, name } = variable;
    const timeUs = ring.timeUs(index);
    const judgement = counter === undefined ? ring.judgement(index) : combined(ring.judgement(index), ring.cell(index, column.verdict));
    this.#tell(timeUs, name, ring.value(index), judgement);
    if (counter !== undefined && termsAt(counter.rules.terms, timeUs).gives) this.#derived(variable, index, judgement);
  }

  /** What a person says of samples stands in place of what their sources say; what follows from them is told anew. */
  corrected({ variable: name, timesUs, value }: Correction): void {
    const { corrections, variables } = this.#state;
    for (const timeUs of timesUs) corrections.set({ variable: name, timeUs, value });
    const variable = variables.get(name);
    // What no source gave is not remembered, and nothing follows from it.
    if (variable !== undefined) for (const timeUs of timesUs) this.#put(variable, timeUs, value ?? NaN);
    corrections.trim((known) => variables.get(known)?.ring);
  }

  /** What a source says of a corrected sample is kept as it came; among its neighbours stands what the person said. */
  #outdone(variable: VariableState, arrived: Arrived, corrected: number): boolean {
    const before = this.#sheet.facts;
    this.#sheet.set(arrived.timeUs, variable.name, arrived.value, judgeAlone(variable, arrived));
    const isNew = this.#sheet.facts > before;
    this.#put(variable, arrived.timeUs, corrected);
    return isNew;
  }

  #put(variable: VariableState, timeUs: number, value: number): void {
    const { ring } = variable;
    const index = ring.indexOf(timeUs);
    const known = ring.isAt(index, timeUs);
    if (Number.isNaN(value)) this.#removed(variable, timeUs);
    else if (!known || ring.value(index) !== value) this.#taken(variable, { timeUs, value, mapped: 0, corrected: true });
  }

  #tell(timeUs: number, variable: string, value: number, judgement: number): void {
    if (this.#state.corrections.at(variable, timeUs) === undefined) this.#sheet.set(timeUs, variable, value, judgement);
  }

  #taken(variable: VariableState, arrived: Arrived): boolean {
    if (variable.counter !== undefined) return this.#count(variable, arrived);
    const before = this.#sheet.facts;
    let isNew = false;
    let own = true;
    let fromUs = arrived.timeUs;
    const placing = judgeSample(variable, arrived, (timeUs, value, judgement) => {
      this.#toldOf(variable, timeUs, value, judgement);
      if (timeUs < fromUs) fromUs = timeUs;
      if (own) isNew = this.#sheet.facts > before;
      own = false;
    });
    if (placing === undefined) this.#state.fellBehind(arrived.timeUs);
    else if (variable.seenBy.length > 0) this.#besideAgain(variable, { fromUs, toUs: variable.ring.timeUs(placing.changedTo) });
    this.#trim(variable);
    return isNew;
  }

  /** What is said of a sample of what does not count. */
  #toldOf(variable: VariableState, timeUs: number, value: number, judgement: number): void {
    this.#tell(timeUs, variable.name, value, judgement);
    this.levels.of(variable, { timeUs, value, judgement });
  }

  /** Counts that are judged by this variable too: it changed between the instants. */
  #besideAgain({ seenBy, ring }: VariableState, changed: { readonly fromUs: number; readonly toUs: number }): void {
    for (const other of seenBy) {
      // The usual case: nothing of the other is newer.
      if (other.ring.newestUs < changed.fromUs) continue;
      touched.clear();
      rejudgeBeside(other, changed, (timeUs) => touched.add(timeUs));
      this.#tellCounts(other);
      if (changed.fromUs < ring.newestUs) this.#state.forgottenAfter(other.name, changed.fromUs);
    }
  }

  /** A count's fact says what it was taken for, so it is told when that is decided. */
  #count(variable: VariableState, arrived: Arrived): boolean {
    touched.clear();
    let alone = 0;
    const placing = judgeSample(variable, arrived, (timeUs, _, judgement) => {
      touched.add(timeUs);
      alone = judgement;
    });
    const before = this.#sheet.facts;
    if (placing === undefined) {
      this.#tell(arrived.timeUs, variable.name, arrived.value, alone);
      this.#state.fellBehind(arrived.timeUs);
      return this.#sheet.facts > before;
    }
    const known = this.#sheet.has(arrived.timeUs, variable.name);
    this.#trace(variable, placing.index, placing.changedTo);
    this.#trim(variable);
    return !known;
  }

  withdrawn(variable: VariableState, timeUs: number): void {
    this.#sheet.set(timeUs, variable.name, NaN, WITHDRAWN);
    if (this.#state.corrections.at(variable.name, timeUs) === undefined) this.#removed(variable, timeUs);
  }

  #removed(variable: VariableState, timeUs: number): void {
    const { ring, counter } = variable;
    const index = ring.indexOf(timeUs);
    const known = ring.isAt(index, timeUs);
    if (known) ring.remove(index);
    // What stood beside it was judged by it, and may be forgotten.
    if (known || !ring.complete) this.#state.fellBehind(timeUs);
    if (counter === undefined) {
      this.levels.without(variable, timeUs);
      if (!known) return;
      let [fromUs, toUs] = [timeUs, timeUs];
      judgeWithout(variable, index, (atUs, value, judgement) => {
        this.#toldOf(variable, atUs, value, judgement);
        [fromUs, toUs] = [Math.min(fromUs, atUs), Math.max(toUs, atUs)];
      });
      if (variable.seenBy.length > 0) this.#besideAgain(variable, { fromUs, toUs });
      return;
    }
    if (termsAt(counter.rules.terms, timeUs).gives) for (const derived of [VOLUME, FLOW]) this.#sheet.derive(timeUs, derived, NaN, WITHDRAWN);
    if (!known) return;
    touched.clear();
    const changedTo = judgeWithout(variable, index, (told) => touched.add(told));
    if (index < ring.count) this.#trace(variable, index, Math.max(index, changedTo));
    else if (index > 0) this.#trace(variable, index - 1, index - 1);
  }

  /** The counts from the instant on are seen by other rules, or by other words. */
  countAgain(variable: VariableState, fromUs: number): void {
    const { ring, counter } = variable;
    if (counter === undefined) return;
    const index = ring.indexOf(fromUs);
    if (index === 0 && !ring.complete) this.#state.fellBehind(fromUs);
    if (index >= ring.count) return;
    touched.clear();
    this.#trace(variable, index, ring.count - 1);
  }

  /** The samples from the instant on are judged by other limits; what follows from them is for the caller, but for what is judged by them. */
  judgeAgain(variable: VariableState, fromUs: number): void {
    const { ring, counter, seenBy, name } = variable;
    if (!ring.complete && ring.indexOf(fromUs) === 0) this.#state.fellBehind(fromUs);
    if (counter !== undefined) {
      touched.clear();
      rejudge(variable, fromUs, (timeUs) => touched.add(timeUs));
      if (touched.size > 0) this.#trace(variable, ring.indexOf(Math.min(...touched)), ring.indexOf(Math.max(...touched)));
      return;
    }
    let [least, most] = [Infinity, -Infinity];
    rejudge(variable, fromUs, (timeUs, value, judgement) => {
      this.#tell(timeUs, name, value, judgement);
      [least, most] = [Math.min(least, timeUs), Math.max(most, timeUs)];
    });
    if (seenBy.length > 0 && least <= most) this.#besideAgain(variable, { fromUs: least, toUs: most });
  }

  /** What is computed from counts from the instant on is judged by other limits. */
  derivedAgain(variable: VariableState, fromUs: number): void {
    const { ring, counter } = variable;
    if (counter === undefined) return;
    touched.clear();
    for (let index = ring.indexOf(fromUs); index < ring.count; index++) touched.add(ring.timeUs(index));
    this.#tellCounts(variable);
  }

  #trace(variable: VariableState, from: number, changedTo: number): void {
    const { ring, counter } = variable;
    if (counter === undefined) return;
    trace(ring, counter, { from, changedTo }, (change) => {
      touched.add(ring.timeUs(change.index));
      this.#decided(variable, change);
      if (change.hadVolume && Number.isNaN(change.volumeM3)) this.#sheet.derive(ring.timeUs(change.index), VOLUME, NaN, WITHDRAWN);
      if (change.hadFlow && Number.isNaN(change.flowLps)) this.#sheet.derive(ring.timeUs(change.index), FLOW, NaN, WITHDRAWN);
    });
    this.#tellCounts(variable);
  }

  #tellCounts(variable: VariableState): void {
    const { ring, counter, name } = variable;
    if (counter === undefined) return;
    for (const timeUs of touched) {
      const index = ring.indexOf(timeUs);
      if (!ring.isAt(index, timeUs)) continue;
      const judgement = combined(ring.judgement(index), ring.cell(index, column.verdict));
      this.#tell(timeUs, name, ring.value(index), judgement);
      if (termsAt(counter.rules.terms, timeUs).gives) this.#derived(variable, index, judgement);
    }
  }

  #derived({ ring }: VariableState, index: number, judgement: number): void {
    const timeUs = ring.timeUs(index);
    const volumeM3 = ring.cell(index, column.volumeM3);
    // A count that says nothing has no volume; the count itself says why.
    if (Number.isNaN(volumeM3)) return;
    this.#sheet.derive(timeUs, VOLUME, volumeM3, judgement);
    const flowLps = ring.cell(index, column.flowLps);
    if (Number.isNaN(flowLps)) return;
    const limits = limitsAt(this.#state.limitsOf(FLOW), timeUs);
    const alone = judge({
      limits, timeUs, value: flowLps, mapped: 0, newestUs: NaN, beforeUs: NaN, previousUs: NaN, previousValue: NaN, nextValue: NaN, periodUs: NaN, sinceUs: timeUs, run: 1, standing: 0, passedM3: NaN,
    });
    this.#sheet.derive(timeUs, FLOW, flowLps, combined(judgement, alone));
  }

  #decided(variable: VariableState, change: CounterChange): void {
    this.decisions.push(...decisionsOf(this.#state, variable, change));
  }

  #trim(variable: VariableState): void {
    const { ring, counter } = variable;
    while (ring.isFull) {
      this.#state.spill?.forgets(variable);
      if (counter !== undefined) carryOldest(ring, counter);
      ring.forgetOldest();
    }
  }
}

/** Forgets the samples of a variable. */
export function forgetSamples({ ring, counter }: VariableState): void {
  ring.clear();
  if (counter !== undefined) counter.base = nothingCarried();
}
