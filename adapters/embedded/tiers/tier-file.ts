import { crc32 } from "node:zlib";
import { CaudalError, type FactRun, type PointKey } from "@caudal/core";
import { openSqlite, type Sqlite } from "../sqlite/database.ts";
import { encodeBlock } from "./block-codec.ts";
import type { KnownPoint } from "./known-point.ts";
import { NewestFacts } from "./newest-facts.ts";
import type { StoredWords } from "./stored-words.ts";

const migrations = [`
  CREATE TABLE words(id INTEGER PRIMARY KEY, text TEXT NOT NULL) STRICT;
  CREATE TABLE points(
    id INTEGER PRIMARY KEY AUTOINCREMENT, client TEXT NOT NULL, point TEXT NOT NULL, floor_us REAL NOT NULL, has_begun INTEGER NOT NULL,
    folded_sequence INTEGER NOT NULL, newest BLOB NOT NULL, UNIQUE(client, point)
  ) STRICT;
  CREATE TABLE blocks(
    id INTEGER PRIMARY KEY, point_id INTEGER NOT NULL, first_us INTEGER NOT NULL, last_us INTEGER NOT NULL, facts INTEGER NOT NULL,
    stranded INTEGER NOT NULL, data BLOB NOT NULL
  ) STRICT;
  CREATE INDEX blocks_by_time ON blocks(point_id, first_us, last_us, facts, stranded);
  CREATE TABLE incoming(sequence INTEGER PRIMARY KEY AUTOINCREMENT, crc INTEGER NOT NULL, batch BLOB NOT NULL) STRICT;
`];

/** A block's row without its bytes. Blocks of a point do not overlap, but for stranded ones. */
export interface BlockMeta {
  readonly id: number;
  readonly pointId: number;
  readonly firstUs: number;
  readonly lastUs: number;
  readonly facts: number;
  /** Holds facts that belonged into a block which could not be read when they were folded. */
  readonly stranded: boolean;
}

/** A block's row whole. */
export interface StoredBlock {
  readonly meta: BlockMeta;
  readonly data: Uint8Array;
}

const metaColumns = "id, point_id AS pointId, first_us AS firstUs, last_us AS lastUs, facts, stranded";
const highestInstant = Number.MAX_SAFE_INTEGER;
const lowestInstant = -(2 ** 53);

/** The SQL of one tier's file. Writes belong in `transaction`. */
export class TierFile {
  readonly path: string;
  readonly #db: Sqlite;
  readonly #sql;

  constructor(path: string, maxBytes: number | undefined) {
    this.path = path;
    this.#db = openSqlite({
      path, migrations, pageBytes: 8192, checkpointPages: 4000, cacheKib: 16_384, ...(maxBytes === undefined ? {} : { maxFileBytes: maxBytes }),
    });
    // The worker's memory is part of the tier's state, so no second connection may write beside it.
    this.#db.exec("PRAGMA locking_mode=EXCLUSIVE");
    const prepare = (text: string) => this.#db.prepare(text);
    this.#sql = {
      words: prepare("SELECT text FROM words ORDER BY id"),
      addWord: prepare("INSERT INTO words(id, text) VALUES (?, ?)"),
      point: prepare("SELECT id, floor_us AS floorUs, has_begun AS hasBegun, folded_sequence AS foldedSequence, newest FROM points WHERE client = ? AND point = ?"),
      lastNumber: prepare("SELECT seq FROM sqlite_sequence WHERE name = ?"),
      savePoint: prepare(`INSERT INTO points(id, client, point, floor_us, has_begun, folded_sequence, newest) VALUES (?, ?, ?, ?, ?, ?, ?)
        ON CONFLICT(id) DO UPDATE SET floor_us = excluded.floor_us, has_begun = excluded.has_begun, folded_sequence = excluded.folded_sequence,
        newest = excluded.newest`),
      pointIdsOf: prepare("SELECT id FROM points WHERE client = ?"),
      removePoint: prepare("DELETE FROM points WHERE id = ?"),
      blockAt: prepare(`SELECT ${metaColumns} FROM blocks WHERE point_id = ? AND first_us <= ? ORDER BY first_us DESC LIMIT ?`),
      blockAfter: prepare(`SELECT ${metaColumns} FROM blocks WHERE point_id = ? AND first_us > ? ORDER BY first_us LIMIT 1`),
      blockData: prepare("SELECT data FROM blocks WHERE id = ?"),
      // Told to leave the index alone: what leads to the blocks is what is being checked.
      blocksInOrder: prepare(`SELECT ${metaColumns}, data FROM blocks NOT INDEXED WHERE id > ? ORDER BY id LIMIT ?`),
      blocksOf: prepare(`SELECT ${metaColumns}, data FROM blocks NOT INDEXED WHERE point_id = ? ORDER BY first_us, id`),
      isIndexed: prepare("SELECT 1 FROM blocks INDEXED BY blocks_by_time WHERE point_id = ? AND first_us = ? AND last_us = ? AND facts = ? AND stranded = ? AND rowid = ?"),
      ownerOf: prepare("SELECT client, point FROM points WHERE id = ?"),
      counts: prepare("SELECT (SELECT count(*) FROM blocks NOT INDEXED) AS stored, (SELECT count(*) FROM blocks INDEXED BY blocks_by_time WHERE point_id > -1) AS entries"),
      addBlock: prepare("INSERT INTO blocks(point_id, first_us, last_us, facts, stranded, data) VALUES (?, ?, ?, ?, ?, ?)"),
      removeBlock: prepare("DELETE FROM blocks WHERE id = ?"),
      removeBlocksBelow: prepare("DELETE FROM blocks WHERE point_id = ? AND last_us < ?"),
      removeBlocksOf: prepare("DELETE FROM blocks WHERE point_id = ?"),
      addIncoming: prepare("INSERT INTO incoming(sequence, crc, batch) VALUES (?, ?, ?)"),
      incoming: prepare("SELECT sequence, crc, batch FROM incoming WHERE sequence > ? ORDER BY sequence LIMIT 1"),
      trimIncoming: prepare("DELETE FROM incoming WHERE sequence <= ?"),
    };
  }

  transaction<T>(work: () => T): T {
    return this.#db.transaction(work);
  }

  words(): readonly string[] {
    return this.#sql.words.all().map((row) => String(row["text"]));
  }

  saveWords(words: StoredWords): void {
    for (const { id, text } of words.notStored()) this.#sql.addWord.run(id, text);
  }

  /** Greatest number that a point or an incoming batch ever had; neither is given again. */
  lastNumber(table: "points" | "incoming"): number {
    return Number(this.#sql.lastNumber.get(table)?.["seq"] ?? 0);
  }

  /** Fails with "corrupt" when the point's newest facts are not what was stored. */
  point({ client, point }: PointKey): KnownPoint | undefined {
    const row = this.#sql.point.get(client, point);
    if (row === undefined) return undefined;
    const newest = NewestFacts.fromBytes(row["newest"] as Uint8Array);
    if (newest === undefined) throw new CaudalError("corrupt", `${this.path}: the row of point ${point} of ${client} is damaged`);
    const [id, floorUs, foldedSequence] = [Number(row["id"]), Number(row["floorUs"]), Number(row["foldedSequence"])];
    return { id, client, point, floorUs, hasBegun: row["hasBegun"] === 1, foldedSequence, newest, version: 0 };
  }

  savePoint(point: KnownPoint): void {
    const { id, client, floorUs, hasBegun, foldedSequence, newest } = point;
    this.#sql.savePoint.run(id, client, point.point, floorUs, hasBegun ? 1 : 0, foldedSequence, newest.toBytes());
  }

  /** Overwrites what `work` frees, and the write-ahead log after it: what a client asked to be erased must not lie about in the files. */
  erasing<T>(work: () => T): T {
    this.#db.exec("PRAGMA secure_delete=ON");
    try {
      return work();
    } finally {
      this.#db.exec("PRAGMA secure_delete=OFF; PRAGMA wal_checkpoint(TRUNCATE)");
    }
  }

  /** Removes the points of a client with their blocks; their number. */
  removeClient(client: string): number {
    return this.transaction(() => {
      const ids = this.#sql.pointIdsOf.all(client).map((row) => Number(row["id"]));
      for (const id of ids) {
        this.#sql.removeBlocksOf.run(id);
        this.#sql.removePoint.run(id);
      }
      return ids.length;
    });
  }

  /** Up to `limit` blocks that begin at or before the instant, latest first. */
  blocksAt(pointId: number, instantUs: number, limit = 1): readonly BlockMeta[] {
    return this.#sql.blockAt.all(pointId, Math.min(instantUs, highestInstant), limit).map(toMeta);
  }

  /** First block that begins after the instant. */
  blockAfter(pointId: number, instantUs: number): BlockMeta | undefined {
    const row = this.#sql.blockAfter.get(pointId, Math.max(instantUs, lowestInstant));
    return row === undefined ? undefined : toMeta(row);
  }

  blockData(id: number): Uint8Array | undefined {
    return this.#sql.blockData.get(id)?.["data"] as Uint8Array | undefined;
  }

  addBlock(pointId: number, run: FactRun, stranded = false): void {
    const key = { pointId, firstUs: run.facts.instants[run.start]!, lastUs: run.facts.instants[run.end - 1]! };
    this.#sql.addBlock.run(pointId, key.firstUs, key.lastUs, run.end - run.start, stranded ? 1 : 0, encodeBlock(key, run));
  }

  removeBlock(id: number): void {
    this.#sql.removeBlock.run(id);
  }

  removeBlocksBelow(pointId: number, floorUs: number): void {
    this.#sql.removeBlocksBelow.run(pointId, floorUs);
  }

  /** Blocks with their bytes, as they lie in the file. */
  blocksInOrder(afterId: number, limit: number): readonly StoredBlock[] {
    return this.#sql.blocksInOrder.all(afterId, limit).map(toStored);
  }

  /** All blocks of a point with their bytes, found without the index. */
  blocksOf(pointId: number): readonly StoredBlock[] {
    return this.#sql.blocksOf.all(pointId).map(toStored);
  }

  isIndexed({ id, pointId, firstUs, lastUs, facts, stranded }: BlockMeta): boolean {
    return this.#sql.isIndexed.get(pointId, firstUs, lastUs, facts, stranded ? 1 : 0, id) !== undefined;
  }

  ownerOf(pointId: number): PointKey | undefined {
    return this.#sql.ownerOf.get(pointId) as unknown as PointKey | undefined;
  }

  /** Blocks, and entries of the index that leads to them. */
  blockCounts(): { readonly stored: number; readonly entries: number } {
    const row = this.#sql.counts.get();
    return { stored: Number(row?.["stored"]), entries: Number(row?.["entries"]) };
  }

  reindex(): void {
    this.#db.exec("REINDEX blocks_by_time");
  }

  addIncoming(sequence: number, batch: Uint8Array): void {
    this.#sql.addIncoming.run(sequence, crc32(batch), batch);
  }

  /** Batches that were not folded when the tier was last closed or killed, oldest first. Fails with "corrupt". */
  *incoming(): Generator<{ readonly sequence: number; readonly batch: Uint8Array }> {
    let after = 0;
    for (;;) {
      const row = this.#sql.incoming.get(after);
      if (row === undefined) return;
      const batch = row["batch"] as Uint8Array;
      after = Number(row["sequence"]);
      if (crc32(batch) !== row["crc"]) throw new CaudalError("corrupt", `${this.path}: incoming batch ${after} is damaged`);
      yield { sequence: after, batch };
    }
  }

  trimIncoming(lastSequence: number): void {
    this.#sql.trimIncoming.run(lastSequence);
  }

  close(): void {
    this.#db.close();
  }
}

function toMeta(row: Record<string, unknown>): BlockMeta {
  return { ...(row as unknown as Omit<BlockMeta, "stranded">), stranded: row["stranded"] === 1 };
}

function toStored({ data, ...row }: Record<string, unknown>): StoredBlock {
  return { meta: toMeta(row), data: data as Uint8Array };
}
