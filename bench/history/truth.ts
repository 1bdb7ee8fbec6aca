import { DAY_MS, ROWS_A_DAY, yearOf, type YearRow } from "./year.ts";
import { tableVariables } from "./table.ts";

/** What the daily buckets of a year must say, computed from what was sent. */
export function dailyTruth(point: number, firstMs: number): Map<string, readonly number[]> {
  const rows = [...yearOf(point, firstMs)];
  const days = Array.from({ length: rows.length / ROWS_A_DAY }, (_, day) => rows.slice(day * ROWS_A_DAY, (day + 1) * ROWS_A_DAY));
  return new Map(days.flatMap((of, day) => tableVariables.map((variable) => {
    const values = of.map((row) => row[variable]);
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    return [`${timeText(firstMs + day * DAY_MS)} ${variable}`, [Math.min(...values), mean, Math.max(...values), values.length]] as const;
  })));
}

/** What the raw rows must say: a line a row. */
export function rawTruth(point: number, firstMs: number): string[] {
  return Array.from(yearOf(point, firstMs), ({ atMs, total, flow, level }: YearRow) => `${timeText(atMs)},${total},${flow},${level}`);
}

function timeText(atMs: number): string {
  return `${new Date(atMs).toISOString().slice(0, 19)}Z`;
}
