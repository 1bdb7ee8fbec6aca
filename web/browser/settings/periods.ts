import type { SettingPeriod, SettingValue } from "../wire/setting.ts";

/** A setting that holds at an instant, and the period that gave it. */
export interface HeldSetting {
  readonly value: SettingValue;
  readonly period: SettingPeriod;
}

function startOf(period: SettingPeriod): number {
  return period.validFromMs ?? -Infinity;
}

/** What holds at an instant: of each setting the newest that began by then. */
export function settingsAt(periods: readonly SettingPeriod[], timeMs: number): ReadonlyMap<string, HeldSetting> {
  const held = new Map<string, HeldSetting>();
  for (const period of periods.toSorted((a, b) => startOf(a) - startOf(b) || 0)) {
    if (startOf(period) > timeMs) break;
    for (const [name, value] of Object.entries(period.values)) {
      if (value === null) held.delete(name);
      else held.set(name, { value, period });
    }
  }
  return held;
}

/** Newest beginning first. */
export function newestFirst<P extends SettingPeriod>(periods: readonly P[]): P[] {
  return periods.toSorted((a, b) => startOf(b) - startOf(a) || 0);
}

/** ahead: it begins later. now: something of it holds. past: later ones say all that it said. */
export function standing(period: SettingPeriod, held: ReadonlyMap<string, HeldSetting>, nowMs: number): "ahead" | "now" | "past" {
  if (startOf(period) > nowMs) return "ahead";
  return [...held.values()].some((setting) => setting.period === period) ? "now" : "past";
}
