import { z } from "zod";

/** The schema of a problem document, for the OpenAPI description and for clients. */
export const problemSchema = z.object({
  type: z.string(),
  title: z.string(),
  status: z.int(),
  detail: z.string().optional(),
  code: z.string().describe("Stable; the same in every language."),
  field: z.string().optional(),
  next: z.string().describe("What the caller can do."),
  errors: z.array(z.object({ field: z.string(), detail: z.string() })).optional(),
  instance: z.string().optional(),
});
