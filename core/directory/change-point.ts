import { newestEntry } from "./entries.ts";
import type { KeyChange } from "./key-change.ts";
import { changedLimitPeriods, limitNames, limitPeriodsOf, type LimitChange, type PlacedLimitChange } from "./point-limits.ts";
import { changedPeriods, type SettingsChange } from "./point-settings.ts";
import type { DirectoryEntry, PointRecord } from "./records.ts";
import { RefusedChange } from "./refused-change.ts";
import { MAX_POINT_NAME_CHARACTERS } from "./readable-name.ts";

/** A person's change of a point. Absent fields stay as they are. */
export interface PointChange {
  readonly name?: string;
  /** Seconds between readings; null learns it from the data again. */
  readonly periodS?: number | null;
  readonly variables?: readonly KeyChange[];
  /** Settings, each from an instant on. */
  readonly settings?: readonly SettingsChange[];
  /** Limits of variables, each from an instant on. Those beside a key hold from where its change does. */
  readonly limits?: readonly LimitChange[];
}

/**
 * The point's record after a change: its name, its period, its limits. `entriesOf` gives the entries, as they will be, of the device that
 * a key's change is about. Throws RefusedChange.
 */
export function changedPoint(point: PointRecord, change: PointChange, entriesOf: (key: KeyChange) => readonly DirectoryEntry[], { by, atUs }: { readonly by: string; readonly atUs: number }): PointRecord {
  const name = change.name?.trim() ?? point.name;
  if (name === "" || name.length > MAX_POINT_NAME_CHARACTERS) {
    throw new RefusedChange("name-length", { field: "name", values: { most: String(MAX_POINT_NAME_CHARACTERS) } }, `name has from 1 to ${MAX_POINT_NAME_CHARACTERS} characters`);
  }
  const periodS = change.periodS === undefined ? point.periodS : change.periodS;
  if (periodS !== null && !(periodS > 0 && Number.isFinite(periodS))) throw new RefusedChange("period", { field: "periodS" }, "periodS is a positive number of seconds");
  const given: PlacedLimitChange[] = [];
  for (const key of change.variables ?? []) {
    const values = Object.fromEntries(limitNames.flatMap((limit) => (key[limit] === undefined ? [] : [[limit, key[limit]]])));
    const [named] = Object.keys(values);
    const entry = newestEntry(entriesOf(key), key.key);
    if (named === undefined || entry === undefined) continue;
    if (entry.point !== point.point) throw new RefusedChange("limits-elsewhere", { field: named, change: key, values: { key: key.key, point: entry.point } }, "feeds another point; its limits are set there");
    given.push({ variable: entry.variable, validFromUs: key.validFromUs ?? null, values, place: (field) => ({ field, change: key }) });
  }
  for (const [index, limits] of (change.limits ?? []).entries()) given.push({ ...limits, place: (field) => ({ field: `limits.${index}.${field}` }) });
  // What was said before limits had instants holds from the first reading.
  const limits = given.length === 0 ? {} : { variables: {}, limits: changedLimitPeriods(limitPeriodsOf(point), given, { by, atUs }) };
  const settings = change.settings === undefined || change.settings.length === 0 ? {} : { settings: changedPeriods(point.settings ?? [], change.settings, { by, atUs }) };
  return { ...point, name, periodS, ...limits, ...settings, revision: point.revision + 1, changedAtUs: Math.max(atUs, point.changedAtUs + 1), changedBy: by, unpublished: true };
}
