import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { setTimeout as pause } from "node:timers/promises";
import { CaudalError, hasCode } from "@caudal/core";
import { toCaudalError } from "../sqlite/failure.ts";
import { readLiveOwner, writeOwner } from "./owner.ts";

/** A new owner writes its pid a moment after it has the lock. */
const OWNER_KNOWN_WITHIN_MS = 200;

/** A lock that nobody holds a reference to would go with the garbage. */
const held = new Set<DatabaseSync>();

export interface DataFolderLock {
  /** Lets go; safe to call twice. */
  release(): Promise<void>;
}

/**
 * Makes this the one process (and the one place in it) that uses the folder. Fails with "in-use", naming the owner's pid.
 * The lock is the operating system's, on the file `lock`: it ends with the process however that ends, so there is no stale lock to take
 * over and no pid to mistake for another's. Nothing else in the process may open that file: closing it would let the lock go.
 */
export async function lockDataFolder(directory: string): Promise<DataFolderLock> {
  await mkdir(directory, { recursive: true });
  const ownerFile = join(directory, "owner.json");
  const lock = await take(join(directory, "lock"), directory, ownerFile);
  held.add(lock);
  await writeOwner(ownerFile);
  return {
    release: async () => {
      if (!held.delete(lock)) return;
      await rm(ownerFile, { force: true });
      lock.close();
    },
  };
}

async function take(lockFile: string, directory: string, ownerFile: string): Promise<DatabaseSync> {
  let db: DatabaseSync | undefined;
  try {
    db = new DatabaseSync(lockFile, { timeout: 0 });
    // Held by a transaction that is never ended; a rollback journal, so no other files stand beside it.
    db.exec("PRAGMA journal_mode=DELETE; BEGIN EXCLUSIVE");
    return db;
  } catch (error) {
    if (db?.isOpen === true) db.close();
    const failure = toCaudalError(error, lockFile);
    if (!hasCode(failure, "in-use")) throw failure;
    const pid = await ownerPid(ownerFile);
    const by = pid === undefined ? "another process" : `process ${pid}`;
    throw new CaudalError("in-use", `the data folder ${directory} is in use by ${by}; stop it or choose another folder`, { cause: error });
  }
}

async function ownerPid(ownerFile: string): Promise<number | undefined> {
  const deadline = performance.now() + OWNER_KNOWN_WITHIN_MS;
  for (;;) {
    const pid = await readLiveOwner(ownerFile);
    if (pid !== undefined || performance.now() > deadline) return pid;
    await pause(20);
  }
}
