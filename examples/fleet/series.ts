import type { CatalogSeries } from "./catalog.ts";
import { subtractDecimal } from "./decimal.ts";
import { SOURCE_FORMATS } from "./source-format.ts";
import type { SourceFormat } from "./source-format.ts";

const SECOND_MS = 1000;

/** The rows that one device plays: times packed in arrays, values read from the file's bytes when they are sent. */
export interface Series {
  readonly entry: CatalogSeries;
  /** Instant of each row, ms UTC, in the file's order; row × 1000 for compressed time. */
  readonly timesMs: Float64Array;
  /** Greatest instant up to each row: a late row is due as soon as the rows before it. */
  readonly dueMs: Float64Array;
  /** Usual distance of two rows, ms. */
  readonly stepMs: number;
  /** Growth from the first value to the last for each key; "0" where the key is not a totaliser. */
  readonly growth: readonly string[];
  /** Values of a row as the file wrote them, one for each key of the entry; null where there is none. */
  readonly values: (row: number) => readonly (string | null)[];
}

/**
 * Takes the stretch that `entry` names from a file's bytes. Rows stay in the file's order; only a row without a
 * readable time and, where asked for, a zero after a zero are left out. Throws when nothing is left.
 */
export function readSeries(entry: CatalogSeries, bytes: Buffer): Series {
  const format = SOURCE_FORMATS[entry.format];
  if (format === undefined) throw new Error(`${entry.device}: unknown format ${entry.format}`);
  const { starts, timesMs } = selectRows(entry, format, bytes);
  const rows = starts.length;
  if (rows === 0) throw new Error(`${entry.device}: ${entry.file} holds no row of the stretch`);
  const times = entry.time === "compressed" ? Float64Array.from({ length: rows }, (_, i) => i * SECOND_MS) : Float64Array.from(timesMs);
  const values = (row: number): readonly (string | null)[] => {
    const columns = lineAt(bytes, starts[row] ?? 0).split(format.separator);
    return entry.keys.map((key) => present(columns[key.column]));
  };
  return { entry, timesMs: times, dueMs: runningMax(times), stepMs: medianStep(times), growth: growths(entry, rows, values), values };
}

function selectRows(entry: CatalogSeries, format: SourceFormat, bytes: Buffer): { starts: Uint32Array; timesMs: number[] } {
  const starts: number[] = [];
  const timesMs: number[] = [];
  let previousMs = -Infinity;
  let inside = entry.from === "";
  let silent = false;
  for (let start = skipLines(bytes, format.headerLines); start < bytes.length; start = nextLine(bytes, start)) {
    const columns = lineAt(bytes, start).split(format.separator);
    const written = columns[format.timeColumn] ?? "";
    inside ||= written.startsWith(entry.from);
    if (!inside) continue;
    if (entry.to !== "" && written.startsWith(entry.to)) break;
    const timeMs = format.zone(format.readTime(written), previousMs);
    if (Number.isNaN(timeMs)) continue;
    previousMs = timeMs;
    const zero = entry.skipSilence && entry.keys.every((key) => Number(columns[key.column]) === 0);
    if (!(zero && silent)) {
      starts.push(start);
      timesMs.push(timeMs);
    }
    silent = zero;
  }
  return { starts: Uint32Array.from(starts), timesMs };
}

function lineAt(bytes: Buffer, start: number): string {
  let end = bytes.indexOf(10, start);
  if (end < 0) end = bytes.length;
  if (end > start && bytes[end - 1] === 13) end -= 1;
  return bytes.toString("latin1", start, end);
}

function nextLine(bytes: Buffer, start: number): number {
  const end = bytes.indexOf(10, start);
  return end < 0 ? bytes.length : end + 1;
}

function skipLines(bytes: Buffer, count: number): number {
  let start = 0;
  for (let i = 0; i < count; i += 1) start = nextLine(bytes, start);
  return start;
}

function present(text: string | undefined): string | null {
  const trimmed = text?.trim() ?? "";
  return trimmed === "" || trimmed === "NULL" ? null : trimmed;
}

function runningMax(times: Float64Array): Float64Array {
  let greatest = -Infinity;
  return times.map((time) => (greatest = Math.max(greatest, time)));
}

function medianStep(times: Float64Array): number {
  if (times.length < 2) return SECOND_MS;
  const steps = times.slice(1).map((time, i) => time - (times[i] ?? 0)).sort();
  return Math.max(steps[steps.length >> 1] ?? SECOND_MS, SECOND_MS);
}

function growths(entry: CatalogSeries, rows: number, values: Series["values"]): readonly string[] {
  return entry.keys.map((key, k) => {
    if (!key.totaliser) return "0";
    const first = firstValue(rows, (i) => values(i)[k] ?? null);
    const last = firstValue(rows, (i) => values(rows - 1 - i)[k] ?? null);
    return subtractDecimal(last, first);
  });
}

function firstValue(rows: number, at: (i: number) => string | null): string {
  for (let i = 0; i < rows; i += 1) {
    const value = at(i);
    if (value !== null) return value;
  }
  return "0";
}
