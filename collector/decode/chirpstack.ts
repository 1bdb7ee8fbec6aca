import { parsed, refused, type DecodeContext, type Parsed, type RowContent } from "./decoded.ts";
import { takeTree } from "./lora-payload.ts";
import { isObject, member, readDevice, RowReader, type JsonObject } from "./object-reader.ts";
import { readSourceTime } from "./source-time.ts";
import { askedDecoder, takeFrame } from "./uplink-frame.ts";

/** An event of ChirpStack v4. */
export function isChirpStack(row: JsonObject): boolean {
  const info = member(row, "deviceInfo");
  return isObject(info) && Object.hasOwn(info, "devEui");
}

/** Reads `up` and `status` events; `join` is a word of presence. */
export function readChirpStack(row: JsonObject, context: DecodeContext): Parsed<RowContent> {
  const info = member(row, "deviceInfo");
  if (!isObject(info)) return refused("wrong-type", "an event of ChirpStack v4 names its device", "deviceInfo");
  const device = readDevice(member(info, "devEui"), "deviceInfo.devEui");
  if (!device.ok) return device;
  const time = readSourceTime(member(row, "time"), "time", device.value ?? "", context);
  if (!time.ok) return time;
  const reader = new RowReader(context);
  const event: NetworkEvent = { row, reader, device: device.value, timeUs: time.value, profile: textOrUndefined(member(info, "deviceProfileName")), context };
  takeTexts(reader, [["deduplicationId", member(row, "deduplicationId")], ["deviceName", member(info, "deviceName")]]);
  if (isStatus(row)) return readStatus(event);
  if (isJoin(row)) return parsed({ device: device.value, samples: [], labels: {}, presence: { word: "online", observedAtUs: time.value } });
  const payload = member(row, "object");
  return readUp(event, isObject(payload) ? payload : undefined);
}

/** What every event of either version is read from. */
export interface NetworkEvent {
  readonly row: JsonObject;
  readonly reader: RowReader;
  readonly device: string | null;
  readonly timeUs: number | null;
  readonly profile: string | undefined;
  readonly context: DecodeContext;
}

/** The values of an `up` event: from a decoder of ours where the mapping names one, else as the network's codec made them, else by the profile's name. */
export function readUp(event: NetworkEvent, payload: JsonObject | undefined): Parsed<RowContent> {
  const { row, reader, device, timeUs, profile, context } = event;
  // Zero is left out on the way.
  reader.labels.set("fCnt", String(member(row, "fCnt") ?? 0));
  takeTexts(reader, [["fPort", member(row, "fPort")]]);
  const written = member(row, "fPort");
  const fPort = typeof written === "number" ? written : null;
  const asked = askedDecoder(context.options, { profile, fPort });
  const taken = payload !== undefined && asked === undefined
    ? takeTree(reader, payload, { prefix: "", field: "object", timeUs, series: device ?? "", context })
    : takeFrame(reader, { data: member(row, "data"), fPort, profile, field: "data", timeUs }, context);
  return taken.ok ? reader.done(device) : taken;
}

/** Link margin and battery; a device on mains has no battery level. */
export function readStatus({ row, reader, device, timeUs }: NetworkEvent): Parsed<RowContent> {
  const numbers: readonly (readonly [string, string])[] = [["margin", "dB"], ["batteryLevel", "%"]];
  const hasBattery = member(row, "externalPowerSource") !== true && member(row, "batteryLevelUnavailable") !== true;
  for (const [key, unit] of numbers) {
    const value = member(row, key);
    if (value === undefined || (key === "batteryLevel" && !hasBattery)) continue;
    const taken = reader.take(key, value, { field: key, timeUs, unit });
    if (!taken.ok) return taken;
  }
  reader.labels.set("externalPowerSource", String(member(row, "externalPowerSource") === true));
  return reader.done(device);
}

export function isStatus(row: JsonObject): boolean {
  return (Object.hasOwn(row, "margin") || Object.hasOwn(row, "batteryLevel")) && !isUp(row);
}

export function isJoin(row: JsonObject): boolean {
  return Object.hasOwn(row, "devAddr") && !isUp(row);
}

/** Only what a gateway heard has these. */
function isUp(row: JsonObject): boolean {
  return ["object", "objectJSON", "data", "fPort", "fCnt", "txInfo"].some((key) => Object.hasOwn(row, key));
}

export function takeTexts(reader: RowReader, texts: readonly (readonly [string, unknown])[]): void {
  for (const [name, value] of texts) if ((typeof value === "string" && value !== "") || typeof value === "number") reader.labels.set(name, String(value));
}

export function textOrUndefined(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}
