import { CaudalError } from "@caudal/core";
import { openSqlite, type Sqlite } from "./database.ts";

const MOST_PROBLEMS = 20;

/** What SQLite and its own refusal to open say of a file, read only and whole; empty when nothing. Nobody may be writing it. */
export function fileProblems(path: string): readonly string[] {
  let db: Sqlite | undefined;
  try {
    db = openSqlite({ path, readOnly: true });
    return db.integrityProblems().slice(0, MOST_PROBLEMS);
  } catch (error) {
    if (error instanceof CaudalError && error.code === "corrupt") return [error.message];
    throw error;
  } finally {
    db?.close();
  }
}
