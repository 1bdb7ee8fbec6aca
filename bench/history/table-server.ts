import { once } from "node:events";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { openDuckdbTable } from "./duckdb-table.ts";
import { openSqliteTable } from "./sqlite-table.ts";
import type { ReadingTable } from "./table.ts";

/* A table behind bare HTTP, a process of its own: takes its plan from its parent, fills the table, tells its port, and serves until its parent goes. */

export interface TablePlan {
  readonly store: "sqlite" | "duckdb";
  readonly folder: string;
  readonly firstMs: number;
  /** Path of DuckDB's client. */
  readonly module?: string;
}

async function run({ store, folder, firstMs, module = "" }: TablePlan): Promise<number> {
  const table = store === "sqlite" ? openSqliteTable(folder, firstMs) : await openDuckdbTable({ folder, firstMs, module });
  const server = createServer((request, response) => {
    answer(table, new URL(request.url ?? "/", "http://localhost"), response).catch((error: unknown) => {
      response.statusCode = 500;
      response.end(String(error));
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return (server.address() as AddressInfo).port;
}

async function answer(table: ReadingTable, { pathname, searchParams }: URL, response: ServerResponse): Promise<void> {
  const [point = 0, fromMs = 0, toMs = 0] = ["point", "from", "to"].map((name) => Number(searchParams.get(name)));
  if (pathname === "/daily") {
    response.setHeader("Content-Type", "application/json");
    response.end(await table.daily({ point, fromMs, toMs }));
    return;
  }
  response.setHeader("Content-Type", "text/csv");
  for await (const text of table.raw({ point, fromMs, toMs })) if (!response.write(text)) await once(response, "drain");
  response.end();
}

process.once("disconnect", () => process.exit());
process.once("message", (plan: TablePlan) => {
  run(plan).then((port) => process.send?.(port), (error: unknown) => {
    process.stderr.write(`${String(error)}\n`);
    process.exit(1);
  });
});
