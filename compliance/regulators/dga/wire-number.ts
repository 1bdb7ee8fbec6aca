import { multiplyDecimals, regulatorText, roundDecimal } from "@caudal/core";

const MOST_TOTAL = 999_999_999_999_999;
const CM_PER_M = 100;

/** As the catalogue of variables has it: two decimals, halves up. 15.314 is "15.31", 1.005 is "1.01". */
export function wireNumber(variable: "flow" | "depth", value: number): string {
  const text = regulatorText(variable, value);
  if (text === undefined) throw new RangeError(`${variable} is not reported`);
  return text;
}

/** Whole m3, the rest cut off. Undefined for more than 15 digits. */
export function wholeM3(value: number): string | undefined {
  return value < MOST_TOTAL + 1 ? regulatorText("total", value) : undefined;
}

/** Whole centimetres of a stage in metres. */
export function wholeCm(stageM: number): string {
  return String(roundDecimal(multiplyDecimals(stageM, CM_PER_M), 0));
}
