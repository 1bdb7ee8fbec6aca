import { z } from "zod";

/** What an account at TDATA may say. */
export const tdataSettings = z.strictObject({
  /** Rows of a key that one call may bring. */
  pageLimit: z.int().min(10).max(100_000).default(10_000),
});

export type TdataSettings = z.infer<typeof tdataSettings>;
