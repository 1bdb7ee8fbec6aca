import { systemScope, type PointKey, type Scope } from "@caudal/core";
import type { BucketRow } from "../buckets/bucket.ts";
import type { Calendar, Span } from "../buckets/calendar.ts";
import { BucketFold, HOLD_US, type FoldColumn } from "../buckets/fold.ts";
import { lastValue, type ReadRows } from "./edge-values.ts";

export interface FoldRowsOptions extends Span {
  readonly read: ReadRows;
  readonly scope?: Scope;
  readonly key: PointKey;
  readonly columns: readonly FoldColumn[];
  readonly calendar: Calendar;
  readonly knownUntilUs?: number;
  /** True where only counts are wanted: the values before the span are then not looked for. */
  readonly countsOnly?: boolean;
}

/** Reads a span's rows and folds them into the calendar's buckets, cut to the span; some rows at a time, in time order. */
export async function* foldRows(options: FoldRowsOptions): AsyncGenerator<readonly BucketRow[]> {
  const { read, scope = systemScope, key, columns, calendar, fromUs, toUs, knownUntilUs } = options;
  const before = options.countsOnly === true ? [] : await Promise.all(columns.map(({ variable, isTotal }) =>
    lastValue(read, { scope, key }, variable, { fromUs: isTotal ? -Infinity : fromUs - HOLD_US, toUs: fromUs })));
  const spanAt = (timeUs: number): Span => {
    const span = calendar.spanAt(timeUs);
    return { fromUs: Math.max(span.fromUs, fromUs), toUs: Math.min(span.toUs, toUs) };
  };
  const fold = new BucketFold({ columns, fromUs, spanAt, before, ...(knownUntilUs === undefined ? {} : { knownUntilUs }) });
  for await (const block of read(scope, key, { fromUs, toUs, variables: columns.map(({ variable }) => variable) })) {
    const rows = fold.add(block);
    if (rows.length > 0) yield rows;
  }
  const rows = fold.finish(toUs);
  if (rows.length > 0) yield rows;
}
