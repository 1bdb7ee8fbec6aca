import { z } from "zod";
import type { Window } from "../provider.ts";

/** A page of history: what is asked for, and rows at its end that the page before gave already. */
export interface HistoryPage {
  /** Seconds since 1970 UTC; rows of this second and later are not wanted, if some come. */
  readonly endS: number;
  readonly limit: number;
  readonly seen: readonly string[];
}

const pageSpec = z.object({ endS: z.int(), limit: z.int().min(1), seen: z.array(z.string()) });

/** Limits grow to this when one second has more rows than a page. */
export const MAX_LIMIT = 10_000;
const GROWTH = 10;

export function pageOf(page: unknown, window: Window, limit: number): HistoryPage {
  return page === undefined ? { endS: Math.ceil(window.toUs / 1e6), limit, seen: [] } : pageSpec.parse(page);
}

/**
 * Answers come newest first, and times are asked for in whole seconds: so the next page ends after the second of this page's oldest row, and
 * the rows of that second that are taken already are told by what they say. A page that lies within one second is asked for again, with a
 * higher limit. Undefined when nothing higher can be asked for.
 */
export function pageBefore(page: HistoryPage, rows: readonly { readonly timeUs: number; readonly print: string }[], limit: number): HistoryPage | undefined {
  let oldestUs = Infinity;
  for (const { timeUs } of rows) if (timeUs < oldestUs) oldestUs = timeUs;
  if (oldestUs === Infinity) return undefined;
  const endS = Math.floor(oldestUs / 1e6) + 1;
  const advances = endS < page.endS;
  if (!advances && page.limit >= MAX_LIMIT) return undefined;
  const next = advances ? { endS, limit } : { endS: page.endS, limit: Math.min(MAX_LIMIT, page.limit * GROWTH) };
  // Whether the end is part of what was asked for is written nowhere.
  const again = rows.filter(({ timeUs }) => timeUs <= next.endS * 1e6).map(({ print }) => print);
  return { ...next, seen: advances ? again : [...new Set([...page.seen, ...again])] };
}
