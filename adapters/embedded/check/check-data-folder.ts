import { existsSync, renameSync } from "node:fs";
import { join } from "node:path";
import { openSqlite } from "../sqlite/database.ts";
import { fileProblems } from "../sqlite/file-problems.ts";
import type { CheckedFile } from "./checked-file.ts";
import { rowProblems } from "./row-problems.ts";

const files = [
  { store: "log", path: "log/log.db" }, { store: "documents", path: "documents/documents.db" },
  { store: "hot", path: "tiers/hot.sqlite" }, { store: "warm", path: "tiers/warm.sqlite" }, { store: "cold", path: "tiers/cold.sqlite" },
] as const;
/** What SQLite says of an index that does not agree with its table. */
const OF_INDEX = /(missing from index|wrong # of entries in index|non-unique entry in index)/;

/** Checks each file of the embedded engine whole, read only: its pages and indexes, and where these are as they should be each row. Hold the folder's lock. */
export function checkDataFolder(directory: string): readonly CheckedFile[] {
  return files.flatMap(({ store, path: name }): CheckedFile[] => {
    const path = join(directory, name);
    if (!existsSync(path)) return [];
    const found = fileProblems(path);
    const problems = found.length === 0 ? rowProblems(store, path) : found;
    return [{ store, path, problems, isIndexOnly: problems.length > 0 && problems.every((problem) => OF_INDEX.test(problem)), isNoDatabase: isNoDatabase(path) }];
  });
}

/** Makes a file's indexes anew from its rows; true when it is whole then. */
export function rebuildFileIndexes(path: string): boolean {
  const db = openSqlite({ path, migrations: undefined });
  try {
    db.exec("REINDEX");
    return db.integrityProblems().length === 0;
  } finally {
    db.close();
  }
}

/** Gives a file and its write-ahead log another name, so that a new one is begun in its place; says which. */
export function moveAside(path: string, suffix: string): string {
  for (const end of ["", "-wal", "-shm"]) if (existsSync(path + end)) renameSync(path + end, `${path}.${suffix}${end}`);
  return `${path}.${suffix}`;
}

function isNoDatabase(path: string): boolean {
  try {
    const db = openSqlite({ path, readOnly: true });
    try {
      db.prepare("SELECT count(*) FROM sqlite_schema").get();
      return false;
    } finally {
      db.close();
    }
  } catch {
    return true;
  }
}
