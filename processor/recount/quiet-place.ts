import { flags, multiplyDecimals, subtractDecimals } from "@caudal/core";
import { OWN_REASONS } from "../judging/judge-sample.ts";
import type { PointState, VariableState } from "../judging/point-state.ts";
import { maskOf } from "../rules/reason-mask.ts";
import { flagOf, reasonMaskOf } from "../rules/rules.ts";
import type { Carried } from "../totaliser/counter-cells.ts";
import { SEEN_WITHIN_US } from "../judging/standing.ts";
import { LOOK_AHEAD } from "../totaliser/look-ahead.ts";
import { termsAt } from "../totaliser/terms.ts";
import type { HeldPast, PastFact } from "./held-past.ts";
import { inTimeOrder, type KeptSample } from "./spill.ts";

/** Samples of each variable before the first that is judged again: twice what judging remembers. */
const WARM = 64;
/** Samples of a variable that are looked through for a place to begin; where there is none, the whole past is gone over. */
const MOST_LOOKED = 50_000;
/** Counts that are looked through for where one of them came to stand still; water that took longer to pass is counted from there. */
const MOST_STANDING = 1024;
const VOLUME = "volume";
/** What a count says that is not plain growth. */
const ODD = maskOf("no-neighbour", "jitter", "total-decreased", "jump", "counter-reset", "estimated", "rollover", "meter-swap", "truncated", "zero-kept", "spike", "ignored", "withdrawn");

/** Where a recount begins. */
export interface Place {
  /** First instant that is told again; -Infinity for the whole past. */
  readonly fromUs: number;
  /** What goes before it, in time order: it is told by nobody. */
  readonly warm: readonly KeptSample[];
  /** What each counter carries up to its first sample of these. */
  readonly carried: ReadonlyMap<string, Carried>;
}

const WHOLE: Place = { fromUs: -Infinity, warm: [], carried: new Map() };

/** Finds the newest place before `behindUs` from which everything follows exactly from what is held. */
export async function quietPlace(state: PointState, past: HeldPast, behindUs: number): Promise<Place> {
  if (!(behindUs > Number.MIN_SAFE_INTEGER)) return WHOLE;
  let fromUs = behindUs;
  // A counter's samples hang on those after them; any other's last one at most.
  for (const { name, counter, newestUs } of state.variables.values()) {
    if (newestUs >= behindUs) fromUs = Math.min(fromUs, await reach(past, { name, behindUs, samples: counter === undefined ? 1 : LOOK_AHEAD }));
  }
  const warm: KeptSample[] = [];
  const carried = new Map<string, Carried>();
  // What others are judged by reaches back as far as they do.
  for (const variable of [...state.variables.values()].sort((a, b) => a.seenBy.length - b.seenBy.length)) {
    const seen = new Set(variable.seenBy.map(({ name }) => name));
    const seenFromUs = seen.size === 0 ? Infinity : warm.reduce((oldestUs, sample) => (seen.has(sample.variable) ? Math.min(oldestUs, sample.timeUs) : oldestUs), Infinity) - SEEN_WITHIN_US;
    const lead = await leadOf(variable, past, { beforeUs: fromUs, seenFromUs });
    if (lead === undefined) return WHOLE;
    warm.push(...lead.samples);
    if (lead.carried !== undefined) carried.set(variable.name, lead.carried);
  }
  return { fromUs, warm: warm.sort(inTimeOrder), carried };
}

/** A held fact as the sample that it was of. */
export function sampleOf({ timeUs, variable, value, judgement, authority }: PastFact): KeptSample {
  return { variable, timeUs, value, mapped: authority > 0 ? 0 : reasonMaskOf(judgement) & OWN_REASONS };
}

/** What a counter carries from a held count that is plain growth; undefined of any other. */
export function carriedAt({ counter }: VariableState, count: PastFact, volume: PastFact | undefined): Carried | undefined {
  if (counter === undefined || count.authority > 0 || flagOf(count.judgement) !== flags.good || (reasonMaskOf(count.judgement) & ODD) !== 0 || Number.isNaN(count.value)) return undefined;
  const { terms } = counter.rules;
  const plain = { baseline: count.value, baselineUs: count.timeUs, waiting: 0 };
  // Whoever never gives a volume has none to go on from.
  if (terms.every(({ gives }) => !gives)) return { ...plain, offsetM3: 0 };
  const { gives, factorM3 } = termsAt(terms, count.timeUs);
  if (!gives || volume === undefined || volume.authority > 0 || Number.isNaN(volume.value)) return undefined;
  return { ...plain, offsetM3: subtractDecimals(volume.value, multiplyDecimals(count.value, factorM3)) };
}

/** Instant of the variable's so many-th sample before; of its first when there are fewer. */
async function reach(past: HeldPast, { name, behindUs, samples }: { readonly name: string; readonly behindUs: number; readonly samples: number }): Promise<number> {
  let reachedUs = behindUs;
  let left = samples;
  for await (const facts of past.before([name], behindUs)) {
    reachedUs = facts[0]?.timeUs ?? reachedUs;
    if (--left === 0) break;
  }
  return reachedUs;
}

interface Lead {
  readonly samples: readonly KeptSample[];
  readonly carried: Carried | undefined;
}

async function leadOf(variable: VariableState, past: HeldPast, { beforeUs, seenFromUs }: { readonly beforeUs: number; readonly seenFromUs: number }): Promise<Lead | undefined> {
  const { name, counter, limits, beside } = variable;
  const runs = limits.some(({ flatLineS }) => flatLineS !== undefined);
  const samples: KeptSample[] = [];
  let oldest: Carried | undefined;
  for await (const facts of past.before(counter === undefined || name === VOLUME ? [name] : [name, VOLUME], beforeUs)) {
    const fact = facts.find((one) => one.variable === name);
    if (fact === undefined) continue;
    oldest = carriedAt(variable, fact, facts.find((one) => one.variable === VOLUME));
    const sample = sampleOf(fact);
    const stands = beside !== undefined && samples.length < MOST_STANDING && samples.at(-1)?.value === sample.value;
    if (counter !== undefined && samples.length >= WARM && oldest !== undefined && !stands) return { samples, carried: oldest };
    // A run of one value is known from its beginning on.
    if (counter === undefined && samples.length >= WARM && sample.timeUs < seenFromUs && !(runs && samples.at(-1)!.value === sample.value)) return { samples, carried: undefined };
    if (samples.length >= MOST_LOOKED) return undefined;
    samples.push(sample);
  }
  // A first count is told as one; a plain one was not the first, and what went before it is gone.
  if (oldest !== undefined) samples.pop();
  return { samples, carried: oldest };
}
