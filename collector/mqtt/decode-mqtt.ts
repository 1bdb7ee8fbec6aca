import { checkDevice } from "../decode/object-reader.ts";
import { isClientId } from "../edge/client-resolver.ts";
import { liveContext } from "../decode/decode-context.ts";
import { textOf } from "../decode/bytes.ts";
import { parsed, refused, type DecodedRow, type Parsed, type RefusedRow, type RowOutcome } from "../decode/decoded.ts";
import { contentTypeOf, formats } from "../decode/formats.ts";
import { MAX_MESSAGE_BYTES } from "../decode/limits.ts";
import type { MappingTable, Match } from "./mapping-table.ts";

export interface MqttMessage {
  readonly topic: string;
  readonly payload: Uint8Array;
  readonly receivedAtUs: number;
  /** True for a message that the broker kept from before the subscription: nobody knows how old it is. */
  readonly retained: boolean;
}

/** What a message gives, its client not yet looked up. */
export interface DecodedMessage {
  readonly kind: "readings";
  readonly mapping: string;
  /** From the topic; undefined when the topic does not say. */
  readonly client: string | undefined;
  readonly source: string;
  readonly readings: readonly { readonly device: string; readonly row: DecodedRow; readonly labels: Readonly<Record<string, string>> }[];
  readonly refused: readonly (RefusedRow & { readonly device: string | null })[];
  /** Retained rows without a time of their own. */
  readonly dropped: number;
}

export interface PresenceMessage {
  readonly kind: "presence";
  readonly mapping: string;
  readonly client: string | undefined;
  readonly source: string;
  readonly device: string;
  readonly word: "online" | "offline";
}

/** When a person asks for what was parked. */
export interface AgainOptions {
  /** Also what was too large for the edge. */
  readonly anySize?: boolean;
  /** Columns that a line of CSV stood under. */
  readonly columns?: readonly string[] | undefined;
}

export type MqttOutcome = { readonly kind: "unmapped" } | DecodedMessage | PresenceMessage;

/**
 * Decodes one message with the mapping of its topic. What cannot be used is refused row by row, whole where the message as such is
 * bad.
 */
export function decodeMqtt(mappings: MappingTable, message: MqttMessage, again: AgainOptions = {}): MqttOutcome {
  const match = mappings.find(message.topic);
  if (match === undefined) return { kind: "unmapped" };
  const { topic, payload } = message;
  const isNamed = match.client === undefined || isClientId(match.client);
  const whole = (refusal: RefusedRow["refusal"]): DecodedMessage => gathered({ ...match, client: isNamed ? match.client : undefined }, message, [
    { kind: "park", raw: payload, contentType: contentTypeOf(match.mapping.format === "presence" ? "number" : match.mapping.format), device: null, refusal },
  ]);
  if (!isNamed) return whole({ why: "unknown-client", detail: `"${match.client}" in ${topic} is no client: a-z, 0-9 and dashes` });
  const device = match.device === undefined ? parsed(null) : checkDevice(match.device, "topic");
  if (!device.ok) return whole(device.refusal);
  if (payload.length > MAX_MESSAGE_BYTES && again.anySize !== true) return whole({ why: "too-large", detail: `${payload.length} bytes, where ${MAX_MESSAGE_BYTES} are the most` });
  if (match.mapping.format === "presence") {
    const word = presenceWord(payload);
    return word.ok ? { kind: "presence", mapping: match.mapping.name, client: match.client, source: match.source, device: device.value ?? "", word: word.value } : whole(word.refusal);
  }
  const options = again.columns === undefined ? match.mapping.options : { ...match.mapping.options, columns: again.columns };
  const context = liveContext(message.receivedAtUs, match.mapping.zone, options);
  return gathered({ ...match, device: device.value ?? undefined }, message, formats[match.mapping.format](payload, context));
}

function gathered(match: Match, message: MqttMessage, outcomes: readonly RowOutcome[]): DecodedMessage {
  const readings: DecodedMessage["readings"][number][] = [];
  const refusals: RefusedRow[] = [];
  let dropped = 0;
  for (const outcome of outcomes) {
    if (outcome.kind === "park") {
      refusals.push({ ...outcome, device: match.device ?? outcome.device });
      continue;
    }
    const device = match.device ?? outcome.device;
    if (message.retained && outcome.observedAtUs === null) dropped++;
    else if (device === null) refusals.push({ kind: "park", raw: outcome.raw, contentType: outcome.contentType, device: null, refusal: refused("no-device", "neither the topic nor the message names a device").refusal });
    // The topic says whose reading it is; what the message calls itself is kept beside it.
    else readings.push({ device, row: outcome, labels: outcome.device !== null && outcome.device !== device ? { device_id: outcome.device } : {} });
  }
  return { kind: "readings", mapping: match.mapping.name, client: match.client, source: match.source, readings, refused: refusals, dropped };
}

function presenceWord(payload: Uint8Array): Parsed<"online" | "offline"> {
  const text = textOf(payload);
  if (!text.ok) return text;
  const word = text.value.trim().toLowerCase();
  if (word === "") return refused("empty", "there is nothing in it");
  return word === "online" || word === "offline" ? parsed(word) : refused("wrong-type", "the word online or offline is expected");
}
