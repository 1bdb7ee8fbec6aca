import { z } from "zod";

/** What an account at a ThingsBoard server may say. */
export const thingsboardSettings = z.strictObject({
  /** What is asked for by id. */
  entityType: z.enum(["DEVICE", "ASSET"]).default("DEVICE"),
  /** Rows of a key that one call may bring. */
  pageLimit: z.int().min(10).max(100_000).default(10_000),
  /** Numbers come as numbers; without it the platform writes all values as text. */
  strictTypes: z.boolean().default(true),
});

export type ThingsboardSettings = z.infer<typeof thingsboardSettings>;
