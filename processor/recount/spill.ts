import type { Sheet } from "../judging/fact-sheet.ts";
import { OWN_REASONS } from "../judging/judge-sample.ts";
import type { Follower, PointState, VariableState } from "../judging/point-state.ts";
import { SampleJudge } from "../judging/sample-judge.ts";
import { reasonMaskOf } from "../rules/rules.ts";

/** Samples that are kept while a recount is under way; of more, it begins again. */
const MOST_SAMPLES = 8192;

/** A sample as judging remembers it. */
export interface KeptSample {
  readonly variable: string;
  readonly timeUs: number;
  readonly value: number;
  /** Reasons of its own, as a mask. */
  readonly mapped: number;
}

/** A fact that judging told last of a sample that it remembers or remembered. */
export interface ToldFact {
  readonly variable: string;
  readonly timeUs: number;
  readonly value: number;
  readonly judgement: number;
}

/**
 * What a point's state goes through while a recount of it is under way beside it: the samples that it remembered at the beginning, those that it forgot since,
 * and from which instant on something fell behind again.
 */
export class Spill implements Follower {
  /** As `behindUs` of the state, of what came since the recount began. */
  behindUs = NaN;
  /** Something came that cannot be followed: other settings, a word, a withdrawal, too many samples. */
  isBroken = false;
  readonly told: ToldFact[] = [];
  readonly #atFirst = new Map<string, Map<number, KeptSample>>();
  readonly #forgotten: KeptSample[] = [];
  readonly #state: PointState;

  constructor(state: PointState) {
    this.#state = state;
    for (const variable of state.variables.values()) {
      this.#atFirst.set(variable.name, new Map(samplesOf(variable).map((sample) => [sample.timeUs, sample])));
    }
  }

  /** Instants of what was remembered at the beginning: judging may have told them anew since. */
  instants(): Set<number> {
    return new Set([...this.#atFirst.values()].flatMap((samples) => [...samples.keys()]));
  }

  /** The oldest sample of the variable is about to be forgotten. */
  forgets(variable: VariableState): void {
    if (this.isBroken) return;
    if (this.#forgotten.length >= MOST_SAMPLES) {
      this.isBroken = true;
      return;
    }
    this.#forgotten.push(sampleAt(variable, 0));
    this.#retell(variable, 0);
  }

  /** Samples that came, or came with another value, since the beginning, in time order. What is remembered now is told once more to `told`. */
  since(): readonly KeptSample[] {
    const all = [...this.#forgotten];
    for (const variable of this.#state.variables.values()) {
      for (let index = 0; index < variable.ring.count; index++) {
        all.push(sampleAt(variable, index));
        this.#retell(variable, index);
      }
    }
    const fresh = all.filter(({ variable, timeUs, value, mapped }) => {
      const before = this.#atFirst.get(variable)?.get(timeUs);
      return before === undefined || !Object.is(before.value, value) || before.mapped !== mapped;
    });
    return fresh.sort(inTimeOrder);
  }

  #retell(variable: VariableState, index: number): void {
    const put = (timeUs: number, name: string, value: number, judgement: number): void => void this.told.push({ timeUs, variable: name, value, judgement });
    const sheet: Sheet = { facts: 0, derived: 0, has: () => false, set: put, derive: put };
    new SampleJudge(this.#state, sheet).retell(variable, index);
  }
}

export function inTimeOrder(a: KeptSample, b: KeptSample): number {
  return a.timeUs - b.timeUs || (a.variable < b.variable ? -1 : a.variable > b.variable ? 1 : 0);
}

function samplesOf(variable: VariableState): KeptSample[] {
  return Array.from({ length: variable.ring.count }, (_, index) => sampleAt(variable, index));
}

function sampleAt({ name, ring }: VariableState, index: number): KeptSample {
  return { variable: name, timeUs: ring.timeUs(index), value: ring.value(index), mapped: reasonMaskOf(ring.judgement(index)) & OWN_REASONS };
}
