import type { DatabaseSync } from "node:sqlite";
import { CaudalError } from "@caudal/core";

/** More steps than releases to come will add: a number beyond is a damaged header. */
const MOST_STEPS_AHEAD = 1000;

/** SQL, or what SQL alone cannot do. */
export type MigrationStep = string | ((db: DatabaseSync) => void);

/** Steps that a file has had. Fails with "corrupt" and "setting" on a number that these steps do not give. */
function stepsHad(db: DatabaseSync, path: string, steps: readonly MigrationStep[]): number {
  const had = Number(db.prepare("PRAGMA user_version").get()?.["user_version"] ?? 0);
  if (had < 0 || had > steps.length + MOST_STEPS_AHEAD) throw new CaudalError("corrupt", `${path} says that it has format ${had}, which no release writes`);
  if (had > steps.length) {
    throw new CaudalError("setting", `${path} was written by a newer release (format ${had}, this one knows ${steps.length}); use that release or another data folder`);
  }
  return had;
}

/** For who only reads. Fails with "setting" on a file that some steps have not been done on yet. */
export function mustBeMigrated(db: DatabaseSync, path: string, steps: readonly MigrationStep[]): void {
  const had = stepsHad(db, path, steps);
  if (had < steps.length) throw new CaudalError("setting", `${path} was written by an older release (format ${had}, this one reads ${steps.length}); start this release on it once`);
}

/** Brings a file up to the newest step, all missing steps in one transaction; `user_version` counts the steps it has had. */
export function migrate(db: DatabaseSync, path: string, steps: readonly MigrationStep[]): void {
  const had = stepsHad(db, path, steps);
  if (had === steps.length) return;
  db.exec("BEGIN IMMEDIATE");
  try {
    for (const step of steps.slice(had)) {
      if (typeof step === "string") db.exec(step);
      else step(db);
    }
    db.exec(`PRAGMA user_version=${steps.length}`);
    db.exec("COMMIT");
  } catch (error) {
    if (db.isTransaction) db.exec("ROLLBACK");
    throw error;
  }
}
