import { z } from "zod";
import { extent, orderOf } from "../full-page.ts";
import type { Window } from "../provider.ts";

/** Milliseconds that are still to be read, and rows at their beginning that need not be given again. */
export interface Span {
  readonly fromMs: number;
  readonly toMs: number;
  readonly skip: number;
}

export interface SpansLeft {
  /** The first is this page's. */
  readonly spans: readonly Span[];
  /** Rows at the edges of the spans that were taken already. */
  readonly seen: readonly string[];
}

const span = z.object({ fromMs: z.number(), toMs: z.number(), skip: z.int().min(0) });
const pageSpec = z.object({ spans: z.array(span).min(1), seen: z.array(z.string()) });
const MAX_SEEN = 10_000;
/** Full pages of nothing new, each further on than the one before, after which a server is held not to count at all. Rows that arrive meanwhile cause one now and then. */
const MAX_REPEATS = 3;

export function spansOf(page: unknown, window: Window): SpansLeft & { readonly current: Span } {
  const whole: Span = { fromMs: Math.floor(window.fromUs / 1000), toMs: Math.ceil(window.toUs / 1000), skip: 0 };
  if (page === undefined) return { current: whole, spans: [whole], seen: [] };
  const left = pageSpec.parse(page);
  return { ...left, current: left.spans[0] ?? whole };
}

/**
 * What a full page leaves unread. Pages follow the rows' times and not their count: rows that arrive meanwhile would move every later page of
 * a count. Each new span overlaps by the millisecond that the page was cut in, since more rows may have that time; only when a whole page
 * has one time are its rows counted. Undefined when the rows bring the reading no further.
 */
export function leftAfter({ current, spans, seen }: ReturnType<typeof spansOf>, rows: readonly { readonly timeUs: number; readonly print: string }[], count: number): SpansLeft | undefined {
  if (rows.length === 0) return undefined;
  const before = new Set(seen);
  const times = rows.map(({ timeUs }) => timeUs / 1000);
  const { min, max } = extent(times);
  const order = orderOf(times);
  const after: Span = { fromMs: Math.floor(max) - 1, toMs: current.toMs, skip: 0 };
  const earlier: Span = { fromMs: current.fromMs, toMs: Math.floor(min) + 1, skip: 0 };
  const candidates = order === "ascending" ? [after] : order === "descending" ? [earlier] : [earlier, after];
  const shorter = candidates.every(({ fromMs, toMs }) => toMs - fromMs < current.toMs - current.fromMs && toMs > fromMs);
  if (!shorter && current.skip >= MAX_REPEATS * count && rows.every(({ print }) => before.has(print))) return undefined;
  const next = shorter ? candidates : [{ ...current, skip: current.skip + count }];
  const edges = rows.filter(({ timeUs }) => timeUs / 1000 >= Math.floor(max) - 1 || timeUs / 1000 < Math.floor(min) + 2).map(({ print }) => print);
  return { spans: [...next, ...spans.slice(1)], seen: [...new Set([...seen, ...edges])].slice(-MAX_SEEN) };
}
