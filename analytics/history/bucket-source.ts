import type { PointKey, Scope } from "@caudal/core";
import { combineInto, emptyBucket, type Bucket, type BucketRow } from "../buckets/bucket.ts";
import type { Calendar, Span } from "../buckets/calendar.ts";
import type { FoldColumn } from "../buckets/fold.ts";
import { levels, quarterStart, quarterUs } from "../rollups/level.ts";
import { influenced } from "../rollups/influence.ts";
import type { RollupStore } from "../rollups/rollup-store.ts";
import type { RollupView } from "../rollups/rollup-view.ts";
import { cutSpans, mergeSpans } from "../rollups/spans.ts";
import type { ReadRows } from "../tiers/edge-values.ts";
import { foldRows } from "../tiers/fold-rows.ts";
import { piecesOf, type Piece } from "./pieces.ts";

export interface BucketQuery {
  readonly scope: Scope;
  readonly key: PointKey;
  readonly columns: readonly FoldColumn[];
  /** Begins and ends with buckets of the calendar. */
  readonly span: Span;
  readonly calendar: Calendar;
  readonly nowUs: number;
  /** Stretches that must not be taken from stored rollups, in order and apart; see `rawSpans`. */
  readonly raw: readonly Span[];
  readonly countsOnly?: boolean;
  /** Told of each piece as it is read. */
  readonly onPiece?: (piece: Piece) => void;
}

export interface BucketSourceOptions {
  readonly read: ReadRows;
  readonly store: RollupStore;
  readonly view: RollupView;
}

/** Rows that may be folded on read in place of rollups that are behind. */
const AFFORDABLE_ROWS = 200_000;
const MOST_SPANS = 32;

/** Buckets of any calendar, from stored rollups where these hold and from rows elsewhere. */
export class BucketSource {
  readonly #options: BucketSourceOptions;

  constructor(options: BucketSourceOptions) {
    this.#options = options;
  }

  /**
   * Where stored rollups do not say what the tiers hold: marked buckets and what depends on them, and all from the first bucket that is not
   * over. While marking itself is behind, everything, as far as `expectedRows` allows.
   */
  async rawSpans(query: Pick<BucketQuery, "scope" | "key" | "columns" | "span" | "nowUs" | "countsOnly">, expectedRows: number): Promise<Span[]> {
    const { scope, key, columns, span, nowUs, countsOnly } = query;
    const { spans, isBehind } = await this.#options.view.marked(scope, key);
    if (isBehind && expectedRows <= AFFORDABLE_ROWS) return [span];
    const untilUs = quarterStart(nowUs);
    const first = Math.max(0, spans.findLastIndex(({ toUs }) => toUs <= span.fromUs));
    const near = cutSpans(spans.slice(first).filter(({ fromUs }) => fromUs < span.toUs), { fromUs: -Infinity, toUs: untilUs });
    const few = near.length <= MOST_SPANS ? near : [{ fromUs: near[0]!.fromUs, toUs: near.at(-1)!.toUs }];
    const variables = columns.map(({ variable }) => variable);
    const reached = countsOnly === true ? few : await influenced(few, { read: this.#options.read, scope, key, variables, untilUs });
    return mergeSpans([...reached, { fromUs: untilUs, toUs: Infinity }]);
  }

  /** Rows in time order, some at a time; buckets without facts and held values are left out. */
  async *rows(query: BucketQuery): AsyncGenerator<BucketRow[]> {
    const { span, calendar, columns } = query;
    let open: { readonly span: Span; readonly cells: (Bucket | undefined)[] } | undefined;
    for (const piece of piecesOf(span, calendar, query.raw)) {
      query.onPiece?.(piece);
      for await (const parts of this.#parts(piece, query)) {
        const rows: BucketRow[] = [];
        for (const part of parts) {
          if (open === undefined || part.fromUs >= open.span.toUs) {
            if (open !== undefined) rows.push({ ...open.span, cells: open.cells });
            open = { span: calendar.spanAt(part.fromUs), cells: columns.map(() => undefined) };
          }
          for (let column = 0; column < columns.length; column++) {
            const cell = part.cells[column];
            if (cell !== undefined) combineInto((open.cells[column] ??= emptyBucket()), cell);
          }
        }
        if (rows.length > 0) yield rows;
      }
    }
    if (open !== undefined) yield [{ ...open.span, cells: open.cells }];
  }

  #parts(piece: Piece, query: BucketQuery): AsyncIterable<readonly BucketRow[]> {
    const { scope, key, columns, calendar, nowUs, countsOnly } = query;
    const { read, store } = this.#options;
    if (piece.from !== "raw") return store.rows(scope, key, levels[piece.from], { span: piece, columns: columns.map(({ variable }) => variable) });
    return foldRows({ read, scope, key, columns, calendar, fromUs: piece.fromUs, toUs: piece.toUs, knownUntilUs: nowUs, ...(countsOnly === undefined ? {} : { countsOnly }) });
  }
}

/** True for calendars that stored rollups can make up. */
export function usesRollups(lengthUs: number): boolean {
  return lengthUs >= quarterUs;
}
