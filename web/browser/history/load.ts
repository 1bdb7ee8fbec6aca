import { endpoints } from "../http/endpoints.ts";
import type { Api } from "../http/request.ts";
import { measuredVariables, type Point } from "../wire/point.ts";
import { readHistory, type Cell, type History } from "../wire/history.ts";
import { asRecord, asInstantMs } from "../wire/read.ts";
import { spanOf, type Span, type TimeRange } from "./range.ts";
import type { Resolution } from "./resolution.ts";

/** One point's history over the span that was asked. */
export interface LoadedHistory extends History {
  /** True when there are more rows than a chart can hold; only the first are here. */
  readonly truncated: boolean;
}

export interface HistoryQuery {
  readonly span: Span;
  readonly resolution: Resolution;
  readonly zone: string;
  readonly variables?: readonly string[];
  /** What was known then; what is known now when absent or null. */
  readonly asOfMs?: number | null;
}

/** A chart of 1,000 pixels cannot show more, and a browser draws this many without a pause. */
export const MOST_ROWS = 40_000;
const ROWS_A_PAGE = 10_000;
/** Of the variables that are computed, so that no key of a point says what they are. */
const COMPUTED_TOTALS = ["volume"];

function queryOf({ span, resolution, zone, variables, asOfMs = null }: HistoryQuery): Record<string, string | number> {
  return {
    from: new Date(span.fromMs).toISOString(), to: new Date(span.toMs).toISOString(), resolution, tz: zone,
    ...(variables === undefined ? {} : { variables: variables.join(",") }), ...(asOfMs === null ? {} : { asOf: new Date(asOfMs).toISOString() }),
  };
}

/** Where the same query is answered as a CSV file. */
export function csvHref(point: string, query: HistoryQuery): string {
  return endpoints.history(point, { ...queryOf(query), format: "csv" });
}

/** All pages of a history, up to what a chart can hold. */
export async function loadHistory(api: Api, point: Point, query: HistoryQuery, signal: AbortSignal): Promise<LoadedHistory> {
  const totals = new Set([...COMPUTED_TOTALS, ...measuredVariables(point).filter((row) => row.kind === "total").map((row) => row.variable)]);
  const cells = new Map<string, Cell[]>();
  let first: History | undefined;
  let rows = 0;
  let cursor: string | null = null;
  do {
    const body: unknown = await api.call(endpoints.history(point.id, { ...queryOf(query), limit: ROWS_A_PAGE, cursor }), { signal });
    const page = readHistory(body, totals);
    first ??= page;
    for (const [variable, more] of page.cells) cells.set(variable, (cells.get(variable) ?? []).concat(more));
    const count = asRecord(body)["items"];
    rows += Array.isArray(count) ? count.length : 0;
    cursor = page.next;
  } while (cursor !== null && rows < MOST_ROWS);
  return { ...first, cells, next: cursor, truncated: cursor !== null };
}

/** Instant of the point's first reading, in ms; null when it has none. Asks for one monthly bucket, which is cheap at any age. */
export async function firstReadingMs(api: Api, point: string, nowMs: number, signal: AbortSignal): Promise<number | null> {
  const query = queryOf({ span: { fromMs: Date.UTC(1900, 0, 1), toMs: nowMs }, resolution: "1mo", zone: "UTC" });
  const month = await firstTime(api, endpoints.history(point, { ...query, limit: 1 }), signal);
  if (month === null) return null;
  const inMonth = queryOf({ span: { fromMs: month, toMs: month + 32 * 86_400_000 }, resolution: "1h", zone: "UTC" });
  return (await firstTime(api, endpoints.history(point, { ...inMonth, limit: 1 }), signal)) ?? month;
}

async function firstTime(api: Api, path: string, signal: AbortSignal): Promise<number | null> {
  const items = asRecord(await api.call(path, { signal }))["items"];
  return asInstantMs(asRecord(Array.isArray(items) ? items[0] : undefined)["time"]);
}

export interface SpanQuery {
  readonly points: readonly string[];
  readonly nowMs: number;
  readonly signal: AbortSignal;
}

/** The span of a range for several points: for all, from the earliest first reading. */
export async function resolveSpan(api: Api, range: TimeRange, { points, nowMs, signal }: SpanQuery): Promise<Span> {
  if (range.kind !== "all") return spanOf(range, nowMs, null);
  const firsts = await Promise.all(points.map((point) => firstReadingMs(api, point, nowMs, signal)));
  const known = firsts.filter((timeMs) => timeMs !== null);
  return spanOf(range, nowMs, known.length === 0 ? null : Math.min(...known));
}
