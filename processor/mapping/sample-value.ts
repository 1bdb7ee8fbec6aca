import { drop } from "@caudal/core";
import type { Sample } from "@caudal/schemas";
import type { StepOutcome } from "../step.ts";

const DECIMAL = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;
const noValue = drop("no-value");
const notNumeric = drop("not-numeric");

/** The number of a sample as its source wrote it: numbers, text that is one (with a decimal point), true as 1 and false as 0. */
export function readValue(value: Sample["value"]): StepOutcome<number> {
  if (typeof value === "number") return Number.isFinite(value) ? kept(value) : notNumeric;
  if (value === null) return noValue;
  if (typeof value === "boolean") return kept(value ? 1 : 0);
  const text = value.trim();
  if (text === "") return noValue;
  const number = DECIMAL.test(text) ? Number(text) : NaN;
  return Number.isFinite(number) ? kept(number) : notNumeric;
}

function kept(value: number): StepOutcome<number> {
  return { kind: "keep", value };
}
