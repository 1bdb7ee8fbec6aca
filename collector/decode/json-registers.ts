import { parsed, refused, type DecodeContext, type Parsed, type RowContent } from "./decoded.ts";
import { member, isObject, readDevice, RowReader, type JsonObject } from "./object-reader.ts";
import { readRegisters } from "./register-map.ts";
import { timeKeyOf } from "./json-styles.ts";
import { readSourceTime } from "./source-time.ts";

const DEVICE_NAMES = ["device_id", "deviceId", "device", "id", "serial"];
const CONTAINERS = ["registers", "words", "values", "data"];

/** Modbus registers as JSON: words by name beside the device and the time or in `registers`, `words`, `values`, `data`, or an array of them. */
export function readJsonRegisters(row: JsonObject, context: DecodeContext): Parsed<RowContent> {
  const { registers } = context.options;
  if (registers === undefined || registers.length === 0) return refused("unsupported-format", "the mapping names no registers");
  const deviceKey = DEVICE_NAMES.find((name) => Object.hasOwn(row, name));
  const device = deviceKey === undefined ? parsed(null) : readDevice(member(row, deviceKey), deviceKey);
  if (!device.ok) return device;
  const timeKey = timeKeyOf(row);
  const time = timeKey === undefined ? parsed(null) : readSourceTime(member(row, timeKey), timeKey, device.value ?? "", context);
  if (!time.ok) return time;
  const values = readRegisters(registers, wordsOf(row));
  if (!values.ok) return values;
  const reader = new RowReader(context);
  for (const { key, value, unit } of values.value) {
    const taken = reader.take(key, value, { field: key, timeUs: time.value, unit });
    if (!taken.ok) return taken;
  }
  return reader.done(device.value);
}

function wordsOf(row: JsonObject): (name: string) => unknown {
  const container = CONTAINERS.map((name) => member(row, name)).find((value) => isObject(value) || Array.isArray(value)) ?? row;
  return (name) => (Array.isArray(container) ? (/^\d+$/.test(name) ? (container as readonly unknown[])[Number(name)] : undefined) : isObject(container) ? member(container, name) : undefined);
}
