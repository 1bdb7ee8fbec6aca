import type { MeterRow } from "./meter-file.ts";

/** What a row of a household's meter is, read from the file alone. */
export const rowKinds = ["plain", "step back", "dip", "cut digits", "zero", "peak", "jump", "reset", "turn", "code"] as const;
export type RowKind = (typeof rowKinds)[number];

/** The reason that each kind should be given; undefined: none. */
export const reasonOfKind: Readonly<Record<RowKind, string | undefined>> = {
  "plain": undefined, "step back": "jitter", "dip": "spike", "cut digits": "truncated", "zero": "zero-kept", "peak": "spike", "jump": "jump", "reset": "counter-reset", "turn": "rollover", "code": "sentinel",
};

const HOUR_US = 3_600_000_000;
/** The file's makers call a step of more than 3,000 L between neighbours a large jump. */
const MOST_L_PER_H = 3000;
/** A dial that wobbles, or a reading that was taken some minutes earlier. */
const STEP_BACK_L = 50;
/** A meter that was low for longer than these rows has begun anew. */
const LOW_ROWS = 24;
const SILENCE_US = 2 * HOUR_US;
const moduli = [1e4, 65_536, 1e5, 1e6, 1e7, 4_294_967_296];

/** Rows in time order, each instant once: of rows with one instant the last that came stands. */
export function inTimeOrder(rows: readonly MeterRow[]): MeterRow[] {
  return [...new Map(rows.map((row) => [row.timeUs, row])).values()].sort((a, b) => a.timeUs - b.timeUs);
}

/**
 * What each row is, by what a person sees who looks at the whole list: a row below the highest reading so far is odd, and what it is shows in how far it fell and in
 * whether the readings come back.
 */
export function kindsOf(rows: readonly MeterRow[]): RowKind[] {
  const kinds: RowKind[] = [];
  let high = NaN;
  let highUs = NaN;
  const rest = (from: number): MeterRow[] => rows.slice(from, from + LOW_ROWS).filter(({ litres }) => litres >= 0);
  for (let index = 0; index < rows.length; index++) {
    const { litres, timeUs } = rows[index]!;
    const most = MOST_L_PER_H * Math.max(1, (timeUs - highUs) / HOUR_US);
    let kind: RowKind = "plain";
    if (!(litres >= 0)) kind = "code";
    else if (litres < high) kind = lowKind(rows[index]!, { high, highUs }, rest(index + 1));
    else if (litres - high > MOST_L_PER_H && rest(index + 1).some((later) => later.litres < litres - STEP_BACK_L && later.litres >= high)) kind = "peak";
    else if (litres - high > most && timeUs - highUs <= SILENCE_US) kind = "jump";
    kinds.push(kind);
    if (kind === "plain" || kind === "jump" || kind === "reset" || kind === "turn") [high, highUs] = [litres, timeUs];
  }
  return kinds;
}

function lowKind({ litres, timeUs }: MeterRow, { high, highUs }: { readonly high: number; readonly highUs: number }, rest: readonly MeterRow[]): RowKind {
  if (high - litres <= STEP_BACK_L) return "step back";
  const comesBack = rest.find((later) => later.litres >= high);
  if (comesBack !== undefined && comesBack.litres - high <= MOST_L_PER_H * Math.max(1, (comesBack.timeUs - highUs) / HOUR_US)) {
    if (litres === 0) return "zero";
    return [10, 100, 1000, 10_000].some((power) => Math.abs(litres - high / power) <= 1 + MOST_L_PER_H / power) && litres < high / 5 ? "cut digits" : "dip";
  }
  return moduli.some((modulus) => high < modulus && litres + modulus - high <= MOST_L_PER_H * Math.max(1, (timeUs - highUs) / HOUR_US)) ? "turn" : "reset";
}

/** True where more than three hours lie between a row and the one before: the meters send hourly. */
export function hasGapBefore(rows: readonly MeterRow[], index: number): boolean {
  return index > 0 && rows[index]!.timeUs - rows[index - 1]!.timeUs > 3 * HOUR_US;
}
