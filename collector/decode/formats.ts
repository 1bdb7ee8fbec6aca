import { trimmed } from "./bytes.ts";
import { CBOR_TYPE, parseCbor } from "./cbor.ts";
import { cborRows } from "./cbor-items.ts";
import { isChirpStack, readChirpStack } from "./chirpstack.ts";
import { isChirpStackV3, readChirpStackV3 } from "./chirpstack-v3.ts";
import { CSV, readCsv } from "./csv.ts";
import { newestTimeUs, refused, type DecodeContext, type MessageOutcome, type Parsed, type RowContent, type RowOutcome } from "./decoded.ts";
import { readFrame } from "./frame.ts";
import { readJsonRegisters } from "./json-registers.ts";
import { jsonRows, parseJson } from "./json-rows.ts";
import { readPlainJson } from "./json-styles.ts";
import { readTree } from "./json-tree.ts";
import { isKeyValue, isKeyValueList, readKeyValues } from "./key-values.ts";
import { isNovus, readNovus } from "./novus.ts";
import { isObject, type JsonObject } from "./object-reader.ts";
import { readPlainNumber } from "./plain-number.ts";
import { isMeasuredText } from "./scalar.ts";
import { isThingsNetworkV2, isThingsStack, readThingsStack, thingsNetworkV2 } from "./things-stack.ts";
import { isWMBus, readWMBus } from "./wmbus.ts";

export const JSON_TYPE = "application/json";
export const NUMBER_TYPE = "text/plain";
export const BYTES_TYPE = "application/octet-stream";

type ReadObject = (row: JsonObject, context: DecodeContext) => Parsed<RowContent>;

/** Shapes of an object that are told by what is in it; the first that fits reads it, the plain styles read the rest. */
const shapes: readonly { readonly fits: (row: JsonObject) => boolean; readonly read: ReadObject }[] = [
  { fits: isThingsStack, read: readThingsStack },
  { fits: isChirpStack, read: readChirpStack },
  { fits: isThingsNetworkV2, read: () => thingsNetworkV2 },
  { fits: isChirpStackV3, read: readChirpStackV3 },
  { fits: isNovus, read: readNovus },
  { fits: isWMBus, read: readWMBus },
  { fits: isKeyValueList, read: readKeyValues },
  { fits: isKeyValue, read: readKeyValues },
  { fits: () => true, read: readPlainJson },
];

const readThingsStackOnly: ReadObject = (row, context) => (isThingsNetworkV2(row) ? thingsNetworkV2 : readThingsStack(row, context));
const otherChirpStack = refused("unsupported-format", "this is an event of the other version of ChirpStack; the format chirpstack reads both");
const readEitherChirpStack: ReadObject = (row, context) => (isChirpStackV3(row) ? readChirpStackV3(row, context) : readChirpStack(row, context));

type Read = (bytes: Uint8Array, context: DecodeContext) => readonly MessageOutcome[];

/** One row a format that a mapping may name. */
export const formats = {
  json: (bytes, context) => readJson(bytes, context, readObject),
  ndjson: (bytes, context) => readJson(bytes, context, readObject, true),
  cbor: readCbor,
  number: (bytes, context) => [outcome(readPlainNumber(bytes, context), bytes, NUMBER_TYPE)],
  csv: readCsv,
  tree: (bytes, context) => readJson(bytes, context, readTree),
  registers: (bytes, context) => readJson(bytes, context, readJsonRegisters),
  frame: (bytes, context) => [outcome(readFrame(bytes, context), bytes, BYTES_TYPE)],
  "things-stack-v3": (bytes, context) => readJson(bytes, context, readThingsStackOnly),
  chirpstack: (bytes, context) => readJson(bytes, context, readEitherChirpStack),
  "chirpstack-v4": (bytes, context) => readJson(bytes, context, (row, within) => (isChirpStackV3(row) ? otherChirpStack : readChirpStack(row, within))),
  "chirpstack-v3": (bytes, context) => readJson(bytes, context, (row, within) => (isChirpStack(row) ? otherChirpStack : readChirpStackV3(row, within))),
  novus: (bytes, context) => readJson(bytes, context, readNovus),
  wmbus: (bytes, context) => readJson(bytes, context, readWMBus),
  "thethings-io": (bytes, context) => readJson(bytes, context, readKeyValues),
  any: readAny,
} as const satisfies Record<string, Read>;

export type FormatName = keyof typeof formats;
export const formatNames = Object.keys(formats) as readonly FormatName[];

/** One JSON row on its own, for an edge that answers row by row; a word of presence has no place there. */
export function readJsonRow(row: Uint8Array, context: DecodeContext): RowOutcome {
  return asReading(outcome(contentOf(row, context, readObject, parseJson), row, JSON_TYPE));
}

/** The same outcome for an edge that takes readings alone. */
export function asReading(row: MessageOutcome): RowOutcome {
  if (row.kind !== "presence") return row;
  return { kind: "park", raw: row.raw, contentType: row.contentType, device: row.device, refusal: refused("no-samples", "it says that a device is there, and measures nothing").refusal };
}

function readJson(bytes: Uint8Array, context: DecodeContext, read: ReadObject, lines = false): readonly MessageOutcome[] {
  const rows = jsonRows(bytes, lines);
  if (!rows.ok) return [outcome(rows, bytes, JSON_TYPE)];
  return rows.value.map((row) => outcome(contentOf(row, context, read, parseJson), row, JSON_TYPE));
}

function readCbor(bytes: Uint8Array, context: DecodeContext): readonly MessageOutcome[] {
  const rows = cborRows(bytes);
  if (!rows.ok) return [outcome(rows, bytes, CBOR_TYPE)];
  return rows.value.map((row) => outcome(contentOf(row, context, readObject, parseCbor), row, CBOR_TYPE));
}

function contentOf(row: Uint8Array, context: DecodeContext, read: ReadObject, parse: (row: Uint8Array) => Parsed<unknown>): Parsed<RowContent> {
  const value = parse(row);
  if (!value.ok) return value;
  return isObject(value.value) ? read(value.value, context) : refused("wrong-type", "a reading is an object");
}

function readObject(row: JsonObject, context: DecodeContext): Parsed<RowContent> {
  return shapes.find((shape) => shape.fits(row))?.read(row, context) ?? refused("wrong-type", "a reading is an object");
}

const OPENS_JSON = new Set([0x7b, 0x5b, 0x22]);
const LOOKS_SEPARATED = /[;\t,]/;

/** Tells CBOR, JSON, a number and CSV apart by their first bytes; what is none of them is refused as the JSON that it most likely meant to be. */
function readAny(bytes: Uint8Array, context: DecodeContext): readonly MessageOutcome[] {
  if (opensCbor(bytes[0] ?? 0)) return readCbor(bytes, context);
  const body = trimmed(bytes);
  if (body.length === 0 || OPENS_JSON.has(body[0] ?? 0)) return formats.json(bytes, context);
  const start = Buffer.from(body.subarray(0, 4096)).toString("utf8");
  if (body.length < 100 && isMeasuredText(start)) return formats.number(bytes, context);
  return LOOKS_SEPARATED.test(start) ? readCsv(bytes, context) : formats.json(bytes, context);
}

/** Arrays, maps and the mark of CBOR: no text begins with these bytes. */
function opensCbor(first: number): boolean {
  return (first >= 0x80 && first <= 0xbf) || first === 0xd9;
}

function outcome(content: Parsed<RowContent>, raw: Uint8Array, contentType: string): MessageOutcome {
  if (!content.ok) return { kind: "park", raw, contentType, device: null, refusal: content.refusal };
  const { presence, ...row } = content.value;
  if (presence !== undefined) return { kind: "presence", raw, contentType, device: row.device, ...presence };
  return { kind: "reading", raw, contentType, ...row, observedAtUs: newestTimeUs(row.samples) };
}

/** Media types of what is kept whole; JSON where no row says otherwise. */
const contentTypes: Partial<Record<FormatName, string>> = { csv: CSV, number: NUMBER_TYPE, any: BYTES_TYPE, cbor: CBOR_TYPE, frame: BYTES_TYPE };

export function contentTypeOf(format: FormatName): string {
  return contentTypes[format] ?? JSON_TYPE;
}
