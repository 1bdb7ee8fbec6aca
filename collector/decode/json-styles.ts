import { parsed, refused, type DecodeContext, type Parsed, type RowContent } from "./decoded.ts";
import { isObject, member, readDevice, RowReader, type JsonObject } from "./object-reader.ts";
import { readSourceTime } from "./source-time.ts";

/** What a key stands for, spelled without case, dashes and underscores; of several for one thing the first here counts. */
const DEVICE_NAMES = ["deviceid", "device", "sensorid", "id"];
const TIME_NAMES = ["ts", "timestamp", "time", "datetime"];
const CONTAINER_NAMES = ["data", "values", "sensors"];

/** Keys that were met, since those of loggers are few and come again and again. */
const plainNames = new Map<string, string>();
const MOST_PLAIN_NAMES = 1000;

export function plainName(key: string): string {
  const known = plainNames.get(key);
  if (known !== undefined) return known;
  const name = key.toLowerCase().replaceAll(/[-_]/g, "");
  // Whoever sends ever new keys gains nothing by it.
  if (plainNames.size < MOST_PLAIN_NAMES) plainNames.set(key, name);
  return name;
}

/** The key of an object that stands for a time, if any. */
export function timeKeyOf(object: JsonObject): string | undefined {
  return firstNamed(object, TIME_NAMES);
}

/**
 * Reads one row in any of the plain styles: values under `data`, `values` or `sensors`, or beside the id and the time. A value is a
 * scalar or `{ value, unit }`, which may have a time of its own. Texts that measure nothing, and the reserved `labels`, are labels.
 */
export function readPlainJson(row: JsonObject, context: DecodeContext): Parsed<RowContent> {
  const deviceKey = firstNamed(row, DEVICE_NAMES);
  const device = deviceKey === undefined ? parsed(null) : readDevice(member(row, deviceKey), deviceKey);
  if (!device.ok) return device;
  const timeKey = timeKeyOf(row);
  const time = timeKey === undefined ? parsed(null) : readSourceTime(member(row, timeKey), timeKey, device.value ?? "", context);
  if (!time.ok) return time;
  const reader = new RowReader(context);
  for (const [key, value] of Object.entries(row)) {
    if (key === deviceKey || key === timeKey) continue;
    const taken = takeMember(reader, { key, value, timeUs: time.value, series: device.value ?? "", context });
    if (!taken.ok) return taken;
  }
  return reader.done(device.value);
}

interface Member {
  readonly key: string;
  readonly value: unknown;
  readonly timeUs: number | null;
  readonly series: string;
  readonly context: DecodeContext;
}

function takeMember(reader: RowReader, of: Member): Parsed<null> {
  const name = plainName(of.key);
  if (name === "labels") return reader.labels.takeMap(of.value, of.key);
  if (CONTAINER_NAMES.includes(name) && isObject(of.value)) {
    for (const [key, value] of Object.entries(of.value)) {
      const taken = takeValue(reader, { ...of, key, value }, `${of.key}.${key}`);
      if (!taken.ok) return taken;
    }
    return parsed(null);
  }
  // A second name for the device or the time says nothing new, and is no measurement.
  if (DEVICE_NAMES.includes(name) || TIME_NAMES.includes(name)) {
    if (typeof of.value === "string" || typeof of.value === "number") reader.labels.set(of.key, String(of.value));
    return parsed(null);
  }
  return takeValue(reader, of, of.key);
}

function takeValue(reader: RowReader, of: Member, field: string): Parsed<null> {
  if (!isObject(of.value)) return reader.take(of.key, of.value, { field, timeUs: of.timeUs });
  if (!Object.hasOwn(of.value, "value")) return refused("wrong-type", "an object here has a value, and may have a unit and a time", `${field}.value`);
  const timeKey = timeKeyOf(of.value);
  const time = timeKey === undefined ? parsed(of.timeUs) : readSourceTime(member(of.value, timeKey), `${field}.${timeKey}`, `${of.series}\n${of.key}`, of.context);
  if (!time.ok) return time;
  const unit = member(of.value, "unit") ?? null;
  if (unit !== null && typeof unit !== "string") return refused("wrong-type", "a unit is a text", `${field}.unit`);
  for (const [key, value] of Object.entries(of.value)) {
    if (key !== "value" && key !== "unit" && key !== timeKey && typeof value === "string") reader.labels.set(`${of.key}.${key}`, value);
  }
  return reader.take(of.key, of.value["value"], { field: `${field}.value`, timeUs: time.value ?? of.timeUs, unit });
}

function firstNamed(object: JsonObject, names: readonly string[]): string | undefined {
  let best: string | undefined;
  let rank = names.length;
  for (const key of Object.keys(object)) {
    const found = names.indexOf(plainName(key));
    if (found !== -1 && found < rank) {
      best = key;
      rank = found;
    }
  }
  return best;
}
