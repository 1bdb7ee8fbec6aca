import type { Page } from "@caudal/core";
import { z } from "zod";

/** Query of every list. */
export const pagingQuery = {
  limit: z.coerce.number().int().min(1).max(1000).default(100).describe("Items a page, at most 1000."),
  cursor: z.string().max(2000).optional().describe("`next` of the page before."),
};

/** `{ items, next }` as every list answers. */
export function listReply<T, V>(page: Page<T>, view: (item: T) => V): { status: 200; body: { items: V[]; next: string | null } } {
  return { status: 200, body: { items: page.items.map(view), next: page.next ?? null } };
}

/** Schema of a list of these. */
export function listOf(item: z.ZodType): z.ZodObject {
  return z.object({ items: z.array(item), next: z.string().nullable() });
}
