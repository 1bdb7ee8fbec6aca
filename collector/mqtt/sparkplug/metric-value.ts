import { formatInstant } from "@caudal/core";
import { parsed, refused, type Parsed } from "../../decode/decoded.ts";
import { floatAsWritten } from "../../decode/float-text.ts";
import type { Scalar } from "../../decode/scalar.ts";
import type { WireValue } from "./payload.ts";

/** Codes of Sparkplug's data types. */
export const datatypes = {
  Int8: 1, Int16: 2, Int32: 3, Int64: 4, UInt8: 5, UInt16: 6, UInt32: 7, UInt64: 8, Float: 9, Double: 10, Boolean: 11, String: 12, DateTime: 13, Text: 14, UUID: 15,
  DataSet: 16, Bytes: 17, File: 18, Template: 19, PropertySet: 20, PropertySetList: 21,
} as const;

/** A measured value, or a text that stands beside the values. */
type MetricValue = { readonly is: "value"; readonly value: Scalar } | { readonly is: "text"; readonly text: string };

const SIGNED_BITS: Readonly<Record<number, number>> = { [datatypes.Int8]: 8, [datatypes.Int16]: 16, [datatypes.Int32]: 32, [datatypes.Int64]: 64 };
const UNSIGNED_BITS: Readonly<Record<number, number>> = { [datatypes.UInt8]: 8, [datatypes.UInt16]: 16, [datatypes.UInt32]: 32, [datatypes.UInt64]: 64 };
const TEXTS: readonly number[] = [datatypes.String, datatypes.Text, datatypes.UUID];
const MAX_TIME_MS = 8_000_000_000_000;

/** True for values that say what they are without a data type: only whole numbers hide their sign. */
export function saysItself(value: WireValue | undefined): boolean {
  return value !== undefined && value.kind !== "whole";
}

/** A metric's value by its data type. Refuses what a double cannot hold exactly, and types that are no single value. */
export function metricValue(value: WireValue, datatype: number | undefined, field: string): Parsed<MetricValue> {
  switch (value.kind) {
    case "unread":
      return refused("unsupported-format", `${value.what} is not read`, field);
    case "boolean":
      return datatype === undefined || datatype === datatypes.Boolean ? measured(value.value) : mismatch(datatype, "a truth value", field);
    case "text":
      return datatype === undefined || TEXTS.includes(datatype) ? parsed({ is: "text", text: value.value }) : mismatch(datatype, "a text", field);
    case "float": case "double":
      if (datatype !== undefined && datatype !== datatypes.Float && datatype !== datatypes.Double) return mismatch(datatype, "a fraction", field);
      // A source's own word for "no number" stays its word.
      return measured(Number.isFinite(value.value) ? (value.kind === "float" ? floatAsWritten(value.value) : value.value) : String(value.value).replace("Infinity", "Inf"));
    case "whole":
      return wholeValue(value.value, datatype, field);
  }
}

function wholeValue(value: bigint, datatype: number | undefined, field: string): Parsed<MetricValue> {
  if (datatype === datatypes.DateTime) return value <= MAX_TIME_MS ? parsed({ is: "text", text: formatInstant(Number(value) * 1000) }) : refused("implausible-time", "a time beyond the year 2200", field);
  if (datatype === datatypes.Boolean) return value <= 1n ? measured(value === 1n) : mismatch(datatype, `the number ${value}`, field);
  const signed = SIGNED_BITS[datatype ?? 0];
  const bits = signed ?? UNSIGNED_BITS[datatype ?? 0];
  if (bits === undefined) return mismatch(datatype ?? 0, "a whole number", field);
  const whole = signed === undefined ? value : twosComplement(value, signed);
  const isInside = whole !== undefined && (signed === undefined ? whole < 1n << BigInt(bits) : BigInt.asIntN(bits, whole) === whole);
  if (!isInside) return refused("wrong-type", `${value} does not fit ${bits} bits`, field);
  const isExact = whole >= BigInt(Number.MIN_SAFE_INTEGER) && whole <= BigInt(Number.MAX_SAFE_INTEGER);
  return isExact ? measured(Number(whole)) : refused("not-exact", `${whole} is beyond 2^53, where a double no longer tells whole numbers apart`, field);
}

/** Signs travel in a field of 32 or 64 bits without one; some senders fill it up with ones, others leave the rest empty. */
function twosComplement(value: bigint, bits: number): bigint | undefined {
  if (value < 1n << BigInt(bits)) return BigInt.asIntN(bits, value);
  return [32, 64].map((width) => BigInt.asIntN(width, value)).find((whole) => whole < 0n && BigInt.asIntN(bits, whole) === whole);
}

function measured(value: Scalar): Parsed<MetricValue> {
  return parsed({ is: "value", value });
}

function mismatch(datatype: number, what: string, field: string): Parsed<MetricValue> {
  return refused("wrong-type", `${what}, where the birth says data type ${datatype}`, field);
}
