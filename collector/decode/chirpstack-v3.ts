import { bufferOf } from "./bytes.ts";
import { isJoin, isStatus, readStatus, readUp, takeTexts, textOrUndefined, type NetworkEvent } from "./chirpstack.ts";
import { parsed, refused, type DecodeContext, type Parsed, type RowContent } from "./decoded.ts";
import { parseJson } from "./json-rows.ts";
import { isObject, member, RowReader, type JsonObject } from "./object-reader.ts";
import { readSourceTime } from "./source-time.ts";
import { base64Bytes } from "./uplink-frame.ts";

const EUI_BYTES = 8;

/** An event as ChirpStack v3 wrote it. */
export function isChirpStackV3(row: JsonObject): boolean {
  return Object.hasOwn(row, "applicationID") && Object.hasOwn(row, "devEUI");
}

/**
 * Reads events of ChirpStack v3: the device's id is base64 (or hex, as its administrator chose), the decoded object is a text of JSON, and
 * the time stands with the gateways that heard it.
 */
export function readChirpStackV3(row: JsonObject, context: DecodeContext): Parsed<RowContent> {
  const device = euiOf(member(row, "devEUI"));
  if (device === undefined) return refused("unsupported-format", "a device of ChirpStack v3 is named by 8 bytes in base64 or hex", "devEUI");
  const time = timeOf(row, device, context);
  if (!time.ok) return time;
  const reader = new RowReader(context);
  const event: NetworkEvent = { row, reader, device, timeUs: time.value, profile: textOrUndefined(member(row, "deviceProfileName")), context };
  takeTexts(reader, [["deviceName", member(row, "deviceName")]]);
  if (isStatus(row)) return readStatus(event);
  if (isJoin(row)) return parsed({ device, samples: [], labels: {}, presence: { word: "online", observedAtUs: time.value } });
  const payload = objectOf(row);
  return payload.ok ? readUp(event, payload.value) : payload;
}

function euiOf(value: unknown): string | undefined {
  if (typeof value === "string" && /^[0-9a-f]{16}$/i.test(value)) return value.toLowerCase();
  const bytes = base64Bytes(value);
  return bytes?.length === EUI_BYTES ? bufferOf(bytes).toString("hex") : undefined;
}

/** The decoded object; undefined where there was no codec, which is an empty text. */
function objectOf(row: JsonObject): Parsed<JsonObject | undefined> {
  const plain = member(row, "object");
  if (isObject(plain)) return parsed(plain);
  const written = member(row, "objectJSON");
  if (written === undefined || written === null || written === "") return parsed(undefined);
  if (typeof written !== "string") return refused("wrong-type", "the decoded object is a text of JSON", "objectJSON");
  const value = parseJson(Buffer.from(written));
  if (!value.ok) return refused(value.refusal.why, value.refusal.detail, "objectJSON");
  return isObject(value.value) ? parsed(value.value) : parsed(undefined);
}

/** When the first gateway heard it; gateways without a clock write none. */
function timeOf(row: JsonObject, device: string, context: DecodeContext): Parsed<number | null> {
  const gateways = member(row, "rxInfo");
  let earliest: number | null = null;
  for (const [at, gateway] of (Array.isArray(gateways) ? gateways : []).entries()) {
    if (!isObject(gateway)) continue;
    const time = readSourceTime(member(gateway, "time"), `rxInfo.${at}.time`, device, context);
    if (!time.ok) return time;
    if (time.value !== null && (earliest === null || time.value < earliest)) earliest = time.value;
  }
  return earliest === null ? readSourceTime(member(row, "publishedAt"), "publishedAt", device, context) : parsed(earliest);
}
