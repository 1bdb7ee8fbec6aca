import type { LatestFact, PointKey, RowBlock, Scope } from "@caudal/core";
import type { Clock } from "@caudal/runtime";
import { combineInto, emptyBucket, type Bucket, type BucketRow } from "../buckets/bucket.ts";
import { bucketLengthUs, createCalendar, SECOND_US, type BucketResolution, type Calendar, type Span } from "../buckets/calendar.ts";
import { PeriodBook } from "../points/periods.ts";
import { unlistedVariable, type PointInfo, type VariableInfo } from "../points/point-directory.ts";
import { mergeSpans } from "../rollups/spans.ts";
import { edgeTime } from "../tiers/edge-values.ts";
import type { RowSeries } from "../tiers/point-series.ts";
import { autoResolution } from "./auto.ts";
import { usesRollups, type BucketQuery, type BucketSource } from "./bucket-source.ts";
import { Expectation, type Coverage } from "./coverage.ts";
import { FirstInstants } from "./first-instants.ts";
import type { Piece } from "./pieces.ts";

export type Resolution = "raw" | BucketResolution;

export interface HistoryQuery extends Span {
  readonly scope: Scope;
  readonly info: PointInfo;
  readonly columns: readonly VariableInfo[];
  readonly resolution: Resolution | "auto";
  readonly zone: string;
  /** What was known at that instant; what is known now when absent. */
  readonly asOfUs?: number | undefined;
}

/** Which tier or stored rollup gave which part. */
export interface Served extends Span {
  readonly by: { readonly tier: string } | { readonly rollup: string };
}

/** A history that is planned and not read yet. */
export interface PlannedHistory {
  readonly info: PointInfo;
  readonly columns: readonly VariableInfo[];
  /** Grown to whole buckets. */
  readonly span: Span;
  readonly resolution: Resolution;
  readonly zone: string;
  readonly asOfUs: number | undefined;
  readonly expectation: Expectation;
  /** Of the whole span, whatever the resolution. */
  coverage(): Promise<Coverage>;
  /** Rows as they were judged, from an instant of the span on. */
  rawBlocks(options: { readonly fromUs: number; readonly limit?: number }): AsyncIterable<RowBlock>;
  /** Buckets with at least one fact, from a bucket of the span on. */
  bucketRows(options: { readonly fromUs: number; readonly onPiece?: (piece: Piece) => void }): AsyncIterable<readonly BucketRow[]>;
  /** What serves these pieces, or raw rows of a span. */
  served(pieces: readonly Piece[]): Promise<Served[]>;
}

export interface HistoryOptions {
  readonly series: RowSeries;
  /** The rows as they were known at an instant, and buckets folded from those alone. */
  readonly asOf: (asOfUs: number) => Pick<HistoryOptions, "series" | "buckets">;
  readonly buckets: BucketSource;
  readonly periods: PeriodBook;
  readonly latest: (scope: Scope, key: PointKey) => Promise<readonly LatestFact[]>;
  readonly clock: Clock;
}

/** Plans histories: `history(point, from, to, resolution)` over tiers and rollups. */
export class History {
  readonly #options: HistoryOptions;
  readonly #firsts: FirstInstants;

  constructor(options: HistoryOptions) {
    this.#options = options;
    this.#firsts = new FirstInstants(options.series);
  }

  /** Every variable that the point has: those of the directory, then those that only the tiers know. */
  async columnsOf(scope: Scope, info: PointInfo): Promise<VariableInfo[]> {
    const listed = new Set(info.variables.map(({ variable }) => variable));
    const stored = new Set((await this.#options.latest(scope, info.key)).map(({ variable }) => variable));
    return [...info.variables, ...[...stored].filter((variable) => !listed.has(variable)).sort().map(unlistedVariable)];
  }

  async plan(query: HistoryQuery): Promise<PlannedHistory> {
    const { scope, info, columns, zone, asOfUs } = query;
    const parts = asOfUs === undefined ? this.#options : this.#partsAsOf(asOfUs);
    const { series, clock } = parts;
    // Who looks back expects, and holds values, no further than could be known then.
    const nowUs = Math.min(clock.nowUs(), asOfUs ?? Infinity);
    const at = { scope, key: info.key };
    const read = series.read.bind(series);
    const everything = { fromUs: -Infinity, toUs: Infinity };
    const [firstUs, lastUs] = await Promise.all([(asOfUs === undefined ? this.#firsts : new FirstInstants(series)).of(scope, info.key, query.fromUs), edgeTime(read, at, everything, "descending")]);
    const data: Span | undefined = firstUs === undefined || lastUs === undefined ? undefined : { fromUs: firstUs, toUs: lastUs + 1 };
    const learned = data === undefined ? new Map<string, number>()
      : await parts.periods.periods(scope, info.key, columns.map(({ variable }) => variable), Math.min(query.toUs, data.toUs));
    const expectation = new Expectation({ periodS: info.record.periodS, learned, firstUs: firstUs ?? Infinity, nowUs });
    const fastestS = columns.reduce((least, { variable }) => Math.min(least, expectation.periodS(variable) ?? Infinity), Infinity);
    const shown = data === undefined ? { fromUs: query.fromUs, toUs: query.fromUs } : cut(query, data);
    const resolution = query.resolution === "auto" ? autoResolution(shown, fastestS === Infinity ? undefined : fastestS) : query.resolution;
    const calendar = resolution === "raw" ? undefined : createCalendar(resolution, zone);
    const span = calendar === undefined ? { fromUs: query.fromUs, toUs: query.toUs } : grown(query, calendar);
    return new Planned(parts, { scope, info, columns, zone, span, resolution, calendar, expectation, data, nowUs, fastestS, asOfUs });
  }

  #partsAsOf(asOfUs: number): HistoryOptions {
    const parts = this.#options.asOf(asOfUs);
    return { ...this.#options, ...parts, periods: new PeriodBook(parts.series.read.bind(parts.series), this.#options.clock) };
  }
}

interface PlannedOptions {
  readonly scope: Scope;
  readonly info: PointInfo;
  readonly columns: readonly VariableInfo[];
  readonly zone: string;
  readonly span: Span;
  readonly resolution: Resolution;
  readonly calendar: Calendar | undefined;
  readonly expectation: Expectation;
  /** First to after the last row; undefined without any. */
  readonly data: Span | undefined;
  readonly nowUs: number;
  readonly fastestS: number;
  readonly asOfUs: number | undefined;
}

/** Buckets that are read once for an answer's coverage and its rows: more would be too many to hold. */
const FEW_BUCKETS = 1000;

interface HeldBuckets {
  readonly rows: readonly BucketRow[];
  readonly pieces: readonly Piece[];
}

type SpanQuery = Pick<BucketQuery, "scope" | "key" | "columns" | "span" | "nowUs">;

class Planned implements PlannedHistory {
  readonly #parts: HistoryOptions;
  readonly #plan: PlannedOptions;
  #held: Promise<HeldBuckets> | undefined;

  constructor(parts: HistoryOptions, plan: PlannedOptions) {
    this.#parts = parts;
    this.#plan = plan;
  }

  get info(): PointInfo { return this.#plan.info; }
  get columns(): readonly VariableInfo[] { return this.#plan.columns; }
  get span(): Span { return this.#plan.span; }
  get resolution(): Resolution { return this.#plan.resolution; }
  get zone(): string { return this.#plan.zone; }
  get asOfUs(): number | undefined { return this.#plan.asOfUs; }
  get expectation(): Expectation { return this.#plan.expectation; }

  async coverage(): Promise<Coverage> {
    const { span, columns, data, expectation } = this.#plan;
    if (this.#hasFew()) return expectation.coverage(columns, span, together((await this.#hold()).rows, columns.length));
    const shown = data === undefined ? { fromUs: 0, toUs: 0 } : cut(span, data);
    const whole: Calendar = { spanAt: () => shown };
    if (shown.fromUs >= shown.toUs) return expectation.coverage(columns, span, []);
    const query = { ...this.#bucketQuery(shown), countsOnly: true };
    const raw = await this.#rawSpans(query, Infinity);
    for await (const [row] of this.#parts.buckets.rows({ ...query, calendar: whole, raw })) {
      if (row !== undefined) return expectation.coverage(columns, span, row.cells);
    }
    return expectation.coverage(columns, span, []);
  }

  /** Within the data that was there when it was planned, as buckets and coverage are: the parts of an answer agree although readings come meanwhile. */
  async *rawBlocks({ fromUs, limit }: { readonly fromUs: number; readonly limit?: number }): AsyncGenerator<RowBlock> {
    const { scope, info, columns, span, data } = this.#plan;
    if (data === undefined) return;
    const variables = columns.map(({ variable }) => variable);
    yield* this.#parts.series.read(scope, info.key, { ...cut({ fromUs, toUs: span.toUs }, data), variables, ...(limit === undefined ? {} : { limit }) });
  }

  async *bucketRows({ fromUs, onPiece }: { readonly fromUs: number; readonly onPiece?: (piece: Piece) => void }): AsyncGenerator<readonly BucketRow[]> {
    if (!this.#hasFew()) return yield* this.#readRows({ fromUs, ...(onPiece === undefined ? {} : { onPiece }) });
    const { rows, pieces } = await this.#hold();
    for (const piece of pieces) if (piece.toUs > fromUs) onPiece?.({ ...piece, fromUs: Math.max(piece.fromUs, fromUs) });
    const wanted = rows.filter((row) => row.fromUs >= fromUs);
    if (wanted.length > 0) yield wanted;
  }

  #hasFew(): boolean {
    const { span: { fromUs, toUs }, resolution } = this.#plan;
    return resolution !== "raw" && toUs - fromUs <= FEW_BUCKETS * bucketLengthUs[resolution];
  }

  /** All buckets of the span, so that coverage and rows are of one look and cost one. */
  #hold(): Promise<HeldBuckets> {
    this.#held ??= this.#readAll();
    return this.#held;
  }

  async #readAll(): Promise<HeldBuckets> {
    const pieces: Piece[] = [];
    const rows: BucketRow[] = [];
    for await (const some of this.#readRows({ fromUs: this.#plan.span.fromUs, onPiece: (piece) => pieces.push(piece) })) rows.push(...some);
    return { rows, pieces };
  }

  async *#readRows({ fromUs, onPiece }: { readonly fromUs: number; readonly onPiece?: (piece: Piece) => void }): AsyncGenerator<readonly BucketRow[]> {
    const { span, data, calendar, resolution } = this.#plan;
    if (data === undefined || calendar === undefined || resolution === "raw") return;
    const range = cut({ fromUs, toUs: span.toUs }, grown(data, calendar));
    if (range.fromUs >= range.toUs) return;
    const query = this.#bucketQuery(range);
    const raw = await this.#rawSpans(query, bucketLengthUs[resolution]);
    for await (const rows of this.#parts.buckets.rows({ ...query, calendar, raw, ...(onPiece === undefined ? {} : { onPiece }) })) {
      const filled = rows.filter(({ cells }) => cells.some((cell) => cell !== undefined && cell.count > 0));
      if (filled.length > 0) yield filled;
    }
  }

  async served(pieces: readonly Piece[]): Promise<Served[]> {
    const { scope, info } = this.#plan;
    const served: Served[] = [];
    for (const { from, fromUs, toUs } of pieces) {
      if (from !== "raw") served.push({ by: { rollup: from }, fromUs, toUs });
      else for (const { tier, ...span } of await this.#parts.series.plan(scope, info.key, { fromUs, toUs })) served.push({ by: { tier }, ...span });
    }
    return served;
  }

  async #rawSpans(query: SpanQuery & Pick<BucketQuery, "countsOnly">, lengthUs: number): Promise<Span[]> {
    const { span } = query;
    // Stored rollups are of now.
    if (!usesRollups(lengthUs) || this.#plan.asOfUs !== undefined) return [span];
    const expectedRows = this.#plan.fastestS === Infinity ? 0 : (span.toUs - span.fromUs) / (this.#plan.fastestS * SECOND_US);
    return mergeSpans(await this.#parts.buckets.rawSpans(query, expectedRows));
  }

  #bucketQuery(span: Span): SpanQuery {
    const { scope, info, columns, nowUs } = this.#plan;
    return { scope, key: info.key, columns, span, nowUs };
  }
}

function cut(span: Span, within: Span): Span {
  return { fromUs: Math.max(span.fromUs, within.fromUs), toUs: Math.min(span.toUs, within.toUs) };
}

/** The span grown to whole buckets. */
function grown({ fromUs, toUs }: Span, calendar: Calendar): Span {
  return { fromUs: calendar.spanAt(fromUs).fromUs, toUs: calendar.spanAt(toUs - 1).toUs };
}

/** What all buckets hold, a cell a column. */
function together(rows: readonly BucketRow[], columns: number): readonly (Bucket | undefined)[] {
  return Array.from({ length: columns }, (_, column) => {
    const whole = emptyBucket();
    for (const { cells } of rows) {
      const cell = cells[column];
      if (cell !== undefined) combineInto(whole, cell);
    }
    return whole;
  });
}
