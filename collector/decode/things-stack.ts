import { refused, type DecodeContext, type Parsed, type RowContent } from "./decoded.ts";
import { takeTree } from "./lora-payload.ts";
import { askedDecoder, takeFrame, type UplinkFrame } from "./uplink-frame.ts";
import { isObject, member, readDevice, RowReader, type JsonObject } from "./object-reader.ts";
import { readSourceTime } from "./source-time.ts";

/** An uplink of The Things Stack v3, by MQTT, webhook, or a line of its storage (which wraps it in `result`). */
export function isThingsStack(row: JsonObject): boolean {
  return isObject(member(unwrapped(row), "end_device_ids"));
}

/** A message of the v2 network, which was closed. */
export function isThingsNetworkV2(row: JsonObject): boolean {
  return Object.hasOwn(row, "dev_id") && Object.hasOwn(row, "app_id") && (Object.hasOwn(row, "payload_raw") || Object.hasOwn(row, "payload_fields"));
}

export function readThingsStack(row: JsonObject, context: DecodeContext): Parsed<RowContent> {
  const message = unwrapped(row);
  const ids = member(message, "end_device_ids");
  const uplink = member(message, "uplink_message");
  if (!isObject(ids)) return refused("wrong-type", "an uplink of The Things Stack names its end device", "end_device_ids");
  const device = readDevice(member(ids, "device_id"), "end_device_ids.device_id");
  if (!device.ok) return device;
  if (!isObject(uplink)) return refused("unsupported-format", "only uplink messages carry readings", "uplink_message");
  const payload = member(uplink, "decoded_payload");
  const received = member(uplink, "received_at") === undefined ? "received_at" : "uplink_message.received_at";
  const time = readSourceTime(member(uplink, "received_at") ?? member(message, "received_at"), received, device.value ?? "", context);
  if (!time.ok) return time;
  const reader = new RowReader(context);
  takeIds(reader, message, ids, uplink);
  const frame = frameOf(uplink, time.value);
  const taken = isObject(payload) && askedDecoder(context.options, frame) === undefined
    ? takeTree(reader, payload, { prefix: "", field: "uplink_message.decoded_payload", timeUs: time.value, series: device.value ?? "", context })
    : takeFrame(reader, frame, context);
  return taken.ok ? reader.done(device.value) : taken;
}

/** The bytes for a decoder of ours, where the application has no formatter or the mapping names a decoder. */
function frameOf(uplink: JsonObject, timeUs: number | null): UplinkFrame {
  const fPort = member(uplink, "f_port");
  const version = member(uplink, "version_ids");
  const model = isObject(version) ? member(version, "model_id") : undefined;
  return {
    data: member(uplink, "frm_payload"), fPort: typeof fPort === "number" ? fPort : null, profile: typeof model === "string" ? model : undefined,
    field: "uplink_message.frm_payload", timeUs,
  };
}

function takeIds(reader: RowReader, message: JsonObject, ids: JsonObject, uplink: JsonObject): void {
  // Empty protobuf fields are left out, so that a missing counter is the first frame's.
  reader.labels.set("f_cnt", String(member(uplink, "f_cnt") ?? 0));
  for (const [name, value] of [["dev_eui", member(ids, "dev_eui")], ["f_port", member(uplink, "f_port")], ["session_key_id", member(uplink, "session_key_id")]] as const) {
    if (typeof value === "string" || typeof value === "number") reader.labels.set(name, String(value));
  }
  if (member(message, "simulated") === true || member(uplink, "simulated") === true) reader.labels.set("simulated", "true");
}

function unwrapped(row: JsonObject): JsonObject {
  const result = member(row, "result");
  return isObject(result) ? result : row;
}

export const thingsNetworkV2 = refused("dead-format", "this is a message of The Things Network v2, which was closed; send v3");
