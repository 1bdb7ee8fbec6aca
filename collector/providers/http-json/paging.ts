import { z } from "zod";
import type { Window } from "../provider.ts";
import type { HistorySettings, Paging } from "./block.ts";

const pageSchema = z.object({
  /** Pages before this one. */
  n: z.int().min(0),
  fromUs: z.int().optional(),
  toUs: z.int().optional(),
  offset: z.int().min(0).optional(),
  page: z.int().min(0).optional(),
  token: z.union([z.string(), z.number()]).optional(),
  /** Newest row so far, where pages go forward in time. */
  lastUs: z.int().optional(),
});
export type Page = z.output<typeof pageSchema>;

/** The page that was handed back to us; the first where there is none. */
export function pageOf(written: unknown): Page {
  const page = pageSchema.safeParse(written);
  return page.success ? page.data : { n: 0 };
}

/** What one page held, as far as the next depends on it. A group is what one limit counts. */
export interface PageContent {
  readonly groups: readonly { readonly rows: number; readonly newestUs: number | undefined; readonly oldestUs: number | undefined }[];
  /** What the path of the next token found. */
  readonly token: unknown;
}

export type NextPage = { readonly kind: "last" } | { readonly kind: "next"; readonly page: Page } | { readonly kind: "stuck"; readonly why: string };

const LAST: NextPage = { kind: "last" };

/** The page after this one. Each kind ends: by a short or empty page, a missing token, or its bound, which is an error and never a quiet end. */
export function nextPage(history: HistorySettings, page: Page, { window, content }: { readonly window: Window; readonly content: PageContent }): NextPage {
  const { paging } = history;
  const next = after(history, paging, { page, window, content });
  if (next.kind !== "next" || paging.kind === "none" || next.page.n < paging.maxPages) return next;
  return { kind: "stuck", why: `the window has more than ${paging.maxPages} pages: raise limit or maxPages, or ask for shorter windows` };
}

function after(history: HistorySettings, paging: Paging, at: { readonly page: Page; readonly window: Window; readonly content: PageContent }): NextPage {
  const { page, content } = at;
  if (paging.kind === "none") return LAST;
  const lastUs = newestOf(content) ?? page.lastUs;
  const common = { n: page.n + 1, ...(lastUs === undefined ? {} : { lastUs }) };
  if (paging.kind === "token") return afterToken(page, common, content.token);
  if (paging.kind === "time") return byTime(history, paging, at);
  const rows = Math.max(0, ...content.groups.map((group) => group.rows));
  if (paging.until === "short" ? rows < history.limit : rows === 0) return LAST;
  if (paging.kind === "offset") return { kind: "next", page: { ...common, offset: (page.offset ?? paging.first) + rows } };
  return { kind: "next", page: { ...common, page: (page.page ?? paging.first) + 1 } };
}

function afterToken(page: Page, common: Page, token: unknown): NextPage {
  if (token === undefined || token === null || token === "" || token === false) return LAST;
  if (typeof token !== "string" && typeof token !== "number") return { kind: "stuck", why: "the next page's token is neither a text nor a number" };
  return token === page.token ? { kind: "stuck", why: "the service gives the same token again" } : { kind: "next", page: { ...common, token } };
}

/**
 * Goes on from the last row, which is asked for again: rows of the same instant may have been cut off, and twice the same row does no harm.
 * Where a whole page is of one instant, it goes on by the format's smallest step.
 */
function byTime({ limit, time: { format: { stepUs } } }: HistorySettings, paging: Extract<Paging, { kind: "time" }>, { page, window, content }: { readonly page: Page; readonly window: Window; readonly content: PageContent }): NextPage {
  const full = content.groups.filter(({ rows }) => (paging.until === "short" ? rows >= limit : rows > 0));
  if (full.length === 0) return LAST;
  if (full.some(({ newestUs }) => newestUs === undefined)) return { kind: "stuck", why: "a full page has no time that can be read, so that nobody knows where the next one begins" };
  const down = (us: number): number => Math.floor(us / stepUs) * stepUs;
  if (paging.order === "oldest-first") {
    const askedUs = down(page.fromUs ?? window.fromUs);
    const newestUs = Math.min(...full.map((group) => group.newestUs ?? 0));
    const fromUs = Math.max(down(newestUs), askedUs + (down(newestUs) <= askedUs ? stepUs : 0));
    return fromUs >= window.toUs ? LAST : { kind: "next", page: { n: page.n + 1, fromUs, lastUs: newestUs } };
  }
  const askedUs = page.toUs ?? window.toUs;
  const oldestUs = Math.max(...full.map((group) => group.oldestUs ?? 0));
  const wantedUs = down(oldestUs) + stepUs;
  const toUs = wantedUs < askedUs ? wantedUs : down(askedUs - 1);
  return toUs <= window.fromUs ? LAST : { kind: "next", page: { n: page.n + 1, toUs } };
}

function newestOf({ groups }: PageContent): number | undefined {
  const newest = groups.map((group) => group.newestUs).filter((us) => us !== undefined);
  return newest.length === 0 ? undefined : Math.max(...newest);
}
