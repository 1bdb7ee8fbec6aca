import { changedLimitPeriods } from "../directory/point-limits.ts";
import { changedPeriods } from "../directory/point-settings.ts";
import type { LimitPeriod, PointPeriod } from "../directory/records.ts";
import { RefusedChange } from "../directory/refused-change.ts";
import { parseInstant } from "../time/instant.ts";
import type { Note } from "./finding.ts";
import { VALID_FROM, type StatedPeriod, type StatedPoint } from "./stated.ts";

/** An instant of a configuration; null: the first reading. */
export function readInstant(text: string | undefined, note: Note, field: "validFrom" | "validUntil" = "validFrom"): number | null {
  const instantUs = text === undefined ? null : parseInstant(text);
  if (instantUs === undefined) note([field], "setting-time", { setting: `${field} ${JSON.stringify(text).slice(0, 60)}` });
  return instantUs ?? null;
}

/** A period's start, and its values without it. */
function parted({ [VALID_FROM]: start, ...values }: StatedPeriod, note: Note): { readonly validFromUs: number | null; readonly values: Readonly<Record<string, string | number | null>> } {
  return { validFromUs: readInstant(start === undefined || start === null ? undefined : String(start), note), values };
}

/** Settings as the record keeps them, in time order; who gave them is for the writer to say. */
export function readSettings(periods: readonly StatedPeriod[], note: Note): readonly PointPeriod[] {
  let read: readonly PointPeriod[] = [];
  const met = new Set<number | null>();
  for (const [index, period] of periods.entries()) {
    const at = ["settings", index];
    const { validFromUs, values } = parted(period, (field, why, about) => note([...at, ...field], why, about));
    if (met.has(validFromUs)) note(at, "repeated", { what: VALID_FROM });
    met.add(validFromUs);
    for (const [name, value] of Object.entries(values)) {
      try {
        const same = read.find((other) => other.validFromUs === validFromUs);
        const [one] = changedPeriods(same === undefined ? [] : [same], [{ validFromUs, values: { [name]: value } }], { by: "", atUs: 0 });
        if (one !== undefined) read = [...read.filter((other) => other.validFromUs !== validFromUs), one];
      } catch (error) {
        if (!(error instanceof RefusedChange)) throw error;
        note([...at, name], error.why, error.place.values);
      }
    }
  }
  try {
    // In time order, and no more than a point may have.
    return changedPeriods([...read].sort((a, b) => (a.validFromUs ?? -Infinity) - (b.validFromUs ?? -Infinity) || 0), [], { by: "", atUs: 0 });
  } catch (error) {
    if (!(error instanceof RefusedChange)) throw error;
    note(["settings"], error.why, error.place.values);
    return [];
  }
}

/** Limits as the record keeps them, by variable and time; who gave them is for the writer to say. */
export function readLimits(limits: NonNullable<StatedPoint["limits"]>, note: Note): readonly LimitPeriod[] {
  let read: readonly LimitPeriod[] = [];
  const took = (change: { readonly variable: string; readonly validFromUs: number | null; readonly values: Readonly<Record<string, number | null>> }, at: readonly (string | number)[]): void => {
    try {
      // In time order, so what begins with the first reading replaces nothing.
      read = changedLimitPeriods(read, [{ ...change, place: (field) => ({ field }) }], { by: "", atUs: 0 });
    } catch (error) {
      if (!(error instanceof RefusedChange)) throw error;
      note(error.place.field === "variable" ? at.slice(0, 2) : [...at, error.place.field], error.why, error.place.values);
    }
  };
  for (const [variable, periods] of Object.entries(limits)) {
    const met = new Set<number | null>();
    const parts = periods.map((period, index) => ({ index, ...parted(period, (field, why, about) => note(["limits", variable, index, ...field], why, about)) }));
    for (const { index, validFromUs, values } of parts.sort((a, b) => (a.validFromUs ?? -Infinity) - (b.validFromUs ?? -Infinity) || 0)) {
      const at = ["limits", variable, index];
      if (met.has(validFromUs)) note(at, "repeated", { what: VALID_FROM });
      met.add(validFromUs);
      took({ variable, validFromUs, values: values as Readonly<Record<string, number | null>> }, at);
    }
  }
  return read;
}
