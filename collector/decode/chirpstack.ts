import { refused, type DecodeContext, type Parsed, type RowContent } from "./decoded.ts";
import { takeTree } from "./lora-payload.ts";
import { isObject, member, readDevice, RowReader, type JsonObject } from "./object-reader.ts";
import { readSourceTime } from "./source-time.ts";

/** An `up` event of ChirpStack v4. */
export function isChirpStack(row: JsonObject): boolean {
  const info = member(row, "deviceInfo");
  return isObject(info) && Object.hasOwn(info, "devEui");
}

/** The same event as v3 wrote it. */
export function isChirpStackV3(row: JsonObject): boolean {
  return Object.hasOwn(row, "applicationID") && Object.hasOwn(row, "devEUI");
}

export function readChirpStack(row: JsonObject, context: DecodeContext): Parsed<RowContent> {
  const info = member(row, "deviceInfo");
  if (!isObject(info)) return refused("wrong-type", "an event of ChirpStack v4 names its device", "deviceInfo");
  const device = readDevice(member(info, "devEui"), "deviceInfo.devEui");
  if (!device.ok) return device;
  const payload = member(row, "object");
  if (!isObject(payload)) return refused("no-samples", "there is no decoded object: the device profile has no codec", "object");
  const time = readSourceTime(member(row, "time"), "time", device.value ?? "", context);
  if (!time.ok) return time;
  const reader = new RowReader(context);
  reader.labels.set("fCnt", String(member(row, "fCnt") ?? 0));
  for (const [name, value] of [["deduplicationId", member(row, "deduplicationId")], ["deviceName", member(info, "deviceName")], ["fPort", member(row, "fPort")]] as const) {
    if (typeof value === "string" || typeof value === "number") reader.labels.set(name, String(value));
  }
  const taken = takeTree(reader, payload, { prefix: "", field: "object", timeUs: time.value, series: device.value ?? "", context });
  return taken.ok ? reader.done(device.value) : taken;
}

export const chirpStackV3 = refused("unsupported-format", "this is an event of ChirpStack v3; v4 is read");
