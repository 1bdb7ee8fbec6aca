import { hasCode, type Page } from "@caudal/core";
import { Problem } from "./problem.ts";

/** One page of a store's query. */
export type FindPage<T> = (paging: { readonly limit: number; readonly cursor?: string }) => Promise<Page<T>>;

export interface Sifting<T> {
  readonly limit: number;
  readonly cursor?: string | undefined;
  /** What the store's indexes cannot tell; absent: everything that the query finds. */
  readonly fits?: ((item: T) => boolean) | undefined;
}

const READ_AT_ONCE = 500;
/** Documents that one request looks at; what is rarer than that comes in several pages. */
const MOST_READ = 20_000;

/**
 * A page of what fits, read on through the store's own pages until it is full. It holds less than was asked only at the end, or when so
 * little fits that looking stopped for this time; `next` then goes on from there. Throws Problem "invalid-cursor".
 */
export async function siftPage<T>({ limit, cursor: from, fits }: Sifting<T>, find: FindPage<T>): Promise<Page<T>> {
  if (fits === undefined) return asked(find, limit, from);
  const items: T[] = [];
  let cursor = from;
  for (let read = 0; ;) {
    const page = await asked(find, READ_AT_ONCE, cursor);
    const places = [...page.items.keys()].filter((at) => fits(page.items[at] as T));
    const wanted = places.slice(0, limit - items.length);
    items.push(...wanted.map((at) => page.items[at] as T));
    const last = wanted.at(-1);
    if (items.length === limit && last !== undefined && last < page.items.length - 1) {
      // Only the store makes cursors: the page up to the last one taken ends where the next has to begin.
      return pageOf(items, (await asked(find, last + 1, cursor)).next);
    }
    read += page.items.length;
    if (items.length === limit || page.next === undefined || read >= MOST_READ) return pageOf(items, page.next);
    cursor = page.next;
  }
}

function pageOf<T>(items: readonly T[], next: string | undefined): Page<T> {
  return next === undefined ? { items } : { items, next };
}

async function asked<T>(find: FindPage<T>, limit: number, cursor: string | undefined): Promise<Page<T>> {
  if (cursor === undefined) return find({ limit });
  try {
    return await find({ limit, cursor });
  } catch (error) {
    if (hasCode(error, "bad-request")) throw new Problem("invalid-cursor", { field: "query.cursor", cause: error });
    throw error;
  }
}
