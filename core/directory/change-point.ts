import { newestEntry } from "./entries.ts";
import type { KeyChange } from "./key-change.ts";
import type { DirectoryEntry, PointRecord, VariableConfig } from "./records.ts";
import { RefusedChange } from "./refused-change.ts";
import { MAX_POINT_NAME_CHARACTERS } from "./readable-name.ts";

/** A person's change of a point. Absent fields stay as they are. */
export interface PointChange {
  readonly name?: string;
  /** Seconds between readings; null learns it from the data again. */
  readonly periodS?: number | null;
  readonly variables?: readonly KeyChange[];
}

const limitNames = ["min", "max", "maxRatePerS", "flatLineS"] as const;
/** Limits that say nothing unless they are above zero. */
const positive: ReadonlySet<string> = new Set(["maxRatePerS", "flatLineS"]);

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
  const variables: Record<string, VariableConfig> = { ...point.variables };
  for (const key of change.variables ?? []) {
    const named = limitNames.find((limit) => key[limit] !== undefined);
    const entry = newestEntry(entriesOf(key), key.key);
    if (named === undefined || entry === undefined) continue;
    if (entry.point !== point.point) throw new RefusedChange("limits-elsewhere", { field: named, change: key, values: { key: key.key, point: entry.point } }, "feeds another point; its limits are set there");
    const limits = changedLimits(variables[entry.variable] ?? {}, key);
    if (Object.keys(limits).length === 0) delete variables[entry.variable];
    else variables[entry.variable] = limits;
  }
  return { ...point, name, periodS, variables, revision: point.revision + 1, changedAtUs: Math.max(atUs, point.changedAtUs + 1), changedBy: by, unpublished: true };
}

function changedLimits(limits: VariableConfig, change: KeyChange): VariableConfig {
  const changed: { -readonly [N in keyof VariableConfig]: VariableConfig[N] } = { ...limits };
  for (const name of limitNames) {
    const value = change[name];
    if (value === undefined) continue;
    if (value === null) delete changed[name];
    else if (!Number.isFinite(value) || (positive.has(name) && value <= 0)) {
      throw new RefusedChange("limit", { field: name, change, values: { limit: name } }, `has a ${name} that is not a ${positive.has(name) ? "positive" : "finite"} number`);
    } else changed[name] = value;
  }
  if (changed.min !== undefined && changed.max !== undefined && changed.min > changed.max) {
    throw new RefusedChange("min-above-max", { field: change.min === undefined ? "max" : "min", change, values: { min: String(changed.min), max: String(changed.max) } }, `has a min of ${changed.min} above its max of ${changed.max}`);
  }
  return changed;
}
