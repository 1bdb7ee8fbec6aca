import { readLimitPeriod, readSettingPeriod, type LimitPeriod, type SettingPeriod } from "./setting.ts";
import { readTwoTexts, type TwoTexts } from "./two-texts.ts";
import { asInstantMs, asList, asNumber, asNumberOrNull, asRecord, asText, asTextList, asTextMap, type Json } from "./read.ts";

/** What one key of the point's device means. */
export interface PointVariable {
  readonly variable: string;
  readonly name: TwoTexts;
  /** rate, total, level or state. */
  readonly kind: string;
  /** Unit that values are stored and shown in. */
  readonly unit: string;
  /** Digits after the point that are shown; null shows what fits. */
  readonly decimals: number | null;
  readonly column: string;
  readonly guessed: boolean;
  readonly key: string;
  /** Device that sends the key; several may feed one point. */
  readonly device: string;
  /** Unit that the device writes. */
  readonly sourceUnit: string;
  readonly ignored: boolean;
  /** Another device's key feeds it beside its own point: no sign of life of this point's devices. */
  readonly beside: boolean;
  readonly min: number | null;
  readonly max: number | null;
  readonly maxRatePerS: number | null;
  readonly flatLineS: number | null;
}

export interface Point {
  readonly id: string;
  readonly client: string;
  readonly name: string;
  readonly device: string;
  readonly channel: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly adoptedBy: string;
  readonly createdAt: string;
  readonly periodS: number | null;
  readonly variables: readonly PointVariable[];
  /** What people said of the point, from when it holds; in time order. */
  readonly settings: readonly SettingPeriod[];
  /** Limits of the quality tests that people gave, by variable and time. */
  readonly limits: readonly LimitPeriod[];
  readonly version: string;
}

function readVariable(value: unknown): PointVariable | undefined {
  const row = asRecord(value);
  const variable = asText(row["variable"]);
  const key = asText(row["key"], variable);
  if (variable === "" && key === "") return undefined;
  return {
    variable, key, device: asText(row["device"]), name: readTwoTexts(row["name"], variable || key), kind: asText(row["kind"], "level"), unit: asText(row["unit"]),
    decimals: asNumberOrNull(row["decimals"]), column: asText(row["column"]), guessed: row["guessed"] === true, sourceUnit: asText(row["sourceUnit"], asText(row["unit"])),
    ignored: row["ignored"] === true, beside: row["beside"] === true, ...readLimits(row),
  };
}

function readLimits(row: Json) {
  return {
    min: asNumberOrNull(row["min"]), max: asNumberOrNull(row["max"]),
    maxRatePerS: asNumberOrNull(row["maxRatePerS"]), flatLineS: asNumberOrNull(row["flatLineS"]),
  };
}

/** A point of `GET /api/v1/points`; undefined when it has no id. */
export function readPoint(value: unknown): Point | undefined {
  const row = asRecord(value);
  const id = asText(row["id"]);
  if (id === "") return undefined;
  return {
    id, client: asText(row["client"]), name: asText(row["name"], id), device: asText(row["device"]), channel: asText(row["channel"]),
    labels: asTextMap(row["labels"]), adoptedBy: asText(row["adoptedBy"]), createdAt: asText(row["createdAt"]),
    periodS: asNumberOrNull(row["periodS"]), variables: asList(row["variables"], readVariable), settings: asList(row["settings"], readSettingPeriod), limits: asList(row["limits"], readLimitPeriod), version: String(row["version"] ?? ""),
  };
}

/** The variables that hold measurements, one row each even where several keys feed one. */
export function measuredVariables(point: Point): PointVariable[] {
  const byId = new Map<string, PointVariable>();
  for (const row of point.variables) if (!row.ignored && row.variable !== "" && !byId.has(row.variable)) byId.set(row.variable, row);
  return [...byId.values()];
}

/** The newest value of one variable. */
export interface LatestValue {
  readonly variable: string;
  readonly unit: string;
  readonly value: number | null;
  readonly flag: number;
  readonly reasons: readonly string[];
  readonly time: string;
  readonly timeMs: number;
}

/** `time` of the measurement is used for values that carry none of their own. */
export function readLatestValue(value: unknown, time?: string): LatestValue | undefined {
  const row = asRecord(value);
  const at = asText(row["time"], time ?? "");
  const timeMs = asInstantMs(at);
  const variable = asText(row["variable"]);
  if (variable === "" || timeMs === null) return undefined;
  return {
    variable, unit: asText(row["unit"]), value: asNumberOrNull(row["value"]), flag: asNumber(row["flag"], 2), reasons: asTextList(row["reasons"]),
    time: at, timeMs,
  };
}

export interface PointLatest {
  readonly point: string;
  readonly values: LatestValue[];
}

/** A row of `GET /api/v1/analytics/latest`, or the body of `…/realtime`. */
export function readPointLatest(value: unknown): PointLatest | undefined {
  const row = asRecord(value);
  const point = asText(row["point"]);
  return point === "" ? undefined : { point, values: asList(row["values"], (item) => readLatestValue(item)) };
}

/** A `measurement` event of the live stream. */
export interface LiveMeasurement extends PointLatest {
  readonly client: string;
  readonly timeMs: number;
}

/** Parses an event's data; undefined when it is not a measurement. */
export function readLiveMeasurement(data: string): LiveMeasurement | undefined {
  let body: unknown;
  try {
    body = JSON.parse(data);
  } catch {
    return undefined;
  }
  const row = asRecord(body);
  const timeMs = asInstantMs(row["time"]);
  const point = asText(row["point"]);
  if (point === "" || timeMs === null) return undefined;
  const values = asList(row["values"], (item) => readLatestValue(item, asText(row["time"])));
  return { point, client: asText(row["client"]), timeMs, values };
}
