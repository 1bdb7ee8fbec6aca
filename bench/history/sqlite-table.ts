import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { csvText, dailyJson, dailySelect, rawSelect, type ReadingTable } from "./table.ts";
import { POINTS, yearOf } from "./year.ts";

/** What the tier's cache of blocks may take too. */
const CACHE_KIB = 64 * 1024;

/** One table clustered by point and time, the year of every point in it. */
export function openSqliteTable(folder: string, firstMs: number): ReadingTable {
  const database = new DatabaseSync(join(folder, "readings.sqlite"));
  database.exec(`PRAGMA journal_mode = WAL; PRAGMA cache_size = -${CACHE_KIB};
    CREATE TABLE reading (point INTEGER, at_ms INTEGER, total REAL, total_flag INTEGER, flow REAL, flow_flag INTEGER, level REAL, level_flag INTEGER, PRIMARY KEY (point, at_ms)) WITHOUT ROWID, STRICT`);
  const insert = database.prepare("INSERT INTO reading VALUES (?, ?, ?, 1, ?, 1, ?, 1)");
  database.exec("BEGIN");
  for (let point = 0; point < POINTS; point++) for (const { atMs, total, flow, level } of yearOf(point, firstMs)) insert.run(point, atMs, total, flow, level);
  database.exec("COMMIT; PRAGMA wal_checkpoint(TRUNCATE); ANALYZE");
  const [daily, raw] = [dailySelect("at_ms / 86400000 * 86400000"), rawSelect("at_ms")].map((sql) => {
    const statement = database.prepare(sql);
    statement.setReturnArrays(true);
    return statement;
  });
  const rows = (statement: typeof daily, { point, fromMs, toMs }: Parameters<ReadingTable["daily"]>[0]): Iterable<readonly number[]> =>
    statement!.iterate(point, fromMs, toMs) as Iterable<unknown> as Iterable<readonly number[]>;
  return { daily: (query) => Promise.resolve(dailyJson(rows(daily, query))), raw: (query) => csvText([rows(raw, query)]) };
}
