import { asInstantMs, asList, asNumberOrNull, asRecord, asText, asTextList } from "./read.ts";
import { readTwoTexts, type TwoTexts } from "./two-texts.ts";

/** What can be said of a point: a number with its unit and bounds, or one of some choices. */
export interface SettingRow {
  readonly name: string;
  readonly unit: string;
  readonly says: TwoTexts;
  /** Null of a number. */
  readonly choices: readonly string[] | null;
  readonly min: number | null;
  /** Bound that is itself none of the values. */
  readonly above: number | null;
  readonly max: number | null;
  readonly whole: boolean;
}

export function readSettingRow(value: unknown): SettingRow | undefined {
  const row = asRecord(value);
  const name = asText(row["name"]);
  if (name === "") return undefined;
  return {
    name, unit: asText(row["unit"]), says: readTwoTexts(row["says"], name), choices: Array.isArray(row["choices"]) ? asTextList(row["choices"]) : null,
    min: asNumberOrNull(row["min"]), above: asNumberOrNull(row["above"]), max: asNumberOrNull(row["max"]), whole: row["whole"] === true,
  };
}

export type SettingValue = number | string;

/** Settings that somebody gave from an instant on. */
export interface SettingPeriod {
  /** As the API wrote it; null: from the first reading. */
  readonly validFrom: string | null;
  readonly validFromMs: number | null;
  /** null unsets one from then on. */
  readonly values: Readonly<Record<string, SettingValue | null>>;
  readonly changedAtMs: number | null;
  readonly changedBy: string;
  readonly reason: string;
}

export function readSettingPeriod(value: unknown): SettingPeriod | undefined {
  const row = asRecord(value);
  const validFrom = typeof row["validFrom"] === "string" ? row["validFrom"] : null;
  const validFromMs = asInstantMs(validFrom);
  if (validFrom !== null && validFromMs === null) return undefined;
  const values = Object.entries(asRecord(row["values"])).filter((entry): entry is [string, SettingValue | null] => entry[1] === null || typeof entry[1] === "number" || typeof entry[1] === "string");
  return { validFrom, validFromMs, values: Object.fromEntries(values), changedAtMs: asInstantMs(row["changedAt"]), changedBy: asText(row["changedBy"]), reason: asText(row["reason"]) };
}

/** Limits of a variable that somebody gave from an instant on; null takes the default again. */
export interface LimitPeriod extends SettingPeriod {
  readonly variable: string;
}

export function readLimitPeriod(value: unknown): LimitPeriod | undefined {
  const period = readSettingPeriod(value);
  const variable = asText(asRecord(value)["variable"]);
  return period === undefined || variable === "" ? undefined : { ...period, variable };
}

/** One change that somebody made of a point, as it was asked. */
export interface PointChangeRow {
  readonly atMs: number | null;
  readonly by: string;
  readonly action: string;
  readonly name: string | null;
  readonly settings: readonly { readonly validFrom: string | null; readonly values: SettingPeriod["values"]; readonly forget: readonly string[]; readonly reason: string }[];
  readonly keys: readonly string[];
  readonly limits: readonly (PointChangeRow["settings"][number] & { readonly variable: string })[];
  /** Of a correction. */
  readonly variable: string;
  readonly reason: string;
}

export function readPointChange(value: unknown): PointChangeRow | undefined {
  const row = asRecord(value);
  const atMs = asInstantMs(row["at"]);
  if (atMs === null) return undefined;
  const change = asRecord(row["change"]);
  const periodOf = (item: unknown): PointChangeRow["settings"][number] | undefined => {
    const asked = asRecord(item);
    const period = readSettingPeriod({ ...asked, changedAt: row["at"] });
    return period === undefined ? undefined : { validFrom: period.validFrom, values: period.values, forget: asTextList(asked["forget"]), reason: period.reason };
  };
  const limits = asList(change["limits"], (item) => {
    const period = periodOf(item);
    return period === undefined ? undefined : { ...period, variable: asText(asRecord(item)["variable"]) };
  });
  return {
    atMs, by: asText(row["by"]), action: asText(row["action"]), name: typeof change["name"] === "string" ? change["name"] : null, settings: asList(change["settings"], periodOf), limits,
    keys: asList(change["variables"], (item) => asText(asRecord(item)["key"]) || undefined), variable: asText(change["variable"]), reason: asText(change["reason"]),
  };
}
