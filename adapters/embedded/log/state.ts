import { crc32 } from "node:zlib";
import { hasCode, CaudalError } from "@caudal/core";
import type { Sqlite } from "../sqlite/database.ts";
import type { LogState, PartitionRow } from "./calls.ts";
import { corruptText } from "./corruption.ts";
import { recordsTable } from "./tables.ts";

/** Newest records a partition that are checked at open: what a torn write would have hit. */
const TAIL_RECORDS = 16;

/** Reads topics, bounds and positions, and checks the end of each partition. */
export function loadState(db: Sqlite): LogState {
  const topics = db.prepare("SELECT name, partitions, retention_ms FROM topics ORDER BY id").all().map((row) => ({
    name: String(row["name"]),
    partitions: Number(row["partitions"]),
    retentionMs: row["retention_ms"] === null ? null : Number(row["retention_ms"]),
  }));
  const tails = db
    .prepare("SELECT p.id, t.name, p.number, p.start_offset FROM partitions p JOIN topics t ON t.id = p.topic ORDER BY t.id, p.number")
    .all()
    .map((row) => readTail(db, { id: Number(row["id"]), topic: String(row["name"]), partition: Number(row["number"]), startOffset: Number(row["start_offset"]) }));
  const offsets = db.prepare("SELECT partition, group_name, next_offset FROM group_offsets").all().map((row) => ({
    partitionId: Number(row["partition"]),
    group: String(row["group_name"]),
    nextOffset: Number(row["next_offset"]),
  }));
  return {
    topics,
    partitions: tails.map((tail) => tail.row),
    offsets,
    newestAtUs: Math.max(0, ...tails.map((tail) => tail.newestAtUs)),
    corruptTails: tails.flatMap((tail) => tail.problems),
  };
}

interface Tail {
  readonly row: PartitionRow;
  readonly newestAtUs: number;
  readonly problems: readonly string[];
}

function readTail(db: Sqlite, partition: Omit<PartitionRow, "endOffset">): Tail {
  let newestAtUs = 0;
  let endOffset = partition.startOffset;
  const problems: string[] = [];
  try {
    const rows = db.prepare(`SELECT * FROM ${recordsTable(partition.id)} ORDER BY offset DESC LIMIT ${TAIL_RECORDS}`).iterate();
    for (const row of rows) {
      const offset = Number(row["offset"]);
      endOffset = Math.max(endOffset, offset + 1);
      newestAtUs = Math.max(newestAtUs, Number(row["appended_at_us"]));
      if (checksum(row) !== row["crc"]) problems.push(corruptText({ ...partition, offset }));
    }
  } catch (error) {
    throw hasCode(error, "corrupt") ? new CaudalError("corrupt", `the end of ${partition.topic}/${partition.partition} cannot be read`, { cause: error }) : error;
  }
  return { row: { ...partition, endOffset }, newestAtUs, problems };
}

function checksum(row: Record<string, unknown>): number {
  const key = crc32(row["key"] as Uint8Array);
  const headers = row["headers"] === null ? key : crc32(row["headers"] as Uint8Array, key);
  return crc32(row["value"] as Uint8Array, headers);
}
