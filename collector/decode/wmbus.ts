import { refused, type DecodeContext, type Parsed, type RowContent } from "./decoded.ts";
import { member, readDevice, RowReader, type JsonObject } from "./object-reader.ts";
import { readSourceTime } from "./source-time.ts";

/** Ends of names that say the unit, longest first. */
const UNITS: readonly (readonly [string, string])[] = [
  ["_m3h", "m3/h"], ["_m3ph", "m3/h"], ["_m3", "m3"], ["_lh", "L/h"], ["_l", "L"], ["_c", "Cel"], ["_f", "degF"], ["_bar", "bar"], ["_v", "V"], ["_dbm", "dBm"], ["_kwh", "kWh"], ["_pct", "%"],
];
/** What the receiver says of itself and of the telegram; `device` is the radio, not the meter. */
const ABOUT = ["media", "meter", "name", "device", "_"];

/** A telegram that wmbusmeters decoded. */
export function isWMBus(row: JsonObject): boolean {
  return typeof member(row, "media") === "string" && typeof member(row, "meter") === "string" && Object.hasOwn(row, "id") && Object.hasOwn(row, "timestamp");
}

/** Reads a meter's telegram as wmbusmeters writes it: the unit is in the name's end, texts such as `current_status` are labels. */
export function readWMBus(row: JsonObject, context: DecodeContext): Parsed<RowContent> {
  const device = readDevice(member(row, "id"), "id");
  if (!device.ok) return device;
  const time = readSourceTime(member(row, "timestamp"), "timestamp", device.value ?? "", context);
  if (!time.ok) return time;
  const reader = new RowReader(context);
  for (const [key, value] of Object.entries(row)) {
    if (key === "id" || key === "timestamp" || value === null) continue;
    if (ABOUT.includes(key)) {
      if (typeof value === "string") reader.labels.set(key === "device" ? "receiver" : key, value);
      continue;
    }
    if (typeof value === "object") return refused("wrong-type", "a telegram's values are numbers and texts", key);
    const taken = reader.take(key, value, { field: key, timeUs: time.value, unit: unitOf(key) });
    if (!taken.ok) return taken;
  }
  return reader.done(device.value);
}

function unitOf(key: string): string | null {
  return UNITS.find(([end]) => key.endsWith(end))?.[1] ?? null;
}
