import type { PointKey, Scope } from "@caudal/core";
import type { Span } from "../buckets/calendar.ts";
import { firstValue, type ReadRows } from "../tiers/edge-values.ts";
import { quarterStart, quarterUs } from "./level.ts";
import { mergeSpans } from "./spans.ts";

export interface InfluenceOptions {
  readonly read: ReadRows;
  readonly scope: Scope;
  readonly key: PointKey;
  readonly variables: readonly string[];
  /** Buckets from here on are computed anyway. Begins a bucket, as every span begins and ends with one. */
  readonly untilUs: number;
}

/**
 * The buckets whose content depends on facts in these spans: their own, and that of each variable's next value, whose growth counts from
 * it. (Buckets into which a value is held are marked with its own.) Spans are in order and apart, and so is the answer.
 */
export async function influenced(spans: readonly Span[], options: InfluenceOptions): Promise<Span[]> {
  const { read, scope, key, variables, untilUs } = options;
  const reached: Span[] = [...spans];
  for (const [i, { toUs }] of spans.entries()) {
    const endUs = Math.min(untilUs, spans[i + 1]?.fromUs ?? Infinity);
    if (toUs >= endUs) continue;
    // A value beyond the next span is met from there: that span has what it changes recomputed in its turn.
    const next = await Promise.all(variables.map((variable) => firstValue(read, { scope, key }, variable, { fromUs: toUs, toUs: endUs })));
    for (const value of next) if (value !== undefined) reached.push({ fromUs: quarterStart(value.timeUs), toUs: quarterStart(value.timeUs) + quarterUs });
  }
  return mergeSpans(reached);
}
