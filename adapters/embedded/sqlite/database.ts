import { closeSync, existsSync, fsyncSync, openSync, renameSync, rmSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { DatabaseSync, type StatementSync } from "node:sqlite";
import { CaudalError } from "@caudal/core";
import { toCaudalError } from "./failure.ts";
import { migrate, mustBeMigrated, type MigrationStep } from "./migrations.ts";

export interface SqliteOptions {
  /** File to open; made when it is missing, unless `readOnly`. */
  readonly path: string;
  /** Oldest first; a file remembers how many it has had. Never edit a step that was released. With `readOnly`, a file must have had all of them. */
  readonly migrations?: readonly MigrationStep[] | undefined;
  readonly readOnly?: boolean;
  /** Page cache of this connection in KiB; 8192 when absent. */
  readonly cacheKib?: number;
  /** Only for a new file; 4096 when absent. */
  readonly pageBytes?: number;
  /** Pages of write-ahead log after which a commit also checkpoints; 2000 when absent. */
  readonly checkpointPages?: number;
  /** Bytes the file may grow to; more fails with "storage-full". */
  readonly maxFileBytes?: number;
}

/** A write-ahead log that had to grow beyond this shrinks to it once it was folded in. */
const WAL_KEPT_BYTES = 64 * 1024 * 1024;
/** SQLite takes a file with fewer for an empty one, and begins anew. */
const SMALLEST_PAGE_BYTES = 512;

/**
 * One connection to one SQLite file: write-ahead log, and an fsync before each commit returns (synchronous=FULL).
 * Everything is synchronous, so a busy writer belongs in a worker thread. Failures are CaudalErrors.
 */
export class Sqlite {
  readonly path: string;
  readonly #db: DatabaseSync;

  constructor(path: string, db: DatabaseSync) {
    this.path = path;
    this.#db = db;
  }

  /** Runs statements without parameters or results. */
  exec(sql: string): void {
    this.#guard(() => this.#db.exec(sql));
  }

  /** A compiled statement; its own calls throw SQLite's errors, which `transaction` translates. */
  prepare(sql: string): StatementSync {
    return this.#guard(() => this.#db.prepare(sql));
  }

  /** All of `work` or nothing; durable when this returns. Not to be nested. */
  transaction<T>(work: () => T): T {
    try {
      this.#db.exec("BEGIN IMMEDIATE");
      const result = work();
      this.#db.exec("COMMIT");
      return result;
    } catch (error) {
      // SQLite rolls some failures back by itself, then a second ROLLBACK would hide the first error.
      if (this.#db.isTransaction) this.#db.exec("ROLLBACK");
      throw toCaudalError(error, this.path);
    }
  }

  /** What SQLite finds wrong with the file; empty when nothing. Reads the whole file. */
  integrityProblems(): readonly string[] {
    const rows = this.#guard(() => this.#db.prepare("PRAGMA integrity_check").all());
    return rows.map((row) => String(row["integrity_check"])).filter((text) => text !== "ok");
  }

  /** Folds the write-ahead log into the file where no other connection hinders it, and closes. Safe to call twice. */
  close(): void {
    if (this.#db.isOpen) this.#db.close();
  }

  #guard<T>(work: () => T): T {
    try {
      return work();
    } catch (error) {
      throw toCaudalError(error, this.path);
    }
  }
}

/** Opens (and makes, and migrates) a file. Fails with "corrupt" when it is no database, "setting" when a newer release wrote it. */
export function openSqlite(options: SqliteOptions): Sqlite {
  const { path, readOnly = false } = options;
  let db: DatabaseSync | undefined;
  try {
    if (!readOnly) makeFile(options);
    mustHaveBytes(path);
    db = new DatabaseSync(path, { readOnly, timeout: 5000 });
    db.exec(`PRAGMA cache_size=-${options.cacheKib ?? 8192}`);
    if (!readOnly) prepareForWriting(db, options);
    else if (options.migrations !== undefined) mustBeMigrated(db, path, options.migrations);
    return new Sqlite(path, db);
  } catch (error) {
    if (db?.isOpen === true) db.close();
    throw error instanceof CaudalError ? error : toCaudalError(error, path);
  }
}

/** A new file comes into being whole, under its name only when it can be opened: so a file without bytes was cut, and is no new one. */
function makeFile(options: SqliteOptions): void {
  const { path } = options;
  if (existsSync(path) || !existsSync(dirname(path))) return;
  const unfinished = `${path}.new`;
  for (const end of ["", "-wal", "-shm"]) rmSync(unfinished + end, { force: true });
  const db = new DatabaseSync(unfinished, { timeout: 5000 });
  try {
    prepareForWriting(db, options);
  } finally {
    db.close();
  }
  renameSync(unfinished, path);
  const folder = openSync(dirname(path), "r");
  fsyncSync(folder);
  closeSync(folder);
}

function mustHaveBytes(path: string): void {
  const bytes = statSync(path, { throwIfNoEntry: false })?.size;
  if (bytes !== undefined && bytes < SMALLEST_PAGE_BYTES) throw new CaudalError("corrupt", `${path} has ${bytes} bytes; it was cut off, since even a new one has a page`);
}

function prepareForWriting(db: DatabaseSync, options: SqliteOptions): void {
  const pageBytes = options.pageBytes ?? 4096;
  // page_size counts for a file without pages only, and must come before the journal mode, which writes the first.
  db.exec(`PRAGMA page_size=${pageBytes}; PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON`);
  db.exec(`PRAGMA wal_autocheckpoint=${options.checkpointPages ?? 2000}; PRAGMA journal_size_limit=${WAL_KEPT_BYTES}; PRAGMA temp_store=MEMORY`);
  if (options.migrations !== undefined) migrate(db, options.path, options.migrations);
  if (options.maxFileBytes !== undefined) {
    const actual = Number(db.prepare("PRAGMA page_size").get()?.["page_size"] ?? pageBytes);
    db.exec(`PRAGMA max_page_count=${Math.max(1, Math.floor(options.maxFileBytes / actual))}`);
  }
}
