import { chirpStackV3, isChirpStack, isChirpStackV3, readChirpStack } from "./chirpstack.ts";
import { CSV, readCsv } from "./csv.ts";
import { newestTimeUs, refused, type DecodeContext, type Parsed, type RowContent, type RowOutcome } from "./decoded.ts";
import { jsonRows, parseJson } from "./json-rows.ts";
import { readPlainJson } from "./json-styles.ts";
import { isObject, type JsonObject } from "./object-reader.ts";
import { readPlainNumber } from "./plain-number.ts";
import { isThingsNetworkV2, isThingsStack, readThingsStack, thingsNetworkV2 } from "./things-stack.ts";
import { trimmed } from "./bytes.ts";
import { isMeasuredText } from "./scalar.ts";

export const JSON_TYPE = "application/json";
export const NUMBER_TYPE = "text/plain";

/** Shapes of a JSON object that are told by what is in it; the first that fits reads it, the plain styles read the rest. */
const jsonShapes: readonly { readonly fits: (row: JsonObject) => boolean; readonly read: (row: JsonObject, context: DecodeContext) => Parsed<RowContent> }[] = [
  { fits: isThingsStack, read: readThingsStack },
  { fits: isChirpStack, read: readChirpStack },
  { fits: isThingsNetworkV2, read: () => thingsNetworkV2 },
  { fits: isChirpStackV3, read: () => chirpStackV3 },
  { fits: () => true, read: readPlainJson },
];

type Read = (bytes: Uint8Array, context: DecodeContext) => readonly RowOutcome[];

/** One row a format that a mapping may name. */
export const formats = {
  json: (bytes, context) => readJson(bytes, context, readJsonObject),
  ndjson: (bytes, context) => readJson(bytes, context, readJsonObject, true),
  number: (bytes, context) => [outcome(readPlainNumber(bytes, context), bytes, NUMBER_TYPE)],
  csv: readCsv,
  "things-stack-v3": (bytes, context) => readJson(bytes, context, (row, within) => (isThingsNetworkV2(row) ? thingsNetworkV2 : readThingsStack(row, within))),
  "chirpstack-v4": (bytes, context) => readJson(bytes, context, (row, within) => (isChirpStackV3(row) ? chirpStackV3 : readChirpStack(row, within))),
  any: readAny,
} as const satisfies Record<string, Read>;

export type FormatName = keyof typeof formats;
export const formatNames = Object.keys(formats) as readonly FormatName[];

/** One JSON row on its own, for an edge that answers row by row. */
export function readJsonRow(row: Uint8Array, context: DecodeContext): RowOutcome {
  return outcome(contentOf(row, context, readJsonObject), row, JSON_TYPE);
}

function readJson(bytes: Uint8Array, context: DecodeContext, read: typeof readJsonObject, lines = false): readonly RowOutcome[] {
  const rows = jsonRows(bytes, lines);
  if (!rows.ok) return [outcome(rows, bytes, JSON_TYPE)];
  return rows.value.map((row) => outcome(contentOf(row, context, read), row, JSON_TYPE));
}

function contentOf(row: Uint8Array, context: DecodeContext, read: typeof readJsonObject): Parsed<RowContent> {
  const value = parseJson(row);
  if (!value.ok) return value;
  return isObject(value.value) ? read(value.value, context) : refused("wrong-type", "a reading is a JSON object");
}

function readJsonObject(row: JsonObject, context: DecodeContext): Parsed<RowContent> {
  return jsonShapes.find((shape) => shape.fits(row))?.read(row, context) ?? refused("wrong-type", "a reading is a JSON object");
}

const OPENS_JSON = new Set([0x7b, 0x5b, 0x22]);
const LOOKS_SEPARATED = /[;\t,]/;

/** Tells JSON, a number and CSV apart by their first bytes; what is none of them is refused as the JSON that it most likely meant to be. */
function readAny(bytes: Uint8Array, context: DecodeContext): readonly RowOutcome[] {
  const body = trimmed(bytes);
  if (body.length === 0 || OPENS_JSON.has(body[0] ?? 0)) return formats.json(bytes, context);
  const start = Buffer.from(body.subarray(0, 4096)).toString("utf8");
  if (body.length < 100 && isMeasuredText(start)) return formats.number(bytes, context);
  return LOOKS_SEPARATED.test(start) ? readCsv(bytes, context) : formats.json(bytes, context);
}

function outcome(content: Parsed<RowContent>, raw: Uint8Array, contentType: string): RowOutcome {
  if (!content.ok) return { kind: "park", raw, contentType, device: null, refusal: content.refusal };
  return { kind: "reading", raw, contentType, ...content.value, observedAtUs: newestTimeUs(content.value.samples) };
}

/** Media type of what a format reads, for what is kept whole. */
export function contentTypeOf(format: FormatName): string {
  return format === "csv" ? CSV : format === "number" ? NUMBER_TYPE : format === "any" ? "application/octet-stream" : JSON_TYPE;
}
