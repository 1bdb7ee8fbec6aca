import { MAX_WORD_TEXT, park, wordVerdicts, type Word, type WordChange } from "@caudal/core";
import type { StepOutcome } from "../step.ts";

export { MAX_WORDS, wordBody, type Word, type WordChange } from "@caudal/core";

/** Reads the body of a decision event, as core's `wordBody` writes it. */
export function readWord(body: string | null): StepOutcome<WordChange> {
  let parsed: unknown;
  try {
    parsed = JSON.parse(body ?? "");
  } catch {
    return park("malformed-json", "the body of the decision event is no JSON");
  }
  if (typeof parsed !== "object" || parsed === null) return park("wrong-type", "the body of the decision event is no object");
  const { variable, timeUs, verdict, author, reason, finalCount, initialCount, modulus } = parsed as Readonly<Record<string, unknown>>;
  if (typeof variable !== "string" || typeof timeUs !== "number" || !Number.isSafeInteger(timeUs)) return park("wrong-type", "a decision names a variable and an instant");
  if (typeof author !== "string" || typeof reason !== "string" || author.length > MAX_WORD_TEXT || reason.length > MAX_WORD_TEXT) return park("wrong-type", "a decision has an author and a reason");
  if (verdict === null) return { kind: "keep", value: { variable, timeUs, verdict, author, reason } };
  const known = wordVerdicts.find((candidate) => candidate === verdict);
  if (known === undefined) return park("wrong-type", `no such verdict: ${JSON.stringify(verdict)}`);
  const numbers = { finalCount, initialCount, modulus };
  for (const [name, value] of Object.entries(numbers)) if (value !== undefined && !(typeof value === "number" && Number.isFinite(value) && value >= 0)) return park("wrong-type", `${name} is no count`);
  if (known === "rollover" && modulus === undefined) return park("wrong-type", "a rollover names its modulus");
  const given = Object.fromEntries(Object.entries(numbers).filter(([, value]) => value !== undefined)) as Pick<Word, "finalCount" | "initialCount" | "modulus">;
  return { kind: "keep", value: { variable, timeUs, verdict: known, author, reason, ...given } };
}
