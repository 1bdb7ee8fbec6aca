import { endpoints } from "../http/endpoints.ts";
import type { Api } from "../http/request.ts";
import { appendCell } from "../history/merge.ts";
import { measuredVariables, type LatestValue, type Point, type PointVariable } from "../wire/point.ts";
import { readHistory, type Cell } from "../wire/history.ts";

/** What a row's small chart shows: the last hours in quarter hours, or the last minutes of a point that only began. */
export interface SparkData {
  readonly cells: readonly Cell[];
  readonly spanMs: number;
  readonly gapMs: number;
  readonly raw: boolean;
}

export const SPARK_HOURS = 12;
const HOURS_MS = SPARK_HOURS * 3_600_000;
const MINUTES_MS = 15 * 60_000;
const QUARTER_MS = 900_000;
/** Hourly meters leave three of four quarters empty: a line may span two hours. */
const HOURS_GAP_MS = 2 * 3_600_000;
const FEW_BUCKETS = 3;
const MOST_RAW_CELLS = 300;

/** The variable that stands for a point: the first that is no total and no battery. */
export function sparkVariable(point: Point): PointVariable | undefined {
  const rows = measuredVariables(point);
  return rows.find((row) => row.kind === "rate" || row.kind === "level") ?? rows[0];
}

export interface SparkQuery {
  readonly point: string;
  readonly variable: PointVariable;
  readonly nowMs: number;
  readonly signal: AbortSignal;
}

export async function loadSpark(api: Api, { point, variable, nowMs, signal }: SparkQuery): Promise<SparkData> {
  const ask = async (spanMs: number, resolution: string, limit: number) => {
    const query = { from: new Date(nowMs - spanMs).toISOString(), to: new Date(nowMs).toISOString(), resolution, variables: variable.variable, limit };
    const body = await api.call(endpoints.history(point, query), { signal });
    return readHistory(body, new Set(variable.kind === "total" ? [variable.variable] : [])).cells.get(variable.variable) ?? [];
  };
  const quarters = (await ask(HOURS_MS, "15m", HOURS_MS / QUARTER_MS + 1)).filter((cell) => cell.value !== null);
  if (quarters.length >= FEW_BUCKETS) return { cells: quarters, spanMs: HOURS_MS, gapMs: HOURS_GAP_MS, raw: false };
  const samples = await ask(MINUTES_MS, "raw", 1_000);
  if (samples.length < FEW_BUCKETS && quarters.length > 0) return { cells: quarters, spanMs: HOURS_MS, gapMs: HOURS_GAP_MS, raw: false };
  return { cells: samples, spanMs: MINUTES_MS, gapMs: MINUTES_MS, raw: true };
}

/** The data with a live value at its end. */
export function withLive(data: SparkData, value: LatestValue): SparkData {
  const newest = data.cells.at(-1);
  if (value.value === null || (newest !== undefined && newest.timeMs >= value.timeMs)) return data;
  const cell: Cell = { time: value.time, timeMs: value.timeMs, value: value.value, flag: value.flag, reasons: [], bucket: null };
  const cells = appendCell(data.raw ? data.cells : data.cells.filter((old) => old.bucket !== null), cell, value.timeMs - data.spanMs);
  return { ...data, cells: cells.slice(-MOST_RAW_CELLS) };
}

/** Lets a few things happen at a time; the others wait their turn, in order. */
export function createTurnstile(most: number) {
  let inside = 0;
  const waiting: (() => void)[] = [];
  return async function pass<T>(act: () => Promise<T>): Promise<T> {
    if (inside >= most) await new Promise<void>((resolve) => waiting.push(resolve));
    inside += 1;
    try {
      return await act();
    } finally {
      inside -= 1;
      waiting.shift()?.();
    }
  };
}
