import { z } from "zod";

/** What an account (a profile) at TagoIO may say. */
export const tagoioSettings = z.strictObject({
  /** Where the profile's data are kept. */
  region: z.enum(["us-e1", "eu-w1"]).default("us-e1"),
  /** `device`: the header `Device-Token`; `legacy`: `Authorization` with the token alone. */
  tokenHeader: z.enum(["device", "legacy"]).default("device"),
  /** Rows that one call may bring. */
  pageLimit: z.int().min(2).max(10_000).default(10_000),
});

export type TagoioSettings = z.infer<typeof tagoioSettings>;
