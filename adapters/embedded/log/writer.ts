import { crc32 } from "node:zlib";
import type { StatementSync } from "node:sqlite";
import { CaudalError, type TopicSpec } from "@caudal/core";
import { openSqlite, type Sqlite } from "../sqlite/database.ts";
import type { AppendReply, AppendRequest, LogState, MendRow, OffsetRow, StartRow, SweepRow } from "./calls.ts";
import { frameChecksum, frameOf } from "./frame.ts";
import { INDEX_STRIDE, type Slab } from "./slab.ts";
import { loadState } from "./state.ts";
import { createRecordsTable, logMigrations, recordsTable } from "./tables.ts";

const ROWS_PER_DELETE = 512;

interface PartitionWriter {
  readonly insert: StatementSync;
  readonly deleteBelow: StatementSync;
  readonly timeAtOrAfter: StatementSync;
  startOffset: number;
  endOffset: number;
}

/** The one writer of a log's file. Synchronous; lives in a worker thread. Every change is durable when its method returns. */
export class LogWriter {
  readonly #db: Sqlite;
  readonly #partitions = new Map<number, PartitionWriter>();
  readonly #putOffset: StatementSync;
  readonly #putStart: StatementSync;
  /** Partitions that may still hold rows below their start. */
  readonly #littered = new Set<number>();

  constructor(path: string, maxFileBytes: number | undefined) {
    this.#db = openSqlite({ path, migrations: logMigrations, cacheKib: 16 * 1024, ...(maxFileBytes === undefined ? {} : { maxFileBytes }) });
    this.#putOffset = this.#db.prepare("INSERT INTO group_offsets VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET next_offset = excluded.next_offset");
    this.#putStart = this.#db.prepare("UPDATE partitions SET start_offset = ? WHERE id = ?");
  }

  /** All that the main thread needs to know; checks the newest records of each partition. */
  state(): LogState {
    const state = loadState(this.#db);
    for (const row of state.partitions) {
      if (this.#partitions.has(row.id)) continue;
      this.#partitions.set(row.id, this.#openPartition(row.id, row.startOffset, row.endOffset));
      this.#littered.add(row.id);
    }
    return state;
  }

  declare(topics: readonly TopicSpec[]): LogState {
    this.#db.transaction(() => {
      for (const topic of topics) this.#declare(topic);
    });
    return this.state();
  }

  append({ slab, appendedAtUs, offsets: groupOffsets }: AppendRequest): AppendReply {
    const count = slab.index.length / INDEX_STRIDE;
    const offsets = new Float64Array(count);
    const ends = new Map<number, number>();
    this.#db.transaction(() => {
      for (let at = 0; at < count; at += 1) offsets[at] = this.#insert(slab, at, appendedAtUs, ends);
      for (const row of groupOffsets) this.#keepOffset(row);
    });
    // Only now: a transaction that failed must not leave a hole.
    for (const [id, end] of ends) this.#partition(id).endOffset = end;
    return { slab, offsets };
  }

  /** Moves a partition's start on, at most to its end; rows below go later, by `tidy`. */
  trim({ partitionId, startOffset }: StartRow): StartRow {
    return this.#raiseStarts([{ partitionId, startOffset }])[0] ?? { partitionId, startOffset };
  }

  /** Makes an empty partition go on at the offset. Fails with "bad-request" where it holds records. */
  advance({ partitionId, startOffset }: StartRow): void {
    const partition = this.#partition(partitionId);
    if (partition.endOffset > partition.startOffset) throw new CaudalError("bad-request", `the partition holds ${partition.endOffset - partition.startOffset} records; only an empty one goes on elsewhere`);
    this.#db.transaction(() => this.#putStart.run(startOffset, partitionId));
    partition.startOffset = startOffset;
    partition.endOffset = startOffset;
    this.#littered.add(partitionId);
  }

  /** Puts a damaged or missing record back. Fails with "bad-request" where a whole one stands. */
  mend({ partitionId, offset, appendedAtUs, key, headers, value }: MendRow): void {
    const table = recordsTable(partitionId);
    const frame = frameOf(Buffer.from(key), headers === undefined ? null : Buffer.from(headers), value);
    this.#db.transaction(() => {
      const standing = this.#db.prepare(`SELECT frame, crc FROM ${table} WHERE offset = ?`).get(offset);
      if (standing !== undefined && standing["crc"] === frameChecksum(standing["frame"])) throw new CaudalError("bad-request", `record ${offset} is whole`);
      this.#db.prepare(`INSERT OR REPLACE INTO ${table} VALUES (?, ?, ?, ?)`).run(offset, appendedAtUs, crc32(frame), frame);
    });
  }

  /** Lets go of what is older than asked and below the limit; says the partitions whose start moved. */
  sweep(rows: readonly SweepRow[]): readonly StartRow[] {
    const moves = rows.map((row) => ({ partitionId: row.partitionId, startOffset: Math.min(row.limitOffset, this.#firstSince(row.partitionId, row.keepFromUs)) }));
    return this.#raiseStarts(moves.filter((move) => move.startOffset > this.#partition(move.partitionId).startOffset));
  }

  /** Deletes a few rows below a start; false when there are none left. */
  tidy(): boolean {
    const [id] = this.#littered;
    if (id === undefined) return false;
    const { deleteBelow, startOffset } = this.#partition(id);
    const deleted = this.#db.transaction(() => deleteBelow.run(startOffset, ROWS_PER_DELETE).changes);
    if (Number(deleted) < ROWS_PER_DELETE) this.#littered.delete(id);
    return this.#littered.size > 0;
  }

  /** Bytes of the file that hold something. */
  usedBytes(): number {
    const pragma = (name: string): number => Number(Object.values(this.#db.prepare(`PRAGMA ${name}`).get() ?? {})[0]);
    return (pragma("page_count") - pragma("freelist_count")) * pragma("page_size");
  }

  close(): void {
    this.#db.close();
  }

  #declare({ name, partitions, retentionMs }: TopicSpec): void {
    const known = this.#db.prepare("SELECT id, partitions FROM topics WHERE name = ?").get(name);
    if (known === undefined) {
      const topic = this.#db.prepare("INSERT INTO topics (name, partitions, retention_ms) VALUES (?, ?, ?)").run(name, partitions, retentionMs).lastInsertRowid;
      for (let number = 0; number < partitions; number += 1) {
        const id = Number(this.#db.prepare("INSERT INTO partitions (topic, number) VALUES (?, ?)").run(topic, number).lastInsertRowid);
        this.#db.exec(createRecordsTable(id));
      }
      return;
    }
    if (known["partitions"] !== partitions) {
      throw new CaudalError("setting", `topic ${name} exists with ${String(known["partitions"])} partitions, not ${partitions}; the number is fixed when a topic is made`);
    }
    this.#db.prepare("UPDATE topics SET retention_ms = ? WHERE name = ?").run(retentionMs, name);
  }

  #insert({ bytes, index }: Slab, at: number, appendedAtUs: number, ends: Map<number, number>): number {
    const base = at * INDEX_STRIDE;
    const id = index[base + 2] ?? 0;
    const partition = this.#partition(id);
    const offset = ends.get(id) ?? partition.endOffset;
    const frame = bytes.subarray(index[base], index[base + 1]);
    partition.insert.run(offset, appendedAtUs, crc32(frame), frame);
    ends.set(id, offset + 1);
    return offset;
  }

  #keepOffset({ partitionId, group, nextOffset }: OffsetRow): void {
    this.#putOffset.run(partitionId, group, nextOffset);
  }

  /** First offset appended at or after the time. Times never go back within a partition, so halving finds it. */
  #firstSince(id: number, timeUs: number): number {
    const { timeAtOrAfter, startOffset, endOffset } = this.#partition(id);
    let low = startOffset;
    let high = endOffset;
    while (low < high) {
      const middle = Math.floor((low + high) / 2);
      const row = timeAtOrAfter.get(middle);
      if (row === undefined || Number(row["appended_at_us"]) >= timeUs) high = middle;
      else low = Number(row["offset"]) + 1;
    }
    return low;
  }

  #raiseStarts(rows: readonly StartRow[]): readonly StartRow[] {
    const moved = rows.map(({ partitionId, startOffset }) => {
      const partition = this.#partition(partitionId);
      return { partitionId, startOffset: Math.min(partition.endOffset, Math.max(partition.startOffset, startOffset)) };
    });
    if (moved.length === 0) return moved;
    this.#db.transaction(() => {
      for (const { partitionId, startOffset } of moved) this.#putStart.run(startOffset, partitionId);
    });
    for (const { partitionId, startOffset } of moved) {
      this.#partition(partitionId).startOffset = startOffset;
      this.#littered.add(partitionId);
    }
    return moved;
  }

  #openPartition(id: number, startOffset: number, endOffset: number): PartitionWriter {
    const table = recordsTable(id);
    return {
      startOffset,
      endOffset,
      insert: this.#db.prepare(`INSERT INTO ${table} VALUES (?, ?, ?, ?)`),
      deleteBelow: this.#db.prepare(`DELETE FROM ${table} WHERE offset IN (SELECT offset FROM ${table} WHERE offset < ? ORDER BY offset LIMIT ?)`),
      timeAtOrAfter: this.#db.prepare(`SELECT offset, appended_at_us FROM ${table} WHERE offset >= ? ORDER BY offset LIMIT 1`),
    };
  }

  #partition(id: number): PartitionWriter {
    const partition = this.#partitions.get(id);
    if (partition === undefined) throw new Error(`no partition ${id}`);
    return partition;
  }
}
