import { asInstantMs, asList, asNumber, asNumberOrNull, asRecord, asText, asTextList, type Json } from "./read.ts";

/** One value of one variable: a sample as stored, or a bucket of a rollup (then min … flagged are set). */
export interface Cell {
  readonly time: string;
  readonly timeMs: number;
  /** Raw value; of a bucket its mean, and for a total its last value. */
  readonly value: number | null;
  readonly flag: number;
  readonly reasons: readonly string[];
  readonly bucket: BucketCell | null;
}

export interface BucketCell {
  readonly min: number | null;
  readonly max: number | null;
  readonly mean: number | null;
  readonly first: number | null;
  readonly last: number | null;
  readonly consumption: number | null;
  readonly count: number;
  /** 0 to 1. */
  readonly coverage: number | null;
  readonly flagged: number;
  /** Present when late or corrected samples changed the bucket after it had settled. */
  readonly revised?: RevisedCell;
}

/** When a bucket was last computed anew, how many samples had come late by then, and how many times some were corrected. */
export interface RevisedCell {
  readonly atMs: number | null;
  readonly late: number;
  readonly corrected: number;
}

export interface Column {
  readonly variable: string;
  readonly unit: string;
}

export interface Coverage {
  readonly expected: number;
  readonly received: number;
  readonly flagged: number;
  /** 0 to 1; null where nothing is expected. */
  readonly ratio: number | null;
}

export interface ServedRange {
  /** hot, warm or cold; empty where a stored rollup served. */
  readonly tier: string;
  /** Length of the stored rollup's buckets, empty for samples. */
  readonly rollup: string;
  readonly fromMs: number | null;
  readonly toMs: number | null;
}

export interface History {
  readonly point: string;
  readonly resolution: string;
  readonly columns: readonly Column[];
  /** By variable, in time order. */
  readonly cells: ReadonlyMap<string, Cell[]>;
  readonly coverage: Coverage;
  readonly served: readonly ServedRange[];
  readonly next: string | null;
}

export function readCoverage(value: unknown): Coverage {
  const row = asRecord(value);
  return {
    expected: asNumber(row["expected"]), received: asNumber(row["received"]), flagged: asNumber(row["flagged"]), ratio: asNumberOrNull(row["ratio"]),
  };
}

function readBucket(row: Json): BucketCell {
  return {
    min: asNumberOrNull(row["min"]), max: asNumberOrNull(row["max"]), mean: asNumberOrNull(row["mean"]), first: asNumberOrNull(row["first"]),
    last: asNumberOrNull(row["last"]), consumption: asNumberOrNull(row["consumption"]), count: asNumber(row["count"]),
    coverage: asNumberOrNull(row["coverage"]), flagged: asNumber(row["flagged"]), ...readRevised(row["revised"]),
  };
}

function readRevised(value: unknown): Pick<BucketCell, "revised"> {
  if (value === undefined || value === null) return {};
  const row = asRecord(value);
  return { revised: { atMs: asInstantMs(row["at"]), late: asNumber(row["late"]), corrected: asNumber(row["corrected"]) } };
}

function readCell(value: unknown, time: string, timeMs: number, total: boolean): Cell {
  const row = asRecord(value);
  if ("value" in row) {
    return { time, timeMs, value: asNumberOrNull(row["value"]), flag: asNumber(row["flag"], 2), reasons: asTextList(row["reasons"]), bucket: null };
  }
  const bucket = readBucket(row);
  const shown = total ? (bucket.last ?? bucket.max) : (bucket.mean ?? bucket.last);
  return { time, timeMs, value: bucket.count === 0 ? null : shown, flag: bucket.flagged > 0 ? 3 : 1, reasons: [], bucket };
}

/** The JSON of `…/history`. `totals` names the variables whose bucket is best shown by its last value. */
export function readHistory(body: unknown, totals: ReadonlySet<string>): History {
  const record = asRecord(body);
  const columns = asList(record["columns"], (item) => {
    const row = asRecord(item);
    const variable = asText(row["variable"]);
    return variable === "" ? undefined : { variable, unit: asText(row["unit"]) };
  });
  const cells = new Map<string, Cell[]>(columns.map((column) => [column.variable, []]));
  for (const item of Array.isArray(record["items"]) ? record["items"] : []) {
    const row = asRecord(item);
    const time = asText(row["time"]);
    const timeMs = asInstantMs(time);
    if (timeMs === null) continue;
    for (const column of columns) {
      const value = row[column.variable];
      if (value !== undefined && value !== null) cells.get(column.variable)?.push(readCell(value, time, timeMs, totals.has(column.variable)));
    }
  }
  return {
    point: asText(record["point"]), resolution: asText(record["resolution"], "raw"), columns, cells, coverage: readCoverage(record["coverage"]),
    served: asList(record["served"], readServed), next: typeof record["next"] === "string" ? record["next"] : null,
  };
}

function readServed(item: unknown): ServedRange | undefined {
  const row = asRecord(item);
  const tier = asText(row["tier"]);
  const rollup = asText(row["rollup"]);
  return tier + rollup === "" ? undefined : { tier, rollup, fromMs: asInstantMs(row["from"]), toMs: asInstantMs(row["to"]) };
}

export interface DayCompleteness extends Coverage {
  /** Calendar day, `2026-11-22`. */
  readonly day: string;
}

/** Days of the first point in the answer of `…/completeness`. */
export function readCompleteness(body: unknown): DayCompleteness[] {
  const first = asList(asRecord(body)["items"], (item) => asRecord(item))[0];
  return asList(first?.["days"], (item) => {
    const day = asText(asRecord(item)["day"]);
    return day === "" ? undefined : { day, ...readCoverage(item) };
  });
}
