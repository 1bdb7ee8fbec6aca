import { MAX_CORRECTED, MAX_WORD_TEXT, park, type Correction } from "@caudal/core";
import type { StepOutcome } from "../step.ts";

/** Reads the body of a correction event, as core's `correctionBody` writes it. */
export function readCorrection(body: string | null): StepOutcome<Correction> {
  let parsed: unknown;
  try {
    parsed = JSON.parse(body ?? "");
  } catch {
    return park("malformed-json", "the body of the correction is no JSON");
  }
  if (typeof parsed !== "object" || parsed === null) return park("wrong-type", "the body of the correction is no object");
  const { variable, timesUs, value, author, reason } = parsed as Readonly<Record<string, unknown>>;
  if (typeof variable !== "string" || variable === "") return park("wrong-type", "a correction names a variable");
  if (!Array.isArray(timesUs) || timesUs.length === 0 || !timesUs.every((timeUs) => Number.isSafeInteger(timeUs))) return park("wrong-type", "a correction names its instants");
  if (timesUs.length > MAX_CORRECTED) return park("too-large", `a correction is of ${MAX_CORRECTED} instants at most`);
  if (value !== null && !(typeof value === "number" && Number.isFinite(value))) return park("wrong-type", "a corrected value is a number, or null");
  if (typeof author !== "string" || typeof reason !== "string" || author.length > MAX_WORD_TEXT || reason.length > MAX_WORD_TEXT) return park("wrong-type", "a correction has an author and a reason");
  return { kind: "keep", value: { variable, timesUs: timesUs as number[], value, author, reason } };
}
