import { BAROMETER, tellLevels, tellLevelsAfter, withdrawLevels, type ProbeSample } from "../derived/level-facts.ts";
import { WITHDRAWN, type Sheet } from "./fact-sheet.ts";
import type { PointState, VariableState } from "./point-state.ts";

const PRESSURE = "pressure";

/** Writes the levels that follow from samples onto the sheet. */
export class LevelTeller {
  readonly #state: PointState;
  readonly #sheet: Sheet;

  constructor(state: PointState, sheet: Sheet) {
    this.#state = state;
    this.#sheet = sheet;
  }

  /** What follows from a sample that was judged. */
  of(variable: VariableState, sample: ProbeSample): void {
    const tell = (timeUs: number, derived: string, value: number, judgement: number): void => this.#sheet.derive(timeUs, derived, value, judgement);
    if (this.#state.hasLevelsFrom(variable.name)) tellLevels(this.#state, variable.name, sample, tell);
    else if (variable.name === BAROMETER && this.#state.hasLevelsFrom(PRESSURE)) {
      tellLevelsAfter(this.#state, sample.timeUs, tell);
      this.#state.forgottenAfter(PRESSURE, sample.timeUs);
    }
  }

  /** A sample is gone. */
  without(variable: VariableState, timeUs: number): void {
    withdrawLevels(this.#state, variable, timeUs, (derived) => this.#sheet.derive(timeUs, derived, NaN, WITHDRAWN));
  }

  /** Levels that were read by settings that hold no longer. */
  gone(variable: VariableState, fromUs: number): void {
    const { ring, counter } = variable;
    if (counter !== undefined) return;
    for (let index = ring.indexOf(fromUs); index < ring.count; index++) this.without(variable, ring.timeUs(index));
  }

  /** Levels that are remembered are read by other settings. */
  again(variable: VariableState, fromUs: number): void {
    const { ring, counter, name } = variable;
    if (counter !== undefined || !this.#state.hasLevelsFrom(name)) return;
    const first = ring.indexOf(fromUs);
    if (first === 0 && !ring.complete) this.#state.fellBehind(fromUs);
    for (let index = first; index < ring.count; index++) this.of(variable, { timeUs: ring.timeUs(index), value: ring.value(index), judgement: ring.judgement(index) });
  }
}
