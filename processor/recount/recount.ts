import type { PointState, VariableState } from "../judging/point-state.ts";
import { pointForm } from "../judging/point-form.ts";
import { forgetSamples, SampleJudge } from "../judging/sample-judge.ts";
import { maskOf } from "../rules/reason-mask.ts";
import { reasonMaskOf } from "../rules/rules.ts";
import type { DecisionChange } from "../totaliser/decision.ts";
import type { HeldPast, PastFact } from "./held-past.ts";
import { PackedFacts } from "./packed-facts.ts";
import { PendingFacts } from "./pending-facts.ts";
import { carriedAt, quietPlace, sampleOf, type Place } from "./quiet-place.ts";
import { Spill, type KeptSample } from "./spill.ts";

const TAKEN_BACK = maskOf("withdrawn");
/** Instants between looks at what is final; others get their turn in between. */
const SLICE = 500;
/** Facts that are otherwise, and decisions, of one recount; the next one goes on behind them. */
const MOST_FOUND = 50_000;
const VOLUME = "volume";

export interface RecountPace {
  /** Lets others have their turn. */
  readonly pause: () => Promise<void>;
  readonly signal: AbortSignal;
  /** Facts that are otherwise at most, before the recount ends as a part; 50,000 when absent. */
  readonly most?: number;
  /** Instants between pauses; 500 when absent. */
  readonly slice?: number;
}

/** What a recount found. */
export interface Recounted {
  readonly found: PackedFacts;
  /** Decisions that stand, of the instants from `fromUs` to before `toUs`. */
  readonly standing: ReadonlyMap<string, DecisionChange>;
  readonly fromUs: number;
  /** Everything before it is as the whole past gives it; Infinity when all is. */
  readonly toUs: number;
}

/**
 * Judges and counts what is held of a point over again in time order, beside the state that goes on judging: in that order the samples that judging remembers give
 * exactly what the whole past gives. `read` goes through what is held; `join` then takes what the state met meanwhile, and hands it what was carried.
 */
export class Recount {
  readonly spill: Spill;
  readonly #live: PointState;
  readonly #shadow: PointState;
  readonly #past: HeldPast;
  readonly #behindUs: number;
  readonly #judge: SampleJudge;
  readonly #found = new PackedFacts();
  readonly #standing = new Map<string, DecisionChange>();
  readonly #unsure: ReadonlySet<number>;
  /** Counters whose first count that is held was taken back: what is left is their beginning. */
  readonly #beginsAnew = new Set<VariableState>();
  #pending: PendingFacts;
  #told = 0;
  #toUs = Infinity;

  /** Begins in a turn of the state's owner; `past` is what was known then. Whatever the state meets from here on is followed. */
  constructor(state: PointState, past: HeldPast) {
    this.#live = state;
    this.#past = past;
    this.#behindUs = state.behindUs;
    this.spill = state.follow(new Spill(state));
    this.#unsure = this.spill.instants();
    const { id, body, blob } = pointForm.toDocument(state);
    this.#shadow = pointForm.fromDocument({ id, version: 0, body, ...(blob === undefined ? {} : { blob: blob.slice() }) });
    this.#shadow.behindUs = NaN;
    for (const variable of this.#shadow.variables.values()) forgetSamples(variable);
    this.#pending = this.#begun(-Infinity);
    this.#judge = new SampleJudge(this.#shadow, {
      facts: 0, derived: 0, has: () => false,
      set: (timeUs, variable, value, judgement) => this.#pending.set(timeUs, variable, value, judgement),
      derive: (timeUs, variable, value, judgement) => this.#pending.set(timeUs, variable, value, judgement),
    });
  }

  /** True when it reaches only up to an instant: there was too much to tell at once. */
  get isPart(): boolean {
    return this.#toUs < Infinity;
  }

  /** Goes through what is held, in slices. */
  async read({ pause, signal, most = MOST_FOUND, slice = SLICE }: RecountPace): Promise<void> {
    const place = await quietPlace(this.#shadow, this.#past, this.#behindUs);
    signal.throwIfAborted();
    this.#begin(place);
    let instants = 0;
    for await (const facts of this.#past.from(place.fromUs)) {
      this.#instant(facts, place);
      if (++instants % slice !== 0) continue;
      this.#settle((timeUs) => !this.#unsure.has(timeUs) && !this.#isRemembered(timeUs));
      if (this.#found.count + this.#standing.size >= most) {
        // The next part begins as far before it as what follows may reach.
        this.#toUs = facts[0]!.timeUs + 1;
        for (const timeUs of this.#unsure) this.#pending.doubt(timeUs);
        this.#settle(() => true);
        return;
      }
      await pause();
      signal.throwIfAborted();
    }
  }

  /** Takes in what the state met since the beginning, hands it what was carried, and says what was found; undefined when something came that cannot be followed. In a turn of the state's owner. */
  join(): Recounted | undefined {
    if (this.spill.isBroken || !Number.isNaN(this.#shadow.behindUs)) return undefined;
    if (!this.isPart) {
      for (const { variable, timeUs, value, judgement } of this.#newest()) this.#pending.retold(timeUs, variable, value, judgement);
      this.#settle(() => true);
      if (!Number.isNaN(this.#shadow.behindUs)) return undefined;
      this.#handOver();
    } else {
      // What came in between was judged by what the state carried, and is for the next part.
      for (const { timeUs } of this.spill.since()) this.#toUs = Math.min(this.#toUs, timeUs);
    }
    const fromUs = this.#pending.fromUs;
    const standing = new Map([...this.#standing].filter(([, { instantUs }]) => instantUs >= fromUs && instantUs < this.#toUs));
    return { found: this.#found, standing, fromUs, toUs: this.#toUs };
  }

  /** What came since the beginning is taken in; gives what the state told last of what it remembers, and of what it forgot since. */
  #newest(): Spill["told"] {
    for (const sample of this.spill.since()) this.#feed(sample);
    return this.spill.told;
  }

  #begun(fromUs: number): PendingFacts {
    return new PendingFacts(fromUs, (variable) => this.#shadow.variables.has(variable));
  }

  #begin(place: Place): void {
    this.#pending = this.#begun(place.fromUs);
    for (const variable of this.#shadow.variables.values()) {
      variable.newestUs = NaN;
      const carried = place.carried.get(variable.name);
      if (variable.counter !== undefined && carried !== undefined) variable.counter.base = { ...carried };
    }
    for (const sample of place.warm) this.#feed(sample);
    // What goes before is told by nobody, nor decided.
    this.#standing.clear();
  }

  #instant(facts: readonly PastFact[], place: Place): void {
    for (const { timeUs, variable, value, judgement, authority } of facts) this.#pending.hold(timeUs, variable, { value, judgement, isSaid: authority > 0 });
    for (const fact of facts) {
      const variable = this.#shadow.variables.get(fact.variable);
      if (variable === undefined) continue;
      if ((reasonMaskOf(fact.judgement) & TAKEN_BACK) !== 0) {
        if (variable.ring.count === 0) this.#beginsAnew.add(variable);
        continue;
      }
      if (place.fromUs === -Infinity && this.#isGoneOnFrom(variable, fact, facts)) this.#pending.pass(fact.timeUs);
      else this.#feed(sampleOf(fact));
    }
  }

  /** Where the beginning of what a counter counted is gone, its volume goes on from the oldest count that is left. */
  #isGoneOnFrom(variable: VariableState, fact: PastFact, facts: readonly PastFact[]): boolean {
    const { counter, ring } = variable;
    if (counter === undefined || this.#beginsAnew.has(variable) || ring.count > 0 || !ring.complete || !Number.isNaN(counter.base.baseline)) return false;
    const carried = carriedAt(variable, fact, facts.find((one) => one.variable === VOLUME));
    if (carried !== undefined) counter.base = { ...carried };
    return carried !== undefined;
  }

  #feed({ variable, timeUs, value, mapped }: KeptSample): void {
    const { decisions } = this.#judge;
    this.#judge.again(this.#shadow.variable(variable), { timeUs, value, mapped });
    for (; this.#told < decisions.length; this.#told++) {
      const change = decisions[this.#told]!;
      if (change.state === "made") this.#standing.set(change.id, change);
      else this.#standing.delete(change.id);
    }
    if (this.#told > SLICE) this.#told = decisions.length = 0;
  }

  #settle(isFinal: (timeUs: number) => boolean): void {
    this.#pending.settle(isFinal, this.#found);
  }

  /** True while a later sample may tell the instant's facts anew. */
  #isRemembered(timeUs: number): boolean {
    for (const { ring } of this.#shadow.variables.values()) if (ring.isAt(ring.indexOf(timeUs), timeUs)) return true;
    return false;
  }

  #handOver(): void {
    for (const { name, ring, counter } of this.#shadow.variables.values()) {
      const live = this.#live.variable(name);
      live.ring.unpack(ring.pack().slice(), ring.complete);
      if (live.counter !== undefined && counter !== undefined) live.counter.base = { ...counter.base };
    }
  }
}
