import { parsed, refused, type Parsed } from "../../decode/decoded.ts";
import { isObject, member, type JsonObject } from "../../decode/object-reader.ts";
import { payloadType, Reader } from "./descriptor.ts";

/** A value as it stood on the wire; whole numbers are 64 bits without a sign. */
export type WireValue =
  | { readonly kind: "whole"; readonly value: bigint }
  | { readonly kind: "float" | "double"; readonly value: number }
  | { readonly kind: "boolean"; readonly value: boolean }
  | { readonly kind: "text"; readonly value: string }
  | { readonly kind: "unread"; readonly what: string };

export interface Metric {
  readonly name: string | undefined;
  readonly alias: string | undefined;
  readonly timestampMs: number | undefined;
  readonly datatype: number | undefined;
  readonly isHistorical: boolean;
  readonly isNull: boolean;
  readonly unit: string | undefined;
  /** The property that OPC servers give: 192 is good. */
  readonly quality: number | undefined;
  readonly value: WireValue | undefined;
}

export interface Payload {
  readonly timestampMs: number | undefined;
  readonly seq: number | undefined;
  readonly metrics: readonly Metric[];
}

const METRIC_FIELD = 2;
const MAX_METRICS = 20_000;
const UNIT_NAMES = ["engunit", "engineeringunit", "engineeringunits", "unit", "units"];
const VALUE_FIELDS: readonly (readonly [string, (value: unknown) => WireValue | undefined])[] = [
  ["intValue", wholeOf], ["longValue", wholeOf],
  ["floatValue", (value) => (typeof value === "number" ? { kind: "float", value } : undefined)],
  ["doubleValue", (value) => (typeof value === "number" ? { kind: "double", value } : undefined)],
  ["booleanValue", (value) => (typeof value === "boolean" ? { kind: "boolean", value } : undefined)],
  ["stringValue", (value) => (typeof value === "string" ? { kind: "text", value } : undefined)],
  ["bytesValue", () => ({ kind: "unread", what: "bytes" })], ["datasetValue", () => ({ kind: "unread", what: "a data set" })],
  ["templateValue", () => ({ kind: "unread", what: "a template" })], ["extensionValue", () => ({ kind: "unread", what: "an extension" })],
];

/** Reads a Sparkplug B payload. What is no protobuf, or promises more metrics than a message may have, is refused whole. */
export function parsePayload(bytes: Uint8Array): Parsed<Payload> {
  let message: unknown;
  try {
    const count = countMetrics(bytes);
    if (count > MAX_METRICS) return refused("too-large", `${count} metrics, where ${MAX_METRICS} are the most`);
    message = payloadType().decode(bytes);
  } catch (error) {
    return refused("malformed-binary", `not a Sparkplug B payload: ${error instanceof Error ? error.message.slice(0, 120) : "unreadable"}`);
  }
  if (!isObject(message)) return refused("malformed-binary", "not a Sparkplug B payload");
  const written = member(message, "metrics");
  const metrics: Metric[] = [];
  for (const item of Array.isArray(written) ? written : []) {
    const metric = isObject(item) ? metricOf(item) : refused("malformed-binary", "a metric is no message");
    if (!metric.ok) return metric;
    metrics.push(metric.value);
  }
  const seq = safeOf(member(message, "seq"));
  if (seq !== undefined && seq > 255) return refused("malformed-binary", `the sequence ${seq} is beyond 255`, "seq");
  return parsed({ timestampMs: safeOf(member(message, "timestamp")), seq, metrics });
}

/** Looks at the lengths alone, so that a message of two-byte metrics is not built first. */
function countMetrics(bytes: Uint8Array): number {
  const reader = Reader.create(bytes);
  let count = 0;
  while (reader.pos < reader.len) {
    const tag = reader.uint32();
    if (tag >>> 3 === METRIC_FIELD) count += 1;
    reader.skipType(tag & 7);
  }
  return count;
}

function metricOf(item: JsonObject): Parsed<Metric> {
  const values = VALUE_FIELDS.filter(([field]) => Object.hasOwn(item, field));
  if (values.length > 1) return refused("malformed-binary", "a metric has two values");
  const [found] = values;
  const name = member(item, "name");
  const properties = member(item, "properties");
  return parsed({
    name: typeof name === "string" && name !== "" ? name : undefined,
    alias: Object.hasOwn(item, "alias") ? bigOf(item["alias"])?.toString() : undefined,
    timestampMs: safeOf(member(item, "timestamp")), datatype: safeOf(member(item, "datatype")),
    isHistorical: member(item, "isHistorical") === true, isNull: member(item, "isNull") === true,
    unit: propertyOf(properties, UNIT_NAMES, (value) => textOf(member(value, "stringValue"))),
    quality: propertyOf(properties, ["quality"], (value) => safeOf(member(value, "intValue"))),
    value: found === undefined ? undefined : found[1](item[found[0]]),
  });
}

function propertyOf<T>(properties: unknown, names: readonly string[], read: (value: JsonObject) => T | undefined): T | undefined {
  if (!isObject(properties)) return undefined;
  const keys = member(properties, "keys");
  const values = member(properties, "values");
  if (!Array.isArray(keys) || !Array.isArray(values)) return undefined;
  const at = keys.findIndex((key) => typeof key === "string" && names.includes(key.toLowerCase().replaceAll(/[\s_-]/g, "")));
  const value: unknown = at === -1 ? undefined : values[at];
  return isObject(value) ? read(value) : undefined;
}

function textOf(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}

function wholeOf(value: unknown): WireValue | undefined {
  const big = bigOf(value);
  return big === undefined ? undefined : { kind: "whole", value: big };
}

/** A whole number without its sign; 64 bits come as two halves. */
function bigOf(value: unknown): bigint | undefined {
  if (typeof value === "number") return Number.isSafeInteger(value) && value >= 0 ? BigInt(value) : undefined;
  if (!isObject(value)) return undefined;
  const { low, high } = value;
  return typeof low === "number" && typeof high === "number" ? (BigInt(high >>> 0) << 32n) | BigInt(low >>> 0) : undefined;
}

function safeOf(value: unknown): number | undefined {
  const big = bigOf(value);
  return big === undefined || big > BigInt(Number.MAX_SAFE_INTEGER) ? undefined : Number(big);
}
