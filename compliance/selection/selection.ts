import type { TakenValue } from "../ledger/entry.ts";
import type { Feed, Obra, Quantity } from "../obras/obra.ts";
import type { SlotValues } from "../regulators/regulator.ts";
import { readWindows, type Fact, type FactWindows, type SlotSeries, type Span } from "./fact-windows.ts";
import { inReportedUnit, valuesOf } from "./values.ts";

const MINUTE_US = 60_000_000;

/** none: no feed has a value in the window. partial: one has, another of the same quantity has not. invalid: the source said that it has no value. unit: nobody knows what its numbers mean. */
export type MissingWhy = "none" | "partial" | "invalid" | "unit";

/** What a work's feeds say of a slot. */
export interface Selection {
  readonly slotUs: number;
  /** Sums of the quantities of which every feed has a value. */
  readonly values: SlotValues;
  /** The measurement nearest to the instant of each feed that has one within the window, in the order of the feeds. */
  readonly taken: readonly TakenValue[];
  /** Quantities with a feed, and no value. */
  readonly missing: readonly { readonly quantity: Quantity; readonly why: MissingWhy }[];
  /** True when nothing was in any window, not even the word that there is no value. */
  readonly isEmpty: boolean;
  /** When the newest of all that lies in the windows became known; -Infinity where nothing lies. */
  readonly knownAtUs: number;
  /** From when on it stands still: the settling time after the instant and after the newest word, and nothing nearer can be measured any more. */
  readonly settledAtUs: number;
}

/** Reads a slot from a tier. `nowUs` is when it is asked: nothing is taken that was measured after it. */
export async function select(series: SlotSeries, obra: Obra, slotUs: number, nowUs: number): Promise<Selection> {
  return selectFrom(await readWindows(series, obra, [windowOf(obra, slotUs)]), obra, slotUs, nowUs);
}

/** Where a slot looks for measurements. */
export function windowOf({ windowMinutes }: Pick<Obra, "windowMinutes">, slotUs: number): Span {
  const reachUs = Math.round(windowMinutes * MINUTE_US);
  return { fromUs: slotUs - reachUs, toUs: slotUs + reachUs };
}

/** The same from what was read already. */
export function selectFrom(facts: FactWindows, obra: Obra, slotUs: number, nowUs = Infinity): Selection {
  const window = windowOf(obra, slotUs);
  const found = obra.feeds.map((feed) => {
    const within = facts.within(feed, { fromUs: window.fromUs, toUs: Math.min(window.toUs, nowUs) });
    return { feed, within, nearest: nearestOf(within, slotUs) };
  });
  const taken = found.flatMap(({ feed, nearest }) => (nearest === undefined ? [] : [takenOf(feed, nearest)]));
  const values = valuesOf(obra, taken);
  const missing: { quantity: Quantity; why: MissingWhy }[] = [];
  for (const [quantity, feeds] of Map.groupBy(found, ({ feed }) => feed.quantity)) {
    const has = feeds.map(({ feed, nearest }) => nearest !== undefined && inReportedUnit(quantity, feed.variable, nearest.value) !== undefined);
    if (has.every(Boolean)) continue;
    const why = has.some(Boolean) ? "partial" : feeds.some(({ nearest }) => nearest !== undefined) ? "unit" : feeds.some(({ within }) => within.some((fact) => !isWithdrawn(fact))) ? "invalid" : "none";
    missing.push({ quantity, why });
  }
  const all = found.flatMap(({ within }) => within);
  const knownAtUs = all.reduce((newest, fact) => Math.max(newest, fact.knownAtUs), -Infinity);
  const farthestUs = taken.reduce((most, { instantUs }) => Math.max(most, Math.abs(instantUs - slotUs)), 0);
  const settleUs = obra.settleMinutes * MINUTE_US;
  return {
    slotUs, values, taken, missing, isEmpty: all.every(isWithdrawn), knownAtUs,
    settledAtUs: Math.max(slotUs + settleUs, slotUs + farthestUs, knownAtUs + settleUs),
  };
}

/** The fact with a value that is nearest to the instant, of two as near the earlier one; what was taken back counts as absent. */
export function nearestOf(facts: readonly Fact[], slotUs: number): Fact | undefined {
  let nearest: Fact | undefined;
  for (const fact of facts) {
    if (Number.isNaN(fact.value)) continue;
    if (nearest === undefined || Math.abs(fact.instantUs - slotUs) < Math.abs(nearest.instantUs - slotUs)) nearest = fact;
  }
  return nearest;
}

export function isWithdrawn({ value, reasons }: Fact): boolean {
  return Number.isNaN(value) && reasons.includes("withdrawn");
}

/** A fact as the ledger keeps it; an empty text where it has no value. */
export function takenOf({ point, variable }: Pick<Feed, "point" | "variable">, { value, instantUs, knownAtUs, flag, reasons }: Fact): TakenValue {
  return { variable, point, value: Number.isNaN(value) ? "" : String(value + 0), instantUs, knownAtUs, flag, reasons: [...reasons] };
}

/** True when both were taken from the same measurements with the same values. */
export function sameTaken(a: readonly TakenValue[], b: readonly TakenValue[]): boolean {
  return a.length === b.length && a.every((one, at) => {
    const other = b[at]!;
    return one.point === other.point && one.variable === other.variable && one.instantUs === other.instantUs && one.value === other.value;
  });
}
