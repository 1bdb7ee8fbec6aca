import { z } from "zod";

const pageSchema = z.object({
  /** Pages before this one. */
  n: z.int().min(0),
  /** Messages received after this. */
  afterUs: z.int().optional(),
  /** Given by the server; other filters do not count with it. */
  token: z.string().optional(),
  /** This page again, for those of its messages that were simulated: labels belong to all readings of a page. */
  part: z.literal("simulated").optional(),
});
export type StoragePage = z.output<typeof pageSchema>;

/** The page that was handed back; the first where there is none. */
export function storagePage(written: unknown): StoragePage {
  const page = pageSchema.safeParse(written);
  return page.success ? page.data : { n: 0 };
}
