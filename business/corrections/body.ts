import { parseInstant } from "@caudal/core";
import { Problem, type Text } from "@caudal/runtime";
import { z } from "zod";

export const correctionSchema = z.strictObject({
  variable: z.string().min(1).max(256),
  at: z.string().max(64).optional().describe("The instant, RFC 3339; a value may be said where none came."),
  from: z.string().max(64).optional().describe("With to: every instant in between that has a fact."),
  to: z.string().max(64).optional().describe("Not included."),
  value: z.number().optional().describe("In the unit that facts are stored in."),
  withdraw: z.literal(true).optional().describe("There is no value, whatever the source says."),
  restore: z.literal(true).optional().describe("Takes corrections back: what the source said holds again, as a revision of yours."),
  reason: z.string().trim().min(1).max(1000),
  dryRun: z.boolean().optional().describe("Shows what would change and changes nothing."),
});
export type CorrectionBody = z.output<typeof correctionSchema>;

/** What is asked, in order: instants from `fromUs` on and before `toUs`, or `atUs` alone. */
export type Span = { readonly atUs: number } | { readonly fromUs: number; readonly toUs: number };

const DIGITS = 15;

/** Which instants are meant. Throws Problem "invalid-body". */
export function spanOf({ at, from, to }: CorrectionBody): Span {
  if ((at === undefined) === (from === undefined && to === undefined)) throw refused("at", { en: "expected either at, or from and to", es: "se esperaba at, o bien from y to" });
  if (at !== undefined) return { atUs: instantOf("at", at) };
  if (from === undefined || to === undefined) throw refused(from === undefined ? "from" : "to", { en: "from and to belong together", es: "from y to van juntos" });
  const [fromUs, toUs] = [instantOf("from", from), instantOf("to", to)];
  if (fromUs >= toUs) throw refused("to", { en: `to is ${to}; expected a time after ${from}`, es: `to es ${to}; se esperaba una hora posterior a ${from}` });
  return { fromUs, toUs };
}

/** The value that is said, null where it is withdrawn; or that what the source said holds again. Throws Problem "invalid-body". */
export function valueOf({ value, withdraw, restore }: CorrectionBody): number | null | "restored" {
  if ([value, withdraw, restore].filter((said) => said !== undefined).length !== 1) throw refused("value", { en: "expected either value, withdraw or restore", es: "se esperaba value, withdraw o restore" });
  if (restore !== undefined) return "restored";
  if (value === undefined) return null;
  if (Number(value.toPrecision(DIGITS)) !== value) throw refused("value", { en: `value is ${value}; expected at most ${DIGITS} significant digits`, es: `value es ${value}; se esperaban a lo más ${DIGITS} cifras significativas` });
  return value;
}

export function refused(field: string, detail: Text): Problem {
  const path = `body.${field}`;
  return new Problem("invalid-body", { field: path, detail, errors: [{ field: path, detail }], next: { en: "See postCorrection in /openapi.json.", es: "Vea postCorrection en /openapi.json." } });
}

export function instantOf(field: string, text: string): number {
  const timeUs = parseInstant(text);
  if (timeUs === undefined) throw refused(field, { en: `${field} is ${text}; expected an RFC 3339 time such as 2026-03-01T12:00:00Z`, es: `${field} es ${text}; se esperaba una hora RFC 3339 como 2026-03-01T12:00:00Z` });
  return timeUs;
}
