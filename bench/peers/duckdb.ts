import { npmPeer } from "./npm-peer.ts";

/** DuckDB's client for Node, which brings the engine of the same version as a binary; its path is a module to import. */
export const duckdb = npmPeer({
  name: "duckdb", version: "1.5.6-r.1", package: "@duckdb/node-api", entry: "@duckdb/node-api/lib/index.js", estimate: { downloadMb: 25, seconds: 5 },
});
