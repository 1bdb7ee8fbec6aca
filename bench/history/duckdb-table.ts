import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { csvText, dailyJson, dailySelect, rawSelect, type ReadingTable, type TableQuery } from "./table.ts";
import { POINTS, yearOf } from "./year.ts";

/** What is used of @duckdb/node-api, which is no dependency of the project. */
interface DuckdbApi {
  readonly DuckDBInstance: { create(path: string): Promise<{ connect(): Promise<DuckdbConnection> }> };
}
interface DuckdbConnection {
  run(sql: string): Promise<unknown>;
  createAppender(table: string): Promise<DuckdbAppender>;
  prepare(sql: string): Promise<DuckdbStatement>;
}
interface DuckdbAppender {
  appendInteger(value: number): void;
  appendBigInt(value: bigint): void;
  appendUTinyInt(value: number): void;
  appendDouble(value: number): void;
  endRow(): void;
  closeSync(): void;
}
interface DuckdbStatement {
  bindInteger(index: number, value: number): void;
  bindBigInt(index: number, value: bigint): void;
  stream(): Promise<{ fetchChunk(): Promise<{ readonly rowCount: number; getRows(): readonly (readonly number[])[] } | null> }>;
}

/** One table in order of point and time, the year of every point in it. */
export async function openDuckdbTable({ folder, firstMs, module }: { readonly folder: string; readonly firstMs: number; readonly module: string }): Promise<ReadingTable> {
  const { DuckDBInstance } = (await import(pathToFileURL(module).href)) as DuckdbApi;
  const connection = await (await DuckDBInstance.create(join(folder, "readings.duckdb"))).connect();
  await connection.run("CREATE TABLE reading (point INTEGER, at_ms BIGINT, total DOUBLE, total_flag UTINYINT, flow DOUBLE, flow_flag UTINYINT, level DOUBLE, level_flag UTINYINT)");
  const appender = await connection.createAppender("reading");
  for (let point = 0; point < POINTS; point++) {
    for (const { atMs, total, flow, level } of yearOf(point, firstMs)) {
      appender.appendInteger(point);
      appender.appendBigInt(BigInt(atMs));
      for (const value of [total, flow, level]) {
        appender.appendDouble(value);
        appender.appendUTinyInt(1);
      }
      appender.endRow();
    }
  }
  appender.closeSync();
  await connection.run("CHECKPOINT");
  const daily = await connection.prepare(dailySelect("CAST(at_ms // 86400000 * 86400000 AS DOUBLE)"));
  const raw = await connection.prepare(rawSelect("CAST(at_ms AS DOUBLE)"));
  return {
    async daily(query) {
      const rows: (readonly number[])[] = [];
      for await (const chunk of chunksOf(daily, query)) rows.push(...chunk);
      return dailyJson(rows);
    },
    raw: (query) => csvText(chunksOf(raw, query)),
  };
}

async function* chunksOf(statement: DuckdbStatement, { point, fromMs, toMs }: TableQuery): AsyncGenerator<readonly (readonly number[])[]> {
  statement.bindInteger(1, point);
  statement.bindBigInt(2, BigInt(fromMs));
  statement.bindBigInt(3, BigInt(toMs));
  const result = await statement.stream();
  for (let chunk = await result.fetchChunk(); chunk !== null && chunk.rowCount > 0; chunk = await result.fetchChunk()) yield chunk.getRows();
}
