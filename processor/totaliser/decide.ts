import { addDecimals, multiplyDecimals, subtractDecimals } from "@caudal/core";
import type { Ring } from "../judging/ring.ts";
import { averageFlowLps } from "../derived/flow.ts";
import type { Carried } from "./counter-cells.ts";
import { kinds, SAID } from "./kinds.ts";
import { comesBackTo, isConfirmed, isPeak, isVoid } from "./look-ahead.ts";
import { rolledOver } from "./rollover.ts";
import { mostBetween, termsAt, type CounterTerms } from "./terms.ts";
import type { Word } from "./word.ts";

/** Counts that must go on from one before a drop to it, or a jump to it, is taken. */
const CONFIRMED_BY = 3;
/** As many for a drop that looks like digits cut off. */
const CUT_CONFIRMED_BY = 6;
const L_PER_M3 = 1000;
/** Facts: a drop by more than this without silence is a number cut short, not a reset. */
const CUT_BELOW = 0.1;

/** What is known of a counter besides its samples. */
export interface CounterRules {
  readonly terms: readonly CounterTerms[];
  /** Of this variable, in time order. */
  readonly words: readonly Word[];
}

/** What a sample of a counter came to: what it hands on, and its own volume and flow (NaN where there is none). */
export interface Decided extends Carried {
  kind: number;
  volumeM3: number;
  flowLps: number;
}

/**
 * Decides what the count at the index is, from what was carried up to it and from the samples after it. `out` holds what was carried when it is called.
 * Depends on nothing else, so any order of arrival ends in the same.
 */
export function decide(ring: Ring, index: number, rules: CounterRules, out: Decided): void {
  out.volumeM3 = NaN;
  out.flowLps = NaN;
  if (isVoid(ring, index)) {
    out.kind = kinds.void;
    return;
  }
  const timeUs = ring.timeUs(index);
  const count = ring.value(index);
  const terms = termsAt(rules.terms, timeUs);
  if (Number.isNaN(out.baseline)) {
    out.kind = kinds.first;
    take(out, count, timeUs);
    if (terms.gives) out.volumeM3 = volumeOf(out, terms);
    return;
  }
  const before = termsAt(rules.terms, out.baselineUs);
  const sameFactor = before.factorM3 === terms.factorM3;
  // What was counted so far stays as many m3 as it was.
  if (!sameFactor) out.offsetM3 = subtractDecimals(volumeOf(out, before), multiplyDecimals(out.baseline, terms.factorM3));
  const swap = rules.words.length === 0 ? undefined : rules.words.find((word) => word.verdict === "swap" && word.timeUs > out.baselineUs && word.timeUs <= timeUs);
  const word = rules.words.length === 0 ? undefined : rules.words.find((candidate) => candidate.verdict !== "swap" && candidate.timeUs === timeUs);
  const fromUs = out.baselineUs;
  const volumeBeforeM3 = terms.gives ? volumeOf(out, terms) : NaN;
  if (swap !== undefined) swapped(out, { count, timeUs }, swap, terms);
  else if (word !== undefined) obeyed(out, { count, timeUs }, word, terms);
  else if (count >= out.baseline) grown(ring, index, terms, out);
  else fallen(ring, index, terms, out);
  if (!terms.gives) return;
  // A jump that nothing refutes yet is shown as it is counted.
  out.volumeM3 = out.kind === kinds.jump ? addDecimals(multiplyDecimals(count, terms.factorM3), out.offsetM3) : volumeOf(out, terms);
  if ((out.kind === kinds.plain || out.kind === kinds.rollover) && sameFactor) out.flowLps = averageFlowLps(subtractDecimals(out.volumeM3, volumeBeforeM3), { fromUs, toUs: timeUs }, terms.reconnectionUs);
}

function volumeOf({ baseline, offsetM3 }: Carried, { factorM3 }: CounterTerms): number {
  return addDecimals(multiplyDecimals(baseline, factorM3), offsetM3);
}

function take(out: Decided, count: number, timeUs: number): void {
  out.baseline = count;
  out.baselineUs = timeUs;
  out.waiting = 0;
}

/** The counts up to `last` stay counted, and the counter goes on from `first`. */
function begunAnew(out: Decided, { last, first, count, timeUs }: { readonly last: number; readonly first: number; readonly count: number; readonly timeUs: number }, { factorM3 }: CounterTerms): void {
  out.offsetM3 = addDecimals(out.offsetM3, multiplyDecimals(subtractDecimals(last, first), factorM3));
  take(out, count, timeUs);
}

function grown(ring: Ring, index: number, terms: CounterTerms, out: Decided): void {
  const count = ring.value(index);
  const timeUs = ring.timeUs(index);
  const tooFast = count - out.baseline > mostBetween(terms, out.baselineUs, timeUs) && timeUs - out.baselineUs <= terms.reconnectionUs;
  if (isPeak(ring, index, { baseline: out.baseline, baselineUs: out.baselineUs, terms }, tooFast)) out.kind = kinds.spike;
  else if (!tooFast) out.kind = kinds.plain;
  else out.kind = isConfirmed(ring, index, terms, CONFIRMED_BY) ? kinds.jumped : kinds.jump;
  if (out.kind === kinds.plain || out.kind === kinds.jumped) take(out, count, timeUs);
}

function fallen(ring: Ring, index: number, terms: CounterTerms, out: Decided): void {
  const count = ring.value(index);
  const timeUs = ring.timeUs(index);
  const { baseline, baselineUs } = out;
  const back = out.waiting === 1 || subtractDecimals(baseline, count) <= terms.jitter ? NaN : comesBackTo(ring, index, { baseline, baselineUs, terms });
  if (out.waiting === 1) out.kind = kinds.ignored;
  else if (subtractDecimals(baseline, count) <= terms.jitter) out.kind = kinds.jitter;
  else if (!Number.isNaN(back)) out.kind = looksCut(baseline, count, back) ? kinds.truncated : count === 0 ? kinds.zero : kinds.dip;
  else {
    const modulus = rolledOver(baseline, count, terms, { fromUs: baselineUs, toUs: timeUs });
    if (modulus > 0) {
      out.kind = terms.modulus > 0 ? kinds.rollover + SAID : kinds.rollover;
      begunAnew(out, { last: modulus, first: 0, count, timeUs }, terms);
      return;
    }
    const silent = timeUs - baselineUs > terms.reconnectionUs;
    const needed = silent ? 0 : count === 0 ? CONFIRMED_BY : looksCut(baseline, count) ? CUT_CONFIRMED_BY : count < CUT_BELOW * baseline ? CONFIRMED_BY : 0;
    if (needed === 0 || isConfirmed(ring, index, terms, needed)) {
      out.kind = kinds.reset;
      // More than can have been counted since is no consumption: the meter did not begin at zero.
      begunAnew(out, { last: baseline, first: count > mostBetween(terms, baselineUs, timeUs) ? count : 0, count, timeUs }, terms);
    } else out.kind = count === 0 ? kinds.zero : kinds.truncated;
  }
}

/**
 * True when the count is the baseline without its last digits, or a count between it and the one that came `after`: 91 755 and 9 175. A total in m3 may have been cut where it
 * was told in litres.
 */
function looksCut(baseline: number, count: number, after = baseline): boolean {
  return looksCutAt(1, { baseline, count, after }) || looksCutAt(L_PER_M3, { baseline, count, after });
}

function looksCutAt(scale: number, { baseline, count, after }: { readonly baseline: number; readonly count: number; readonly after: number }): boolean {
  const shown = multiplyDecimals(count, scale);
  for (let power = 10; power <= 10_000; power *= 10) {
    const cut = Math.floor(multiplyDecimals(baseline, scale) / power);
    if (cut >= 1 && shown >= cut && shown <= Math.max(cut + 1, Math.floor(multiplyDecimals(after, scale) / power))) return true;
  }
  return false;
}

function swapped(out: Decided, { count, timeUs }: { readonly count: number; readonly timeUs: number }, word: Word, terms: CounterTerms): void {
  out.kind = kinds.swap + SAID;
  begunAnew(out, { last: word.finalCount ?? out.baseline, first: word.initialCount ?? 0, count, timeUs }, terms);
}

function obeyed(out: Decided, { count, timeUs }: { readonly count: number; readonly timeUs: number }, word: Word, terms: CounterTerms): void {
  if (word.verdict === "ignore") {
    out.kind = kinds.ignored + SAID;
    if (count < out.baseline) out.waiting = 1;
    return;
  }
  if (word.verdict === "rollover") {
    out.kind = kinds.rollover + SAID;
    begunAnew(out, { last: word.modulus ?? 0, first: 0, count, timeUs }, terms);
  } else if (word.verdict === "reset" || count < out.baseline) {
    out.kind = kinds.reset + SAID;
    begunAnew(out, { last: word.finalCount ?? out.baseline, first: word.initialCount ?? 0, count, timeUs }, terms);
  } else {
    out.kind = kinds.accepted + SAID;
    take(out, count, timeUs);
  }
}
