import { parsed, refused, type Parsed } from "./decoded.ts";

const NUMERIC = /^[+-]?(?:\d+(?:[.,]\d*)?|[.,]\d+)(?:[eE][+-]?\d+)?$/;
const NOT_A_NUMBER = /^[+-]?(?:nan|inf(?:inity)?)$/i;
const MAX_NUMERIC_CHARACTERS = 64;

/** What a sample may hold. */
export type Scalar = null | number | string | boolean;

/** True for a text that writes one number with a point and nothing else. */
export function isNumericText(text: string): boolean {
  return text.length <= MAX_NUMERIC_CHARACTERS && NUMERIC.test(text) && !text.includes(",");
}

/** True for a text that stands for a measured value: a number, with point or comma, or a source's own "NaN". */
export function isMeasuredText(text: string): boolean {
  const trimmed = text.trim();
  return trimmed.length <= MAX_NUMERIC_CHARACTERS && (NUMERIC.test(trimmed) || NOT_A_NUMBER.test(trimmed));
}

/** A number in a source's own notation; undefined when it is none. A comma is a decimal comma. */
export function numberOf(text: string): number | undefined {
  const trimmed = text.trim();
  return trimmed.length <= MAX_NUMERIC_CHARACTERS && NUMERIC.test(trimmed) ? Number(trimmed.replace(",", ".")) : undefined;
}

/** A sample's value as the source wrote it, or undefined for a text that says nothing measured: that is a label. */
export function readScalar(value: unknown, field: string): Parsed<Scalar | undefined> {
  switch (typeof value) {
    case "number":
      return Number.isFinite(value) ? parsed(value) : refused("not-finite", "the value is not a finite number", field);
    case "string":
      if (!isMeasuredText(value)) return parsed(undefined);
      return numberOf(value) === undefined || Number.isFinite(numberOf(value)) ? parsed(value) : refused("not-finite", "the value is beyond what a double holds", field);
    case "boolean":
      return parsed(value);
    default:
      return value === null ? parsed(null) : refused("wrong-type", `a value is a number, a text, true, false or null, not ${Array.isArray(value) ? "an array" : "an object"}`, field);
  }
}
