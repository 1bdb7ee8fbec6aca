import { checkDevice } from "../decode/object-reader.ts";
import { isClientId } from "../edge/client-resolver.ts";
import { liveContext } from "../decode/decode-context.ts";
import { textOf } from "../decode/bytes.ts";
import { parsed, refused, type DecodeContext, type DecodedRow, type MessageOutcome, type Parsed, type PresenceWord, type RefusedRow } from "../decode/decoded.ts";
import { contentTypeOf, formats } from "../decode/formats.ts";
import { MAX_MESSAGE_BYTES } from "../decode/limits.ts";
import type { Mapping } from "./mapping-file.ts";
import type { MappingTable, Match } from "./mapping-table.ts";
import { isNodesWord, parseSparkplugTopic } from "./sparkplug/sparkplug-topic.ts";
import { readSparkplug } from "./sparkplug/read-message.ts";
import { SPARKPLUG_TYPE } from "./sparkplug/read-metrics.ts";

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
  /** The topic as it may be kept and shown. */
  readonly origin: string;
  readonly readings: readonly { readonly device: string; readonly row: DecodedRow; readonly labels: Readonly<Record<string, string>> }[];
  readonly refused: readonly (RefusedRow & { readonly device: string | null })[];
  /** Births, joins and deaths that the message tells of. */
  readonly words: readonly SaidOfDevice[];
  /** Retained rows without a time of their own. */
  readonly dropped: number;
}

export interface SaidOfDevice {
  readonly device: string;
  readonly word: PresenceWord;
  readonly observedAtUs: number | null;
}

export interface PresenceMessage {
  readonly kind: "presence";
  readonly mapping: string;
  readonly client: string | undefined;
  readonly source: string;
  readonly origin: string;
  readonly device: string;
  readonly word: PresenceWord;
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
  const checked = checkMatch(match, message, again);
  if (!checked.ok) return checked.refused;
  const { mapping, client, source, origin, device = "" } = checked.match;
  const { format } = mapping;
  const { payload } = message;
  if (format === "presence") {
    const word = presenceWord(payload);
    return word.ok ? { kind: "presence", mapping: mapping.name, client, source, origin, device, word: word.value } : gathered(checked.match, message, [whole(checked.match, message, word.refusal)]);
  }
  const options = again.columns === undefined ? match.options : { ...match.options, columns: again.columns };
  const context = liveContext(message.receivedAtUs, mapping.zone, options);
  return format === "sparkplug-b" ? sparkplugAlone(checked.match, message, context) : gathered(checked.match, message, formats[format](payload, context));
}

/** The mapping with its device as it is written; or the refusal of a message that is bad before it is looked into. */
export function checkMatch(match: Match, message: MqttMessage, again: AgainOptions = {}): { readonly ok: true; readonly match: Match } | { readonly ok: false; readonly refused: DecodedMessage } {
  const { origin, client } = match;
  const refuse = (refusal: RefusedRow["refusal"], of = match): { readonly ok: false; readonly refused: DecodedMessage } => ({ ok: false, refused: gathered(of, message, [whole(of, message, refusal)]) });
  if (client !== undefined && !isClientId(client)) return refuse({ why: "unknown-client", detail: `"${client}" in ${origin} is no client: a-z, 0-9 and dashes` }, { ...match, client: undefined });
  const device = match.device === undefined ? parsed(null) : checkDevice(match.device, "topic");
  if (!device.ok) return refuse(device.refusal);
  const bytes = message.payload.length;
  if (bytes > MAX_MESSAGE_BYTES && again.anySize !== true) return refuse({ why: "too-large", detail: `${bytes} bytes, where ${MAX_MESSAGE_BYTES} are the most` });
  return { ok: true, match: { ...match, device: device.value ?? undefined } };
}

function whole({ mapping: { format } }: Match, { payload }: MqttMessage, refusal: RefusedRow["refusal"]): RefusedRow {
  return { kind: "park", raw: payload, contentType: contentTypeFor(format), device: null, refusal };
}

/** A Sparkplug message by itself, as if no birth had come before it: what the collector does with a node's whole story stands in `sparkplug/`. */
function sparkplugAlone(match: Match, message: MqttMessage, context: DecodeContext): DecodedMessage {
  const topic = parseSparkplugTopic(message.topic);
  if (topic === undefined || !isNodesWord(topic)) return gathered(match, message, []);
  const says = readSparkplug(topic, message.payload, { node: undefined, device: undefined }, { context, trust: "in-order" });
  const rows = says.kind === "unborn" ? [whole(match, message, refused("awaits-birth", `no birth that is known explains ${says.what}`).refusal)] : says.kind === "bad" ? [says.row] : says.kind === "death" ? [] : says.rows;
  const words: readonly SaidOfDevice[] = says.kind === "birth" || says.kind === "death" ? [{ device: match.device ?? topic.node, word: says.kind === "birth" ? "online" : "offline", observedAtUs: null }] : [];
  return { ...gathered(match, message, rows), words };
}

function contentTypeFor(format: Mapping["format"]): string {
  if (format === "sparkplug-b") return SPARKPLUG_TYPE;
  return contentTypeOf(format === "presence" ? "number" : format);
}

/** Puts what a message's rows say under the device that its topic names. */
export function gathered(match: Match, message: MqttMessage, outcomes: readonly MessageOutcome[]): DecodedMessage {
  const readings: DecodedMessage["readings"][number][] = [];
  const refusals: RefusedRow[] = [];
  const words: SaidOfDevice[] = [];
  let dropped = 0;
  for (const outcome of outcomes) {
    if (outcome.kind === "park") {
      refusals.push({ ...outcome, device: match.device ?? outcome.device });
      continue;
    }
    const device = match.device ?? outcome.device;
    if (outcome.kind === "reading" && message.retained && outcome.observedAtUs === null) dropped++;
    else if (device === null) refusals.push({ kind: "park", raw: outcome.raw, contentType: outcome.contentType, device: null, refusal: refused("no-device", "neither the topic nor the message names a device").refusal });
    else if (outcome.kind === "presence") words.push({ device, word: outcome.word, observedAtUs: outcome.observedAtUs });
    // The topic says whose reading it is; what the message calls itself is kept beside it.
    else readings.push({ device, row: outcome, labels: outcome.device !== null && outcome.device !== device ? { device_id: outcome.device } : {} });
  }
  return { kind: "readings", mapping: match.mapping.name, client: match.client, source: match.source, origin: match.origin, readings, refused: refusals, words, dropped };
}

/** Words of presence: our own, Tasmota's, and Homie's states. */
const WORDS: Readonly<Record<string, PresenceWord>> = { online: "online", offline: "offline", init: "online", ready: "online", sleeping: "online", alert: "online", disconnected: "offline", lost: "offline" };

function presenceWord(payload: Uint8Array): Parsed<PresenceWord> {
  const text = textOf(payload);
  if (!text.ok) return text;
  const written = text.value.trim().toLowerCase();
  if (written === "") return refused("empty", "there is nothing in it");
  const word = Object.hasOwn(WORDS, written) ? WORDS[written] : undefined;
  return word === undefined ? refused("wrong-type", `one of ${Object.keys(WORDS).join(", ")} is expected`) : parsed(word);
}
