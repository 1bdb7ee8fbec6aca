/** A table of readings in another store, which answers what the installation is asked. */
export interface ReadingTable {
  /** Daily buckets (UTC) of a point as JSON: `{"items":[{"time","total":{"min","mean","max","count"},…}]}`. */
  daily(query: TableQuery): Promise<string>;
  /** Rows of a point as CSV, header first, in strings of bounded length. */
  raw(query: TableQuery): AsyncIterable<string>;
}

export interface TableQuery {
  readonly point: number;
  readonly fromMs: number;
  /** The instant after the last. */
  readonly toMs: number;
}

/** In the order in which both sides write them. */
export const tableVariables = ["total", "flow", "level"] as const;
const CSV_HEADER = "time,total_m3,total_flag,flow_lps,flow_flag,level_m,level_flag\n";
const CHUNK_CHARACTERS = 65_536;
const placeholders = "point = ? AND at_ms >= ? AND at_ms < ?";

/** `at` is how the store gives milliseconds as a plain number. */
export function rawSelect(at: string): string {
  return `SELECT ${at}, total, total_flag, flow, flow_flag, level, level_flag FROM reading WHERE ${placeholders} ORDER BY at_ms`;
}

/** `day` is how the store gives the day's first millisecond. */
export function dailySelect(day: string): string {
  const measures = tableVariables.map((name) => `min(${name}), avg(${name}), max(${name}), CAST(count(${name}) AS INTEGER)`).join(", ");
  return `SELECT ${day} AS day, ${measures} FROM reading WHERE ${placeholders} GROUP BY day ORDER BY day`;
}

export function dailyJson(rows: Iterable<readonly number[]>): string {
  const items = Array.from(rows, (row) => {
    const cells = tableVariables.map((name, column) => [name, { min: row[1 + column * 4], mean: row[2 + column * 4], max: row[3 + column * 4], count: row[4 + column * 4] }]);
    return { time: timeText(row[0]!), ...Object.fromEntries(cells) as object };
  });
  return JSON.stringify({ items });
}

/** Joins rows that come some at a time. */
export async function* csvText(batches: AsyncIterable<Iterable<readonly number[]>> | Iterable<Iterable<readonly number[]>>): AsyncGenerator<string> {
  let text = CSV_HEADER;
  for await (const rows of batches) {
    for (const row of rows) {
      text += `${timeText(row[0]!)},${row[1]},${row[2]},${row[3]},${row[4]},${row[5]},${row[6]}\n`;
      if (text.length < CHUNK_CHARACTERS) continue;
      yield text;
      text = "";
    }
  }
  yield text;
}

function timeText(atMs: number): string {
  return `${new Date(atMs).toISOString().slice(0, 19)}Z`;
}
