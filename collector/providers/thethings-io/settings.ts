import { z } from "zod";

/** What an account at thethings.io may say. */
export const thethingsSettings = z.strictObject({
  /** Rows that one call may bring. */
  pageLimit: z.int().min(2).max(10_000).default(1000),
});

export type ThethingsSettings = z.infer<typeof thethingsSettings>;
