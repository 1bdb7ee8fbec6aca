import { flags, type PointKey, type RowBlock, type Scope } from "@caudal/core";
import type { HeldValue } from "../buckets/fold.ts";
import type { Span } from "../buckets/calendar.ts";
import type { SeriesQuery } from "./point-series.ts";

/** Reads a point's rows: the stitched series, or one tier. */
export type ReadRows = (scope: Scope, key: PointKey, query: SeriesQuery) => AsyncIterable<RowBlock>;

const FIRST_ROWS = 1;
const MOST_ROWS = 4096;

/** Newest value of the variable in the span that counts: neither bad nor missing. */
export function lastValue(read: ReadRows, at: { readonly scope: Scope; readonly key: PointKey }, variable: string, span: Span): Promise<HeldValue | undefined> {
  return edgeValue(read, at, variable, { ...span, order: "descending" });
}

/** Oldest value of the variable in the span that counts. */
export function firstValue(read: ReadRows, at: { readonly scope: Scope; readonly key: PointKey }, variable: string, span: Span): Promise<HeldValue | undefined> {
  return edgeValue(read, at, variable, { ...span, order: "ascending" });
}

/** Newest value of the variable in the span that counts and whose reasons are let through. */
export function lastFitting(read: ReadRows, at: { readonly scope: Scope; readonly key: PointKey }, variable: string, query: { readonly span: Span; readonly fits: FitsReasons }): Promise<HeldValue | undefined> {
  return edgeValue(read, at, variable, { ...query.span, order: "descending", fits: query.fits });
}

type FitsReasons = (reasons: readonly string[]) => boolean;

/** Asks for one row, then for more at a time while what comes does not count. */
async function edgeValue(
  read: ReadRows, { scope, key }: { readonly scope: Scope; readonly key: PointKey }, variable: string, query: SeriesQuery & { readonly fits?: FitsReasons },
): Promise<HeldValue | undefined> {
  const { fits = () => true } = query;
  let { fromUs, toUs } = query;
  for (let limit = FIRST_ROWS; fromUs < toUs; limit = Math.min(limit * 16, MOST_ROWS)) {
    let rows = 0;
    for await (const block of read(scope, key, { fromUs, toUs, order: query.order!, variables: [variable], limit })) {
      const column = block.columns.find((candidate) => candidate.variable === variable);
      for (let row = 0; row < block.rows; row++) {
        const flag = column?.flags[row] ?? 0;
        const value = column?.values[row] ?? NaN;
        if (flag !== 0 && flag < flags.bad && !Number.isNaN(value) && fits(column?.reasons.get(row) ?? [])) return { timeUs: block.timesUs[row]!, value };
      }
      rows += block.rows;
      const lastUs = block.timesUs[block.rows - 1]!;
      if (query.order === "descending") toUs = lastUs;
      else fromUs = lastUs + 1;
    }
    if (rows < limit) return undefined;
  }
  return undefined;
}

/** Instant of the point's first or last row in the span. */
export async function edgeTime(read: ReadRows, { scope, key }: { readonly scope: Scope; readonly key: PointKey }, span: Span, order: "ascending" | "descending"): Promise<number | undefined> {
  for await (const block of read(scope, key, { ...span, order, limit: 1 })) return block.timesUs[0];
  return undefined;
}
