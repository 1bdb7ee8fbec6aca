import { hasCode, CaudalError } from "@caudal/core";
import type { Sqlite } from "../sqlite/database.ts";
import { toCaudalError } from "../sqlite/failure.ts";
import type { LogState, PartitionRow } from "./calls.ts";
import { corruptText } from "./corruption.ts";
import { frameChecksum } from "./frame.ts";
import { recordsTable } from "./tables.ts";

/** Newest records a partition that are checked at open: what a torn write would have hit. */
const TAIL_RECORDS = 16;

/** Reads topics, bounds and positions, and checks the end of each partition. */
export function loadState(db: Sqlite): LogState {
  try {
    return stateOf(db);
  } catch (error) {
    throw toCaudalError(error, db.path);
  }
}

function stateOf(db: Sqlite): LogState {
  const topics = db.prepare("SELECT name, partitions, retention_ms FROM topics ORDER BY id").all().map((row) => ({
    name: String(row["name"]),
    partitions: Number(row["partitions"]),
    retentionMs: row["retention_ms"] === null ? null : Number(row["retention_ms"]),
  }));
  const tails = db
    .prepare("SELECT p.id, t.name, p.number, p.start_offset FROM partitions p JOIN topics t ON t.id = p.topic ORDER BY t.id, p.number")
    .all()
    .map((row) => readTail(db, { id: Number(row["id"]), topic: String(row["name"]), partition: Number(row["number"]), startOffset: Number(row["start_offset"]) }));
  mustBeWhole(db, topics, tails.map(({ row }) => row));
  const offsets = db.prepare("SELECT partition, group_name, next_offset FROM group_offsets").all().map((row) => ({
    partitionId: Number(row["partition"]),
    group: String(row["group_name"]),
    nextOffset: Number(row["next_offset"]),
  }));
  const heads = new Map<number, number>();
  for (const { partitionId, nextOffset } of offsets) heads.set(partitionId, Math.max(heads.get(partitionId) ?? 0, nextOffset));
  return {
    topics,
    partitions: tails.map((tail) => tail.row),
    offsets,
    newestAtUs: Math.max(0, ...tails.map((tail) => tail.newestAtUs)),
    corruptTails: tails.flatMap(({ row, problems }) => [...problems, ...cutOff(row, heads.get(row.id) ?? 0)]),
  };
}

/** A page that lost its rows is an empty list to SQLite: each topic must have its partitions, and each table of records its partition. */
function mustBeWhole(db: Sqlite, topics: LogState["topics"], partitions: readonly PartitionRow[]): void {
  for (const { name, partitions: declared } of topics) {
    const found = partitions.filter(({ topic }) => topic === name).length;
    if (found !== declared) throw new CaudalError("corrupt", `${db.path}: topic ${name} has ${declared} partitions, and ${found} are listed`);
  }
  const known = new Set(partitions.map(({ id }) => recordsTable(id)));
  const tables = db.prepare("SELECT name FROM sqlite_schema WHERE type = 'table' AND name GLOB 'records_*'").all().map((row) => String(row["name"]));
  const owned = tables.filter((table) => known.has(table)).length;
  if (owned !== tables.length || owned !== known.size) throw new CaudalError("corrupt", `${db.path}: ${tables.length} tables hold records, and ${known.size} partitions are listed`);
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
  let expected: number | undefined;
  try {
    const rows = db.prepare(`SELECT * FROM ${recordsTable(partition.id)} ORDER BY offset DESC LIMIT ${TAIL_RECORDS}`).iterate();
    for (const row of rows) {
      const offset = Number(row["offset"]);
      endOffset = Math.max(endOffset, offset + 1);
      if (offset >= partition.startOffset && offset !== (expected ?? offset)) problems.push(corruptText({ ...partition, offset: offset + 1 }));
      expected = offset - 1;
      newestAtUs = Math.max(newestAtUs, Number(row["appended_at_us"]));
      if (frameChecksum(row["frame"]) !== row["crc"]) problems.push(corruptText({ ...partition, offset }));
    }
  } catch (error) {
    throw hasCode(toCaudalError(error, db.path), "corrupt") ? new CaudalError("corrupt", `the end of ${partition.topic}/${partition.partition} cannot be read`, { cause: error }) : error;
  }
  return { row: { ...partition, endOffset }, newestAtUs, problems };
}

/** A group has had records that are no longer there: the end of the partition is gone, and its offsets must not be given again. */
function cutOff({ topic, partition, endOffset }: PartitionRow, handledTo: number): readonly string[] {
  return handledTo <= endOffset ? [] : [`${topic}/${partition} ends at ${endOffset}, and a group has handled it to ${handledTo}: its end is gone`];
}
