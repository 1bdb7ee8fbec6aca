import { refused, type DecodeContext, type Parsed, type RowContent } from "./decoded.ts";
import { readDevice, member, RowReader, type JsonObject } from "./object-reader.ts";
import { readSourceTime } from "./source-time.ts";

/** A message of a NOVUS LogBox on its own broker topics. */
export function isNovus(row: JsonObject): boolean {
  return Array.isArray(member(row, "value_channels")) && Object.hasOwn(row, "timestamp");
}

/** Numbers that stand beside the channels. */
const NUMBERS: Readonly<Record<string, string | null>> = { battery: "V" };

/**
 * Reads channels, alarms and battery of a NOVUS logger: channel n is the key `chn`. The time is Unix seconds or days since 1899-12-30, told
 * apart by size, in the mapping's zone. Alarms and all else that measures nothing are labels.
 */
export function readNovus(row: JsonObject, context: DecodeContext): Parsed<RowContent> {
  const device = readDevice(member(row, "serial") ?? member(row, "serial_number") ?? null, "serial");
  if (!device.ok) return device;
  const time = readSourceTime(member(row, "timestamp"), "timestamp", device.value ?? "", context);
  if (!time.ok) return time;
  const reader = new RowReader(context);
  const channels = member(row, "value_channels") ?? [];
  if (!Array.isArray(channels)) return refused("wrong-type", "the channels are an array", "value_channels");
  for (const [at, value] of channels.entries()) {
    const taken = reader.take(`ch${at + 1}`, value, { field: `value_channels.${at}`, timeUs: time.value });
    if (!taken.ok) return taken;
  }
  for (const [key, value] of Object.entries(row)) {
    if (["value_channels", "timestamp", "serial", "serial_number"].includes(key)) continue;
    const unit = Object.hasOwn(NUMBERS, key) ? NUMBERS[key] : undefined;
    if (unit !== undefined) {
      const taken = reader.take(key, value, { field: key, timeUs: time.value, unit });
      if (!taken.ok) return taken;
    } else {
      const text = labelText(value);
      if (text !== undefined) reader.labels.set(key, text);
    }
  }
  return reader.done(device.value);
}

function labelText(value: unknown): string | undefined {
  if (Array.isArray(value)) return value.every((item) => item === null || typeof item !== "object") ? value.map(String).join(",") : JSON.stringify(value);
  return value === null || typeof value === "object" ? undefined : String(value);
}
