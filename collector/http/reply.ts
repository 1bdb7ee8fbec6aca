import { problemTexts, type Language } from "@caudal/runtime";
import { z } from "zod";
import type { Refusal } from "../decode/decoded.ts";

const errorSchema = z.object({
  code: z.string(),
  title: z.string(),
  detail: z.string(),
  field: z.string().optional(),
  next: z.string(),
});

const itemSchema = z.object({
  index: z.int(),
  status: z.enum(["accepted", "refused"]),
  eventId: z.string().optional(),
  client: z.string().optional(),
  device: z.string().optional(),
  point: z.string().optional(),
  error: errorSchema.optional(),
});

/** What the caller is told, a result a row in the order sent. */
export const resultSchema = z.object({ items: z.array(itemSchema), accepted: z.int(), refused: z.int() });

export type ResultItem = z.output<typeof itemSchema>;

/** A row that was not taken, in the caller's language. */
export function refusedItem(index: number, refusal: Refusal, language: Language): ResultItem {
  const { title, next } = problemTexts(refusal.why, language);
  const error = { code: refusal.why, title, detail: refusal.detail, next };
  return { index, status: "refused", error: refusal.field === undefined ? error : { ...error, field: refusal.field } };
}
