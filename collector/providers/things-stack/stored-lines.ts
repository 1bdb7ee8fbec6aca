import { parseInstant } from "@caudal/core";
import { linesOf, trimmed } from "../../decode/bytes.ts";
import { liveContext } from "../../decode/decode-context.ts";
import { newestTimeUs, refused, type Parsed, type RowContent } from "../../decode/decoded.ts";
import { parseJson } from "../../decode/json-rows.ts";
import { isObject, member, type JsonObject } from "../../decode/object-reader.ts";
import { isThingsNetworkV2, readThingsStack, thingsNetworkV2 } from "../../decode/things-stack.ts";

/** A line of the storage's answer. */
export type StoredLine =
  | { readonly kind: "message"; readonly raw: Uint8Array; readonly content: Parsed<RowContent>; readonly timeUs: number | undefined; readonly receivedUs: number | undefined; readonly isSimulated: boolean }
  | { readonly kind: "error"; readonly code: number | undefined; readonly detail: string; readonly token: string | undefined }
  | { readonly kind: "broken"; readonly raw: Uint8Array; readonly detail: string };

const EVENT_DATA = Buffer.from("data:");

/** Lines of an answer, blank ones left out. Nobody closes the stream with a bracket: a line that was cut off is `broken`, those before it count. */
export function storedLines(body: Uint8Array, nowUs: number): readonly StoredLine[] {
  return [...linesOf(body)].map((line) => readLine(withoutField(line), nowUs));
}

/** The body is said to be an event stream and is not; a proxy that makes it one puts `data:` before each line. */
function withoutField(line: Uint8Array): Uint8Array {
  return EVENT_DATA.equals(line.subarray(0, EVENT_DATA.length)) ? trimmed(line.subarray(EVENT_DATA.length)) : line;
}

function readLine(raw: Uint8Array, nowUs: number): StoredLine {
  const json = parseJson(raw);
  if (!json.ok) return { kind: "broken", raw, detail: json.refusal.detail };
  if (!isObject(json.value)) return { kind: "broken", raw, detail: "a line is an object with result or error" };
  const error = member(json.value, "error");
  if (isObject(error)) return { kind: "error", code: codeOf(error), detail: textOf(error), token: tokenIn(error, 0) };
  return messageOf(raw, json.value, nowUs);
}

function messageOf(raw: Uint8Array, row: JsonObject, nowUs: number): StoredLine {
  const result = member(row, "result");
  const message = isObject(result) ? result : row;
  const uplink = member(message, "uplink_message");
  const content = isThingsNetworkV2(message) ? thingsNetworkV2 : isObject(member(message, "end_device_ids")) ? readThingsStack(message, liveContext(nowUs)) : refused("wrong-type", "a stored message names its end device", "end_device_ids");
  const [received, atNetwork] = [instantOf(member(message, "received_at")), isObject(uplink) ? instantOf(member(uplink, "received_at")) : undefined];
  const isSimulated = content.ok && content.value.labels["simulated"] === "true";
  return { kind: "message", raw, content, timeUs: content.ok ? (newestTimeUs(content.value.samples) ?? undefined) : undefined, receivedUs: received ?? atNetwork, isSimulated };
}

/** Nanoseconds are cut, not rounded: the same message by MQTT has the same time. */
function instantOf(value: unknown): number | undefined {
  return typeof value === "string" ? parseInstant(value) : undefined;
}

function codeOf(error: JsonObject): number | undefined {
  const code = member(error, "code") ?? member(error, "grpc_code");
  return typeof code === "number" ? code : undefined;
}

function textOf(error: JsonObject): string {
  const text = member(error, "message");
  return typeof text === "string" && text !== "" ? text.slice(0, 300) : "an error without a message";
}

/** Where a query took too long, its error carries the token that goes on from there. */
function tokenIn(value: unknown, depth: number): string | undefined {
  if (depth > 8 || typeof value !== "object" || value === null) return undefined;
  for (const [key, inner] of Object.entries(value)) {
    if (key === "continuation_token" && typeof inner === "string" && inner !== "") return inner;
    const found = tokenIn(inner, depth + 1);
    if (found !== undefined) return found;
  }
  return undefined;
}
