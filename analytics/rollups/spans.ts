import type { Span } from "../buckets/calendar.ts";

/** Spans in order, with those that overlap or touch made one. */
export function mergeSpans(spans: readonly Span[]): Span[] {
  const merged: Span[] = [];
  for (const span of spans.toSorted((a, b) => a.fromUs - b.fromUs)) {
    if (span.fromUs >= span.toUs) continue;
    const last = merged.at(-1);
    if (last !== undefined && span.fromUs <= last.toUs) merged[merged.length - 1] = { fromUs: last.fromUs, toUs: Math.max(last.toUs, span.toUs) };
    else merged.push(span);
  }
  return merged;
}

/** What of each span lies in `within`. */
export function cutSpans(spans: readonly Span[], within: Span): Span[] {
  return spans
    .map(({ fromUs, toUs }) => ({ fromUs: Math.max(fromUs, within.fromUs), toUs: Math.min(toUs, within.toUs) }))
    .filter(({ fromUs, toUs }) => fromUs < toUs);
}

/** What of `whole` lies in none of the spans, which are in order and apart. */
export function spansBetween(spans: readonly Span[], whole: Span): Span[] {
  const between: Span[] = [];
  let fromUs = whole.fromUs;
  for (const span of cutSpans(spans, whole)) {
    if (span.fromUs > fromUs) between.push({ fromUs, toUs: span.fromUs });
    fromUs = span.toUs;
  }
  if (fromUs < whole.toUs) between.push({ fromUs, toUs: whole.toUs });
  return between;
}
