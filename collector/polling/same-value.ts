import { numberOf } from "../decode/scalar.ts";
import type { TimedSample } from "../providers/provider.ts";

type Value = TimedSample["value"] | undefined;

/** Digits that a double tells apart, however a number is written. */
const SURE_DIGITS = 15;

/**
 * Whether two values of one row say the same. A provider writes 12.7 in one answer and "12.7" in the next: that corrects nothing. Two texts of
 * more digits than a double keeps are compared as they stand.
 */
export function sameValue(a: Value, b: Value): boolean {
  if (Object.is(a, b)) return true;
  if (typeof a === "string" && typeof b === "string" && Math.max(digitsOf(a), digitsOf(b)) > SURE_DIGITS) return false;
  const [left, right] = [readOf(a), readOf(b)];
  return left !== undefined && left === right;
}

function readOf(value: Value): number | undefined {
  return typeof value === "number" ? value : typeof value === "string" ? numberOf(value) : undefined;
}

function digitsOf(text: string): number {
  return text.replace(/[eE].*$/, "").replace(/[^\d]/g, "").replace(/^0+/, "").length;
}
