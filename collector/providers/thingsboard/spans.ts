import { z } from "zod";
import { extent, mayContinue, orderOf } from "../full-page.ts";
import type { Window } from "../provider.ts";

/** Keys and the milliseconds, end excluded, that one call asks for. */
export interface Span {
  readonly keys: readonly string[];
  readonly fromMs: number;
  readonly toMs: number;
}

const pageSpec = z.object({ spans: z.array(z.object({ keys: z.array(z.string()), fromMs: z.number(), toMs: z.number() })).min(1) });

/** Spans still to be asked for; the first of them is this page's. */
export function spansOf(page: unknown, window: Window, keys: readonly string[]): readonly [Span, ...Span[]] {
  const whole: Span = { keys, fromMs: Math.floor(window.fromUs / 1000), toMs: Math.ceil(window.toUs / 1000) };
  if (page === undefined) return [whole];
  const [first, ...others] = pageSpec.parse(page).spans;
  return [first ?? whole, ...others];
}

/**
 * What a key's rows leave unread of a span: nothing after a short page, what lies after the last row of a page that is full. A page that is
 * full and in the wrong order leaves what lies before its first row. Undefined when the rows bring the reading no further.
 */
export function unreadAfter(times: readonly number[], rows: number, span: Span, limit: number): readonly { readonly fromMs: number; readonly toMs: number }[] | undefined {
  if (!mayContinue(rows, limit)) return [];
  if (times.length === 0) return undefined;
  const { min, max } = extent(times);
  const order = orderOf(times);
  const after = { fromMs: Math.floor(max) + 1, toMs: span.toMs };
  const before = { fromMs: span.fromMs, toMs: Math.ceil(min) };
  if (order !== "descending" && after.fromMs <= span.fromMs) return undefined;
  if (order !== "ascending" && before.toMs >= span.toMs) return undefined;
  const unread = order === "ascending" ? [after] : order === "descending" ? [before] : [before, after];
  return unread.filter(({ fromMs, toMs }) => fromMs < toMs);
}

/** Spans with the same bounds become one call. */
export function joined(spans: readonly Span[]): readonly Span[] {
  const byBounds = new Map<string, Span>();
  for (const span of spans) {
    const bounds = `${span.fromMs}-${span.toMs}`;
    byBounds.set(bounds, { ...span, keys: [...(byBounds.get(bounds)?.keys ?? []), ...span.keys] });
  }
  return [...byBounds.values()];
}
