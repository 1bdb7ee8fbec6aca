import { systemScope, variableRow, type PointKey, type SeriesTier } from "@caudal/core";
import { combineInto, emptyBucket, type Bucket } from "../buckets/bucket.ts";
import type { Clock } from "@caudal/runtime";
import type { Calendar, Span } from "../buckets/calendar.ts";
import type { FoldColumn } from "../buckets/fold.ts";
import type { ReadRows } from "../tiers/edge-values.ts";
import { foldRows } from "../tiers/fold-rows.ts";
import type { BucketTable } from "./bucket-table.ts";
import { influenced } from "./influence.ts";
import { levels, periodsIn, quarterUs, type Level } from "./level.ts";
import type { RollupStore, StoredTable } from "./rollup-store.ts";
import { revisedOf, type RevisedBucket } from "./revised.ts";
import { cutSpans, mergeSpans } from "./spans.ts";

export interface RecomputeOptions {
  readonly cold: SeriesTier;
  readonly store: RollupStore;
  /** Told how many buckets of a level were stored. */
  readonly onStored: (level: Level, buckets: number) => void;
  readonly clock: Pick<Clock, "nowUs">;
  /** Told which stored buckets changed after they had settled. */
  readonly onRevised: (buckets: readonly RevisedBucket[]) => void;
}

/** UTC days that are held in memory at once. */
const DAYS_AT_ONCE = 16;

const quarters: Calendar = {
  spanAt: (timeUs) => {
    const fromUs = Math.floor(timeUs / quarterUs) * quarterUs;
    return { fromUs, toUs: fromUs + quarterUs };
  },
};

/**
 * Computes a point's buckets of these spans anew from the cold tier, and what depends on them: 15m from rows, 1h from 15m, 1d from 1h. Nothing
 * is added to what is stored. Rejects with a conflict when another process stores the same: the marks then still stand. `untilUs` begins
 * the first bucket that is not over.
 */
export async function recompute(key: PointKey, spans: readonly Span[], untilUs: number, options: RecomputeOptions & { readonly signal: AbortSignal }): Promise<void> {
  const { cold, signal } = options;
  const read: ReadRows = (scope, point, query) => cold.read(scope, { ...point, ...query });
  const variables = [...new Set((await cold.latest(systemScope, [key])).map(({ variable }) => variable))];
  const columns = variables.map((variable): FoldColumn => ({ variable, isTotal: variableRow(variable)?.kind === "total" }));
  const affected = await influenced(mergeSpans(spans), { read, scope: systemScope, key, variables, untilUs });
  for (const chunk of chunksOf(affected)) {
    signal.throwIfAborted();
    await recomputeChunk(key, chunk, { read, columns, ...options });
  }
}

interface ChunkOptions extends RecomputeOptions {
  readonly read: ReadRows;
  readonly columns: readonly FoldColumn[];
}

/** Spans of some UTC days that follow each other. */
function* chunksOf(spans: readonly Span[]): Generator<Span[]> {
  let chunk: Span[] = [];
  let lastDay = NaN;
  let days = 0;
  for (const span of spans) {
    for (const day of periodsIn(levels["15m"], span)) {
      if (day !== lastDay && ++days > DAYS_AT_ONCE) {
        yield chunk;
        chunk = [];
        days = 1;
      }
      lastDay = day;
      chunk.push(...cutSpans([span], levels["15m"].periodAt(day)));
    }
  }
  if (chunk.length > 0) yield chunk;
}

async function recomputeChunk(key: PointKey, chunk: readonly Span[], { store, read, columns, onStored, onRevised, clock }: ChunkOptions): Promise<void> {
  const nowUs = clock.nowUs();
  const [fine, middle, coarse] = [levels["15m"], levels["1h"], levels["1d"]];
  const spans = mergeSpans(chunk);
  const days = await store.tables(key, fine, periodsOf(fine, spans));
  const oldDays = bucketsOf(fine, days, spans);
  for (const span of spans) {
    clear(days, fine, span);
    for await (const rows of foldRows({ read, key, columns, calendar: quarters, ...span })) {
      for (const { fromUs, cells } of rows) cells.forEach((cell, column) => put(days, fine, { variable: columns[column]!.variable, fromUs }, cell));
    }
  }
  const revisedDays = noteRevised(key, { level: fine, tables: days }, oldDays, nowUs);
  await store.write(key, fine, days);
  onRevised(revisedDays);
  onStored(fine, bucketsIn(fine, days, spans));
  const hours = widened(spans, middle);
  const months = await store.tables(key, middle, periodsOf(middle, hours));
  const oldMonths = bucketsOf(middle, months, hours);
  combine({ level: fine, tables: days }, { level: middle, tables: months }, hours);
  const revisedMonths = noteRevised(key, { level: middle, tables: months }, oldMonths, nowUs);
  await store.write(key, middle, months);
  onRevised(revisedMonths);
  onStored(middle, bucketsIn(middle, months, hours));
  const wholeDays = widened(spans, coarse);
  const years = await store.tables(key, coarse, periodsOf(coarse, wholeDays));
  const oldYears = bucketsOf(coarse, years, wholeDays);
  combine({ level: middle, tables: months }, { level: coarse, tables: years }, wholeDays);
  const revisedYears = noteRevised(key, { level: coarse, tables: years }, oldYears, nowUs);
  await store.write(key, coarse, years);
  onRevised(revisedYears);
  onStored(coarse, bucketsIn(coarse, years, wholeDays));
}

interface LevelTables {
  readonly level: Level;
  readonly tables: ReadonlyMap<number, StoredTable>;
}

/** Buckets of `above` in the spans from all of `below` that lie in them. */
function combine(below: LevelTables, above: LevelTables, spans: readonly Span[]): void {
  for (const span of spans) {
    clear(above.tables, above.level, span);
    for (const period of periodsIn(below.level, span)) {
      for (const [variable, buckets] of below.tables.get(period)?.table ?? []) {
        buckets.forEach((bucket, slot) => {
          const fromUs = period + slot * below.level.stepUs;
          if (bucket !== undefined && fromUs >= span.fromUs && fromUs < span.toUs) take(above, variable, fromUs, bucket);
        });
      }
    }
  }
}

interface OldBucket {
  readonly variable: string;
  readonly fromUs: number;
  readonly bucket: Bucket;
}

/** Buckets with facts that are stored in the spans, before they are computed anew. */
function bucketsOf(level: Level, tables: ReadonlyMap<number, StoredTable>, spans: readonly Span[]): OldBucket[] {
  const found: OldBucket[] = [];
  for (const [period, { table }] of tables) {
    const within = cutSpans(spans, level.periodAt(period));
    for (const [variable, buckets] of table) {
      buckets.forEach((bucket, slot) => {
        const fromUs = period + slot * level.stepUs;
        if (bucket !== undefined && bucket.count > 0 && within.some((span) => fromUs >= span.fromUs && fromUs < span.toUs)) found.push({ variable, fromUs, bucket });
      });
    }
  }
  return found;
}

/** Writes into the new buckets what has to be said of them, and gives those that changed after they had settled. */
function noteRevised(key: PointKey, { level, tables }: LevelTables, before: readonly OldBucket[], nowUs: number): RevisedBucket[] {
  const changed: RevisedBucket[] = [];
  for (const { variable, fromUs, bucket } of before) {
    const toUs = fromUs + level.stepUs;
    const { table, period } = tableAt(tables, level, fromUs);
    const after = table.get(variable)?.[(fromUs - period) / level.stepUs];
    const { revised, cause } = revisedOf(bucket, after, { toUs, nowUs });
    if (after !== undefined) after.revised = revised;
    if (cause !== undefined) changed.push({ ...key, level: level.name, fromUs, toUs, variable, cause });
  }
  return changed;
}

function take({ level, tables }: LevelTables, variable: string, timeUs: number, bucket: Bucket): void {
  const { table, period } = tableAt(tables, level, timeUs);
  const slot = Math.floor((timeUs - period) / level.stepUs);
  const column = columnOf(table, variable);
  // What a bucket has to say of itself comes from comparing it with what it was, not from the ones below.
  combineInto((column[slot] ??= emptyBucket()), { ...bucket, revised: undefined });
}

function put(tables: ReadonlyMap<number, StoredTable>, level: Level, at: { readonly variable: string; readonly fromUs: number }, bucket: Bucket | undefined): void {
  if (bucket === undefined) return;
  const { table, period } = tableAt(tables, level, at.fromUs);
  columnOf(table, at.variable)[(at.fromUs - period) / level.stepUs] = bucket;
}

function clear(tables: ReadonlyMap<number, StoredTable>, level: Level, span: Span): void {
  for (const period of periodsIn(level, span)) {
    for (const column of tables.get(period)?.table.values() ?? []) {
      column.forEach((_, slot) => {
        const fromUs = period + slot * level.stepUs;
        if (fromUs >= span.fromUs && fromUs < span.toUs) delete column[slot];
      });
    }
  }
}

function tableAt(tables: ReadonlyMap<number, StoredTable>, level: Level, timeUs: number): { table: BucketTable; period: number } {
  const period = level.periodAt(timeUs).fromUs;
  return { table: tables.get(period)!.table, period };
}

function columnOf(table: BucketTable, variable: string): (Bucket | undefined)[] {
  const column = table.get(variable) ?? [];
  table.set(variable, column);
  return column;
}

function periodsOf(level: Level, spans: readonly Span[]): number[] {
  return [...new Set(spans.flatMap((span) => [...periodsIn(level, span)]))];
}

/** The spans grown to whole buckets of the level. */
function widened(spans: readonly Span[], { stepUs }: Level): Span[] {
  return mergeSpans(spans.map(({ fromUs, toUs }) => ({ fromUs: Math.floor(fromUs / stepUs) * stepUs, toUs: Math.ceil(toUs / stepUs) * stepUs })));
}

function bucketsIn(level: Level, tables: ReadonlyMap<number, StoredTable>, spans: readonly Span[]): number {
  let buckets = 0;
  for (const [period, { table }] of tables) {
    const slots = cutSpans(spans, level.periodAt(period)).map(({ fromUs, toUs }) => [(fromUs - period) / level.stepUs, (toUs - period) / level.stepUs] as const);
    for (const column of table.values()) for (const [first, end] of slots) buckets += column.slice(first, end).filter(Boolean).length;
  }
  return buckets;
}
