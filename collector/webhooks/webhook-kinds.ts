import { createHash } from "node:crypto";
import { parsed, refused, type Parsed } from "../decode/decoded.ts";
import type { FormatName } from "../decode/formats.ts";
import { parseJson } from "../decode/json-rows.ts";
import { isObject, member, type JsonObject } from "../decode/object-reader.ts";

/** What one call of a network is about. */
export type Call =
  /** `key` names the event for ever: a call that is sent again has the same. `device` where the message says it in a way that no format reads. */
  | { readonly kind: "uplink"; readonly key: readonly (string | number)[]; readonly device?: string | undefined }
  /** A device joined: it is there. */
  | { readonly kind: "join"; readonly key: readonly (string | number)[]; readonly device: string }
  /** Something that carries no reading. */
  | { readonly kind: "other"; readonly what: string };

export interface CallAsk {
  readonly body: JsonObject;
  readonly raw: Uint8Array;
  /** The event that the URL names, by its path or `?event=`. */
  readonly event: string | undefined;
  readonly device: string | undefined;
}

interface KindRow {
  readonly source: string;
  readonly format: FormatName;
  readonly read: (ask: CallAsk) => Parsed<Call>;
}

/** One row a network that calls. */
export const kinds = {
  "the-things-stack": { source: "things-stack", format: "things-stack-v3", read: ofThingsStack },
  chirpstack: { source: "chirpstack", format: "json", read: ofChirpStack },
  "thethings-io": { source: "thethings-io", format: "json", read: ofThethingsIo },
} as const satisfies Record<string, KindRow>;

export type WebhookKind = keyof typeof kinds;
export const webhookKinds = Object.keys(kinds) as readonly WebhookKind[];

export function isWebhookKind(text: string): text is WebhookKind {
  return Object.hasOwn(kinds, text);
}

/** What a call is about; refused when its body is no JSON object. */
export function readCall(kind: WebhookKind, ask: Omit<CallAsk, "body">): Parsed<Call> {
  const value = parseJson(ask.raw);
  if (!value.ok) return value;
  return isObject(value.value) ? kinds[kind].read({ ...ask, body: value.value }) : refused("wrong-type", "a call carries a JSON object");
}

/** `f_cnt` begins anew at each join, which the session's key tells apart. */
function ofThingsStack({ body, raw }: CallAsk): Parsed<Call> {
  const ids = member(body, "end_device_ids");
  const device = isObject(ids) ? member(ids, "device_id") : undefined;
  const eui = isObject(ids) ? member(ids, "dev_eui") : undefined;
  const uplink = member(body, "uplink_message");
  const named = textOf(eui) ?? textOf(device);
  if (isObject(uplink) && named !== undefined) {
    const session = textOf(member(uplink, "session_key_id"));
    // A message that the console made has no session: the same body is then the same event.
    const last = session === undefined ? hashOf(raw) : String(member(uplink, "f_port") ?? 0);
    return parsed({ kind: "uplink", key: [named, session ?? "", String(member(uplink, "f_cnt") ?? 0), last] });
  }
  const join = member(body, "join_accept");
  if (isObject(join) && typeof device === "string") return parsed({ kind: "join", key: [named ?? device, textOf(member(join, "session_key_id")) ?? hashOf(raw)], device });
  const other = ["downlink_ack", "downlink_nack", "downlink_sent", "downlink_failed", "downlink_queued", "downlink_queue_invalidated", "location_solved", "service_data", "uplink_normalized"].find((name) => Object.hasOwn(body, name));
  // What is neither is looked at by the decoder, which says what is wrong with it.
  return parsed(other === undefined ? { kind: "uplink", key: [hashOf(raw)] } : { kind: "other", what: other });
}

function ofChirpStack({ body, raw, event = "up" }: CallAsk): Parsed<Call> {
  const info = member(body, "deviceInfo");
  const device = isObject(info) ? textOf(member(info, "devEui")) : euiOf(member(body, "devEUI"));
  const deduplication = textOf(member(body, "deduplicationId"));
  if (event === "join" && device !== undefined) return parsed({ kind: "join", key: [deduplication ?? hashOf(raw), device], device });
  if (event !== "up") return parsed({ kind: "other", what: event });
  if (deduplication !== undefined) return parsed({ kind: "uplink", key: [deduplication] });
  // v3 has no id of its own: the frame's counter within its session, and the frame.
  const frame = hashOf(Buffer.from(JSON.stringify([member(body, "data") ?? null, member(body, "objectJSON") ?? null])));
  const counted = Object.hasOwn(body, "fCnt") && device !== undefined;
  return parsed({ kind: "uplink", key: counted ? [device, textOf(member(body, "devAddr")) ?? "", String(member(body, "fCnt")), frame] : [hashOf(raw)] });
}

/** A trigger writes its own body: `values` as the service has them, and a thing's id or name. The thing's token is a secret and must stay out of it. */
function ofThethingsIo({ body, raw, device }: CallAsk): Parsed<Call> {
  for (const name of ["thingToken", "thing_token", "token"]) {
    if (Object.hasOwn(body, name)) return refused("wrong-type", "a thing's token is a secret; send the thing's id or name instead", name);
  }
  const named = device ?? ["thing_id", "thingId", "thing", "thingName"].map((name) => textOf(member(body, name))).find((text) => text !== undefined);
  return parsed({ kind: "uplink", key: [hashOf(raw), named ?? ""], device: named });
}

function euiOf(value: unknown): string | undefined {
  if (typeof value !== "string") return undefined;
  if (/^[0-9a-f]{16}$/i.test(value)) return value.toLowerCase();
  const bytes = Buffer.from(value, "base64");
  return bytes.length === 8 ? bytes.toString("hex") : undefined;
}

function textOf(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}

function hashOf(raw: Uint8Array): string {
  return createHash("sha256").update(raw).digest("hex");
}
