import { settledLimits, settledPeriods, type LimitPeriod, type PointPeriod, type PointSettings, type VariableConfig } from "@caudal/core";
import { levelTerms, type LevelTerms } from "../derived/level.ts";
import { limitsOf } from "../rules/limits.ts";
import { besideOf, variablesBeside } from "../rules/rules.ts";
import type { Limits } from "../rules/rule.ts";
import { COUNTER_CELLS, nothingCarried } from "../totaliser/counter-cells.ts";
import type { CounterState } from "../totaliser/counter.ts";
import { counterTerms, isCounter } from "../totaliser/terms.ts";
import type { Word } from "../totaliser/word.ts";
import { Corrections } from "./corrections.ts";
import { Ring, SAMPLE_CELLS, WINDOW } from "./ring.ts";

/** Devices that feed one point and are remembered; of more, the one that was silent longest is forgotten. */
const MAX_DEVICES = 64;

/** What judging knows of one variable of a point. */
export interface VariableState {
  readonly name: string;
  /** Of each period of the point's settings and of its own limits. */
  limits: readonly Limits[];
  readonly ring: Ring;
  /** Another variable of the point that a rule of this one looks at; undefined while the point has none. */
  beside: VariableState | undefined;
  /** Variables of the point whose rules look at this one. */
  readonly seenBy: VariableState[];
  /** Of what only counts up. */
  readonly counter: CounterState | undefined;
  /** Newest instant met; NaN before the first. */
  newestUs: number;
  /** Remap whose samples the ring holds: a remap begins with an empty one. */
  remap: string;
}

/** How far a device's readings, and the remaps of its past, were taken in: what is published again is known by it. */
export interface DeviceProgress {
  readonly device: string;
  sampleOffset: number;
  remapStep: number;
  remapOffset: number;
}

/** Who follows a state while it is judged on: `recount/spill.ts`. */
export interface Follower {
  /** As `behindUs` of the state, of what came since it began to follow. */
  behindUs: number;
  /** Something came that cannot be followed. */
  isBroken: boolean;
  /** The oldest sample of the variable is about to be forgotten. */
  forgets(variable: VariableState): void;
}

interface SettledPeriod {
  readonly fromUs: number;
  readonly settings: PointSettings;
}

/** What holds of a variable from an instant on: the point's settings, and what people said of the variable's limits. */
interface VariablePeriod extends SettledPeriod {
  readonly given: VariableConfig | undefined;
}

/** All that judging keeps of a point; its partition's owner is the only one who changes it. */
export class PointState {
  readonly id: string;
  readonly client: string;
  /** Newest offset of caudal.points that is reflected here; -1 when none is. */
  asOfOffset = -1;
  knownAtUs: number | undefined;
  /** Limits from before they had instants: of all that came after them. */
  config: Readonly<Record<string, VariableConfig>> = {};
  /** Settings as people gave them. */
  periods: readonly PointPeriod[] = [];
  /** Limits as people gave them, over those of `config`. */
  limits: readonly LimitPeriod[] = [];
  /** What people said of single counts, in time order. */
  words: readonly Word[] = [];
  /** Oldest instant from which facts may not be what the whole past gives, since a sample or a change came for what is no longer remembered; NaN when none did. */
  behindUs = NaN;
  /** Times that something fell behind, since this state was loaded. */
  behindTimes = 0;
  /** What this state goes through while a recount is under way beside it. */
  spill: Follower | undefined;
  /** What people said of single samples. */
  readonly corrections = new Corrections();
  readonly devices = new Map<string, DeviceProgress>();
  readonly variables = new Map<string, VariableState>();
  readonly #most: number;
  #settled: readonly SettledPeriod[] = settledPeriods([]);
  #levels: readonly (LevelTerms | undefined)[] = [undefined];
  readonly #derivedLimits = new Map<string, readonly Limits[]>();

  /** `most`: samples of each variable that are kept; a replay that must not depend on what is forgotten keeps all. */
  constructor(client: string, point: string, most = WINDOW) {
    this.id = point;
    this.client = client;
    this.#most = most;
  }

  variable(name: string): VariableState {
    let state = this.variables.get(name);
    if (state === undefined) {
      const counts = isCounter(name);
      const counter = counts ? { rules: { terms: this.#terms(name), words: this.#wordsOf(name) }, base: nothingCarried() } : undefined;
      state = { name, limits: this.#limits(name), ring: new Ring(counts ? COUNTER_CELLS : SAMPLE_CELLS, this.#most), beside: undefined, seenBy: [], counter, newestUs: NaN, remap: "" };
      this.variables.set(name, state);
      this.#join(state);
    }
    return state;
  }

  configure(config: Readonly<Record<string, VariableConfig>>, periods: readonly PointPeriod[] = [], limits: readonly LimitPeriod[] = []): void {
    this.config = config;
    this.periods = periods;
    this.limits = limits;
    this.#settled = settledPeriods(periods);
    this.#derivedLimits.clear();
    this.#levels = this.#settled.map(({ settings }) => levelTerms(settings));
    for (const state of this.variables.values()) {
      state.limits = this.#limits(state.name);
      if (state.counter !== undefined) state.counter.rules = { ...state.counter.rules, terms: this.#terms(state.name) };
    }
  }

  /** What people said of counts, in place of what they said before. */
  heed(words: readonly Word[]): void {
    this.words = [...words].sort((a, b) => a.timeUs - b.timeUs || (a.variable < b.variable ? -1 : 1));
    for (const { name, counter } of this.variables.values()) if (counter !== undefined) counter.rules = { ...counter.rules, words: this.#wordsOf(name) };
  }

  /** How levels are read at the instant; undefined where nobody said. */
  levelsAt(timeUs: number): LevelTerms | undefined {
    let index = this.#settled.length - 1;
    while (index > 0 && this.#settled[index]!.fromUs > timeUs) index--;
    return this.#levels[index];
  }

  /** True when any level is read from samples of the variable. */
  hasLevelsFrom(variable: string): boolean {
    return this.#levels.some((terms) => terms?.source === variable);
  }

  /** What hangs on a sample of another variable, and is no longer remembered, is behind. */
  forgottenAfter(name: string, timeUs: number): void {
    const ring = this.variables.get(name)?.ring;
    if (ring !== undefined && !ring.complete && ring.count > 0 && ring.timeUs(0) > timeUs) this.fellBehind(timeUs);
  }

  /** Notes that what is remembered does not reach back to the instant. */
  fellBehind(timeUs: number): void {
    this.behindTimes++;
    if (!(this.behindUs <= timeUs)) this.behindUs = timeUs;
    if (this.spill !== undefined && !(this.spill.behindUs <= timeUs)) this.spill.behindUs = timeUs;
  }

  /** A recount begins: what is forgotten from here on goes to the spill as well. */
  follow<F extends Follower>(spill: F): F {
    this.spill = spill;
    return spill;
  }

  /** Must stay in memory: a recount is under way beside it. */
  get isPinned(): boolean {
    return this.spill !== undefined;
  }

  device(device: string): DeviceProgress {
    let progress = this.devices.get(device);
    if (progress === undefined) {
      progress = { device, sampleOffset: -1, remapStep: 0, remapOffset: -1 };
      const oldest = this.devices.keys().next();
      if (this.devices.size >= MAX_DEVICES && oldest.done !== true) this.devices.delete(oldest.value);
      this.devices.set(device, progress);
    }
    return progress;
  }

  get bytes(): number {
    let total = 400 + this.devices.size * 100 + this.words.length * 200 + this.corrections.count * 100 + (this.periods.length + this.limits.length) * 400;
    for (const { ring } of this.variables.values()) total += 200 + ring.bytes;
    return total;
  }

  #terms(name: string): ReturnType<typeof counterTerms> {
    return counterTerms(name, this.#periodsOf(name));
  }

  /** Limits of a variable, also of one that has no samples. */
  limitsOf(name: string): readonly Limits[] {
    let limits = this.#derivedLimits.get(name);
    if (limits === undefined) this.#derivedLimits.set(name, (limits = this.#limits(name)));
    return limits;
  }

  #limits(name: string): readonly Limits[] {
    return this.#periodsOf(name).map(({ given, ...period }) => limitsOf(name, given, period));
  }

  /** In time order, the first from -Infinity. */
  #periodsOf(name: string): readonly VariablePeriod[] {
    const base = this.config[name];
    if (this.limits.length === 0) return this.#settled.map((period) => ({ ...period, given: base }));
    const limits = settledLimits(base, this.limits, name);
    const starts = [...new Set([...this.#settled, ...limits].map(({ fromUs }) => fromUs))].sort((a, b) => a - b);
    return starts.map((fromUs) => ({ fromUs, settings: this.#settled.findLast((period) => period.fromUs <= fromUs)?.settings ?? {}, given: limits.findLast((period) => period.fromUs <= fromUs)?.given }));
  }

  /** Ties a new variable to those that its rules look at, and to those whose rules look at it. */
  #join(state: VariableState): void {
    const beside = besideOf(state.name);
    if (beside !== undefined) tie(state, this.variables.get(beside));
    if (variablesBeside.has(state.name)) for (const other of this.variables.values()) if (besideOf(other.name) === state.name) tie(other, state);
  }

  #wordsOf(name: string): readonly Word[] {
    return this.words.length === 0 ? [] : this.words.filter(({ variable }) => variable === name);
  }
}

function tie(state: VariableState, beside: VariableState | undefined): void {
  state.beside = beside;
  beside?.seenBy.push(state);
}
