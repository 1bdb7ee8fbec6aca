import assert from "node:assert/strict";
import { mkdtemp, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, test } from "node:test";
import { CaudalError, hasCode } from "@caudal/core";
import { openSqlite } from "./database.ts";
import { toCaudalError } from "./failure.ts";

let folder = "";
let path = "";
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "caudal-sqlite-"));
  path = join(folder, "a.db");
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const first = "CREATE TABLE t (id INTEGER PRIMARY KEY, text TEXT UNIQUE) STRICT";
const second = "ALTER TABLE t ADD COLUMN more TEXT";

test("a file is opened for durable writes: write-ahead log, fsync at each commit", () => {
  const db = openSqlite({ path, migrations: [first], pageBytes: 8192, maxFileBytes: 81920 });
  const pragma = (name: string): unknown => Object.values(db.prepare(`PRAGMA ${name}`).get() ?? {})[0];
  assert.deepEqual([pragma("journal_mode"), pragma("synchronous"), pragma("page_size"), pragma("max_page_count")], ["wal", 2, 8192, 10]);
  assert.deepEqual(db.integrityProblems(), []);
  db.close();
  db.close();
});

test("migrations run once each, in order, and a newer file is refused", () => {
  const old = openSqlite({ path, migrations: [first] });
  old.exec("INSERT INTO t (text) VALUES ('kept')");
  old.close();
  const db = openSqlite({ path, migrations: [first, second] });
  assert.equal(db.prepare("SELECT text FROM t WHERE more IS NULL").get()?.["text"], "kept");
  db.close();
  assert.throws(() => openSqlite({ path, migrations: [first] }), (error) => hasCode(error, "setting"));
  openSqlite({ path, migrations: [first, second] }).close();
});

test("a migration that fails leaves the file as it was", () => {
  assert.throws(() => openSqlite({ path, migrations: [first, "CREATE TABLE broken ("] }), /syntax|incomplete/);
  openSqlite({ path, migrations: [first] }).close();
});

test("a step may be more than SQL, and belongs to the same transaction", () => {
  const doubled = (db: DatabaseSync): void => {
    for (const row of db.prepare("SELECT text FROM t").all()) db.prepare("INSERT INTO t (text) VALUES (?)").run(`${String(row["text"])}2`);
  };
  const old = openSqlite({ path, migrations: [first] });
  old.exec("INSERT INTO t (text) VALUES ('a')");
  old.close();
  assert.throws(() => openSqlite({ path, migrations: [first, doubled, "CREATE TABLE broken ("] }), /syntax|incomplete/);
  const db = openSqlite({ path, migrations: [first, doubled] });
  assert.deepEqual(db.prepare("SELECT text FROM t ORDER BY id").all().map((row) => row["text"]), ["a", "a2"]);
  db.close();
});

test("who only reads a file that still needs a step is told to start the release on it", () => {
  openSqlite({ path, migrations: [first] }).close();
  assert.throws(() => openSqlite({ path, migrations: [first, second], readOnly: true }), (error) => hasCode(error, "setting") && /start this release on it once/.test(String(error)));
  openSqlite({ path, migrations: [first, second] }).close();
  openSqlite({ path, migrations: [first, second], readOnly: true }).close();
});

test("a transaction is all or nothing, and its failure is told in the port's words", () => {
  const db = openSqlite({ path, migrations: [first] });
  const insert = db.prepare("INSERT INTO t (text) VALUES (?)");
  assert.equal(db.transaction(() => insert.run("a").changes), 1);
  assert.throws(() => db.transaction(() => {
    insert.run("b");
    insert.run("a");
  }), (error) => hasCode(error, "duplicate-key"));
  assert.throws(() => db.transaction(() => {
    insert.run("c");
    throw new RangeError("a bug stays itself");
  }), RangeError);
  assert.equal(db.prepare("SELECT count(*) AS n FROM t").get()?.["n"], 1);
  assert.throws(() => db.exec("SELEC"), /syntax/);
  db.close();
});

test("a full file says storage-full and takes more once there is room", () => {
  const db = openSqlite({ path, migrations: ["CREATE TABLE b (id INTEGER PRIMARY KEY, bytes BLOB) STRICT"], maxFileBytes: 64 * 1024 });
  const insert = db.prepare("INSERT INTO b (bytes) VALUES (?)");
  assert.throws(() => db.transaction(() => {
    for (let i = 0; i < 100; i += 1) insert.run(new Uint8Array(4000));
  }), (error) => hasCode(error, "storage-full"));
  db.transaction(() => insert.run(new Uint8Array(4000)));
  assert.equal(db.prepare("SELECT count(*) AS n FROM b").get()?.["n"], 1);
  db.close();
});

test("another file, a damaged one and a missing folder are each refused by name", async () => {
  await writeFile(path, "not a database at all, only text that is long enough to be looked at ".repeat(20));
  assert.throws(() => openSqlite({ path }), (error) => hasCode(error, "corrupt") && String(error).includes(path));
  assert.throws(() => openSqlite({ path: join(folder, "missing", "a.db") }), (error) => error instanceof CaudalError && error.code === "unavailable" && error.retry === "no");
  const whole = join(folder, "whole.db");
  const db = openSqlite({ path: whole, migrations: [first] });
  db.transaction(() => {
    for (let i = 0; i < 2000; i += 1) db.prepare("INSERT INTO t (text) VALUES (?)").run(`row ${i} `.repeat(10));
  });
  db.close();
  await truncate(whole, 40_960);
  assert.throws(() => {
    const cut = openSqlite({ path: whole, readOnly: true });
    try {
      const problems = cut.integrityProblems();
      if (problems.length > 0) throw new CaudalError("corrupt", problems.join());
    } finally {
      cut.close();
    }
  }, (error) => hasCode(error, "corrupt"));
});

test("a second writer is told that the file is in use, and an unknown code stays what it was", () => {
  const one = openSqlite({ path, migrations: [first] });
  const busy = toCaudalError(Object.assign(new Error("database is locked"), { errcode: 5 }), path);
  assert.ok(hasCode(busy, "in-use"));
  const io = toCaudalError(Object.assign(new Error("disk I/O error"), { errcode: 1034 }), path);
  assert.ok(io instanceof CaudalError && io.code === "unavailable" && io.retry === "unknown");
  const other = Object.assign(new Error("datatype mismatch"), { errcode: 20 });
  assert.equal(toCaudalError(other, path), other);
  one.close();
});
