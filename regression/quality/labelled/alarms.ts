import type { VariableConfig } from "@caudal/core";
import { replaySeries } from "../replayed-series.ts";
import { commissionedLimits, type LabelledSeries } from "./series.ts";

/** The product's own limits, and those that a person would set. */
export const limitSets = ["default", "set"] as const;
export type LimitSet = (typeof limitSets)[number];

const SUSPECT = 3;

/** What the rules said of one series, after the rows that whoever set it up looked at. */
export interface Alarms {
  /** Each event, and whether a row in it was called suspect or bad. */
  readonly events: readonly { readonly fromUs: number; readonly found: boolean }[];
  /** Rows outside the events, the instants of those that were called suspect or bad, and in how many runs. */
  readonly points: number;
  readonly falseUs: readonly number[];
  readonly runs: number;
  /** Codes of no reading that were called that; they are neither an event nor a false alarm. */
  readonly codes: number;
}

export function limitsOf(series: LabelledSeries, set: LimitSet): VariableConfig {
  return set === "default" ? {} : (series.byNature ?? commissionedLimits(series));
}

export function alarmsOf(series: LabelledSeries, limits: VariableConfig): Alarms {
  const { rows, variable, unit } = series;
  const replayed = replaySeries(rows.map(({ timeUs, value }) => ({ timeUs, values: { key: value } })), { keys: { key: { variable, unit } }, limits: { [variable]: limits } });
  const fromUs = rows[series.commissionedRows]!.timeUs;
  const events = series.events.filter(([, toUs]) => toUs >= fromUs);
  const found = events.map(() => false);
  const falseUs: number[] = [];
  let [points, runs, codes, event] = [0, 0, 0, 0];
  let before = false;
  for (const { timeUs, flag, reasons } of replayed.of(variable)) {
    if (timeUs < fromUs) continue;
    while (event < events.length && events[event]![1] < timeUs) event++;
    const isAlarm = flag >= SUSPECT;
    if (event < events.length && events[event]![0] <= timeUs) {
      if (isAlarm) found[event] = true;
      before = false;
      continue;
    }
    if (reasons.includes("sentinel")) {
      codes += 1;
      continue;
    }
    points += 1;
    if (isAlarm) falseUs.push(timeUs);
    if (isAlarm && !before) runs += 1;
    before = isAlarm;
  }
  return { events: events.map(([eventUs], index) => ({ fromUs: eventUs, found: found[index]! })), points, falseUs, runs, codes };
}

/** Several sensors of one place: an event is found when any of them tells of it, and a minute with any false alarm is one. */
export function alarmsOfPlace(all: readonly Alarms[]): Alarms {
  const events = (all[0]?.events ?? []).map(({ fromUs }, index) => ({ fromUs, found: all.some((one) => one.events[index]?.found === true) }));
  const falseUs = [...new Set(all.flatMap((one) => one.falseUs))].sort((a, b) => a - b);
  const least = falseUs.reduce((shortest, timeUs, index) => (index === 0 ? shortest : Math.min(shortest, timeUs - falseUs[index - 1]!)), Infinity);
  const runs = falseUs.filter((timeUs, index) => index === 0 || timeUs - falseUs[index - 1]! > least).length;
  return { events, points: Math.max(...all.map(({ points }) => points)), falseUs, runs, codes: all.reduce((sum, { codes }) => sum + codes, 0) };
}
