import type { DatabaseSync } from "node:sqlite";
import { CaudalError } from "@caudal/core";

/** More steps than releases to come will add: a number beyond is a damaged header. */
const MOST_STEPS_AHEAD = 1000;

/** Brings a file up to the newest step, all missing steps in one transaction; `user_version` counts the steps it has had. */
export function migrate(db: DatabaseSync, path: string, steps: readonly string[]): void {
  const had = Number(db.prepare("PRAGMA user_version").get()?.["user_version"] ?? 0);
  if (had < 0 || had > steps.length + MOST_STEPS_AHEAD) throw new CaudalError("corrupt", `${path} says that it has format ${had}, which no release writes`);
  if (had > steps.length) {
    throw new CaudalError("setting", `${path} was written by a newer release (format ${had}, this one knows ${steps.length}); use that release or another data folder`);
  }
  if (had === steps.length) return;
  db.exec("BEGIN IMMEDIATE");
  try {
    for (const step of steps.slice(had)) db.exec(step);
    db.exec(`PRAGMA user_version=${steps.length}`);
    db.exec("COMMIT");
  } catch (error) {
    if (db.isTransaction) db.exec("ROLLBACK");
    throw error;
  }
}
