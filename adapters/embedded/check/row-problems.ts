import { crc32 } from "node:zlib";
import { CaudalError } from "@caudal/core";
import { isAsWritten } from "../documents/collection-table.ts";
import { frameChecksum } from "../log/frame.ts";
import { loadState } from "../log/state.ts";
import { logMigrations, recordsTable } from "../log/tables.ts";
import { openSqlite, type Sqlite } from "../sqlite/database.ts";
import { decodeBlock, type BlockKey } from "../tiers/block-codec.ts";
import type { CheckedFile } from "./checked-file.ts";

const MOST = 20;

/** Rows of a file whose pages are whole, but whose bytes are not those that were written; the first few. */
export function rowProblems(store: CheckedFile["store"], path: string): readonly string[] {
  const db = openSqlite({ path, readOnly: true, migrations: store === "log" ? logMigrations : undefined });
  try {
    const problems: string[] = [];
    for (const problem of store === "log" ? ofLog(db) : store === "documents" ? ofDocuments(db) : ofTier(db)) {
      if (!problems.includes(problem)) problems.push(problem);
      if (problems.length >= MOST) break;
    }
    return problems;
  } catch (error) {
    if (error instanceof CaudalError && error.code === "corrupt") return [error.message];
    throw error;
  } finally {
    db.close();
  }
}

function* ofLog(db: Sqlite): Generator<string> {
  const { partitions, corruptTails } = loadState(db);
  yield* corruptTails;
  for (const { id, topic, partition, startOffset } of partitions) {
    let expected: number | undefined;
    for (const row of db.prepare(`SELECT * FROM ${recordsTable(id)} WHERE offset >= ? ORDER BY offset`).iterate(startOffset)) {
      const offset = Number(row["offset"]);
      const isGap = expected !== undefined && offset !== expected;
      if (isGap) yield `record ${topic}/${partition}@${expected} is missing or does not have the bytes that were written`;
      expected = offset + 1;
      if (frameChecksum(row["frame"]) !== row["crc"]) yield `record ${topic}/${partition}@${offset} is missing or does not have the bytes that were written`;
    }
  }
}

function* ofDocuments(db: Sqlite): Generator<string> {
  for (const { number, name } of db.prepare("SELECT number, name FROM collections ORDER BY number").all()) {
    const table = `documents_${Number(number)}`;
    if (db.prepare("SELECT 1 FROM pragma_table_info(?) WHERE name = 'crc'").get(table) === undefined) continue;
    for (const row of db.prepare(`SELECT id, client, body, blob, crc FROM ${table}`).iterate()) if (!isAsWritten(row)) yield `document ${String(row["id"])} of ${String(name)} is not what was written`;
  }
}

function* ofTier(db: Sqlite): Generator<string> {
  const blocks = db.prepare("SELECT b.id, point_id AS pointId, first_us AS firstUs, last_us AS lastUs, data, client, point FROM blocks b LEFT JOIN points p ON p.id = b.point_id");
  for (const row of blocks.iterate()) if (!isReadable(row as unknown as BlockKey, row["data"] as Uint8Array)) yield `block ${String(row["id"])} of point ${String(row["point"])} of ${String(row["client"])} is damaged`;
  for (const { sequence, crc, batch } of db.prepare("SELECT sequence, crc, batch FROM incoming").iterate()) if (crc32(batch as Uint8Array) !== crc) yield `incoming batch ${String(sequence)} is damaged`;
}

function isReadable(key: BlockKey, data: Uint8Array): boolean {
  try {
    return decodeBlock(key, data) !== undefined;
  } catch {
    return false;
  }
}
