import { addDecimals, multiplyDecimals, subtractDecimals } from "@caudal/core";
import { Confusion } from "./confusion.ts";
import type { Meter, MeterRow } from "./meter-file.ts";
import { hasGapBefore, inTimeOrder, kindsOf, reasonOfKind, rowKinds, type RowKind } from "./odd-rows.ts";
import { replaySeries, type Replayed, type SetUp } from "./replayed-series.ts";

/** Set up as such a meter is: a total in litres that gives the volume, nothing else said. */
export const meterSetUp: SetUp = { keys: { reading: { variable: "total", unit: "L" } }, settings: { counter: "total" } };

/** A stretch of rows that are not odd, whose volume is not what the meter counted. */
export interface WrongStretch {
  readonly meter: string;
  readonly fromUs: number;
  readonly toUs: number;
  readonly countedL: number;
  readonly volumeL: number;
}

export interface MeterFindings {
  readonly rows: number;
  readonly odd: number;
  readonly stretches: number;
  readonly wrong: readonly WrongStretch[];
  /** The same when a row is odd only where it is below the one before it: then a stretch may begin below the highest reading, where the volume still holds. */
  readonly byRowBefore: { readonly stretches: number; readonly off: number; readonly mostL: number };
  /** Last volume minus first, and last reading minus first, of the whole file. */
  readonly volumeL: number;
  readonly countedL: number;
  readonly reasons: Confusion;
  readonly gaps: Confusion;
  /** Odd rows that were given another reason than the right one, and plain rows that were given one. */
  readonly mistaken: readonly { readonly meter: string; readonly timeUs: number; readonly text: string; readonly is: RowKind; readonly said: string }[];
}

export const NOTHING = "nothing";
const NO_FACT = "no fact";
const primary = ["sentinel", "not-a-number", "below-range", "above-range", "truncated", "zero-kept", "spike", "rollover", "counter-reset", "meter-swap", "impossible-level", "beyond-right", "jitter", "jump", "stuck-totaliser", "flat-line", "rate", "clock-ahead"];

const emptyReasons = (): Confusion => new Confusion(rowKinds, [NOTHING, "jitter", "spike", "truncated", "zero-kept", "jump", "counter-reset", "rollover", "sentinel"]);
const emptyGaps = (): Confusion => new Confusion(["more than 3 h", "less"], ["gap-before", NOTHING]);

/** The reason that says what a row is; what only informs (a gap, lateness, no neighbour) is none. */
export function mainReason(reasons: readonly string[]): string {
  return primary.find((reason) => reasons.includes(reason)) ?? NOTHING;
}

export function replayMeter(meter: Meter, setUp: SetUp = meterSetUp): { readonly replayed: Replayed; readonly findings: MeterFindings } {
  const replayed = replaySeries(meter.rows.map(({ timeUs, text }) => ({ timeUs, values: { reading: text } })), setUp);
  return { replayed, findings: compareMeter(meter, replayed) };
}

function compareMeter(meter: Meter, replayed: Replayed): MeterFindings {
  const rows = inTimeOrder(meter.rows);
  const kinds = kindsOf(rows);
  const [reasons, gaps] = [emptyReasons(), emptyGaps()];
  const mistaken: MeterFindings["mistaken"][number][] = [];
  for (const [index, { timeUs, text }] of rows.entries()) {
    const fact = replayed.at("total", timeUs);
    const is = kinds[index]!;
    const said = fact === undefined ? NO_FACT : mainReason(fact.reasons);
    reasons.add(is, said);
    if (said !== (reasonOfKind[is] ?? NOTHING)) mistaken.push({ meter: meter.key, timeUs, text, is, said });
    gaps.add(hasGapBefore(rows, index) ? "more than 3 h" : "less", fact?.reasons.includes("gap-before") === true ? "gap-before" : NOTHING);
  }
  const wrongOf = (stretches: readonly Stretch[]): WrongStretch[] => stretches.flatMap(({ first, last }) => {
    const [countedL, volumeL] = [subtractDecimals(last.litres, first.litres), volumeBetween(replayed, first, last)];
    return countedL === volumeL ? [] : [{ meter: meter.key, fromUs: first.timeUs, toUs: last.timeUs, countedL, volumeL }];
  });
  const stretches = stretchesOf(rows, kinds.map((kind) => kind !== "plain"));
  const others = stretchesOf(rows, rows.map(({ litres }, index) => !(litres >= 0) || (index > 0 && litres < rows[index - 1]!.litres)));
  const off = wrongOf(others);
  const [first, last] = [rows[0]!, rows.at(-1)!];
  return {
    rows: rows.length, odd: kinds.filter((kind) => kind !== "plain").length, stretches: stretches.length, wrong: wrongOf(stretches), reasons, gaps, mistaken,
    byRowBefore: { stretches: others.length, off: off.length, mostL: off.reduce((most, { countedL, volumeL }) => Math.max(most, Math.abs(countedL - volumeL)), 0) },
    volumeL: volumeBetween(replayed, first, last), countedL: subtractDecimals(last.litres, first.litres),
  };
}

interface Stretch {
  readonly first: MeterRow;
  readonly last: MeterRow;
}

/** Rows between two odd ones; gaps and clock changes end none. */
function stretchesOf(rows: readonly MeterRow[], isOdd: readonly boolean[]): Stretch[] {
  const stretches: Stretch[] = [];
  let first: MeterRow | undefined;
  let last: MeterRow | undefined;
  for (const [index, row] of rows.entries()) {
    if (isOdd[index] === false) {
      first ??= row;
      last = row;
      continue;
    }
    if (first !== undefined && last !== undefined) stretches.push({ first, last });
    first = last = undefined;
  }
  if (first !== undefined && last !== undefined) stretches.push({ first, last });
  return stretches;
}

/** Litres by the product's volume, exact; NaN where one of both has none. */
export function volumeBetween(replayed: Replayed, first: { readonly timeUs: number }, last: { readonly timeUs: number }): number {
  const [from, to] = [replayed.at("volume", first.timeUs)?.value, replayed.at("volume", last.timeUs)?.value];
  return from == null || to == null ? NaN : multiplyDecimals(subtractDecimals(to, from), 1000);
}

/** The findings of several meters as one. */
export function together(all: readonly MeterFindings[]): MeterFindings {
  const [reasons, gaps] = [emptyReasons(), emptyGaps()];
  for (const one of all) {
    reasons.take(one.reasons);
    gaps.take(one.gaps);
  }
  const sum = (of: (one: MeterFindings) => number): number => all.reduce((total, one) => addDecimals(total, of(one)), 0);
  return {
    rows: sum(({ rows }) => rows), odd: sum(({ odd }) => odd), stretches: sum(({ stretches }) => stretches), wrong: all.flatMap(({ wrong }) => wrong), reasons, gaps,
    byRowBefore: { stretches: sum(({ byRowBefore }) => byRowBefore.stretches), off: sum(({ byRowBefore }) => byRowBefore.off), mostL: Math.max(...all.map(({ byRowBefore }) => byRowBefore.mostL)) },
    mistaken: all.flatMap(({ mistaken }) => mistaken), volumeL: sum(({ volumeL }) => volumeL), countedL: sum(({ countedL }) => countedL),
  };
}
