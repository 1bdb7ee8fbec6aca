import { CaudalError, type ErrorCode } from "@caudal/core";

/** SQLite's primary result codes that mean something to a caller. */
const codes: Readonly<Record<number, ErrorCode>> = {
  5: "in-use", // SQLITE_BUSY
  11: "corrupt", // SQLITE_CORRUPT
  13: "storage-full", // SQLITE_FULL, also for the disk's own ENOSPC
  19: "duplicate-key", // SQLITE_CONSTRAINT
  26: "corrupt", // SQLITE_NOTADB
};
const CANNOT_OPEN = 14;
const IO_ERROR = 10;
const GENERIC = 1;
const CANNOT_GROW_INDEX = 4874; // SQLITE_IOERR_SHMSIZE
const damagedSchema = /^(unsupported file format|no such (table|column)|malformed|(table|index) \S+ already exists|duplicate column name)/;

/** SQLite's error as one that crosses a port; whatever is not SQLite's (a bug) comes back as it is. */
export function toCaudalError(error: unknown, path: string): unknown {
  // No statement of ours writes an integer that a number cannot hold.
  if (error instanceof RangeError && "code" in error && error.code === "ERR_OUT_OF_RANGE") return new CaudalError("corrupt", `${path}: ${error.message}`, { cause: error });
  if (error instanceof CaudalError || !isSqliteError(error)) return error;
  const primary = error.errcode & 0xff;
  const code = codes[primary];
  if (code !== undefined) return new CaudalError(code, `${path}: ${error.message}`, { cause: error });
  // The migrations made every table that our statements name, once: one that is not there, or is there before its step, was in the part of the file that is damaged.
  if (primary === GENERIC && damagedSchema.test(error.message)) return new CaudalError("corrupt", `${path}: ${error.message}`, { cause: error });
  // The index of the write-ahead log lives in a file of its own, which could not grow; nothing was written yet.
  if (error.errcode === CANNOT_GROW_INDEX) return new CaudalError("storage-full", `${path}: ${error.message}`, { cause: error });
  if (primary === CANNOT_OPEN) return new CaudalError("unavailable", `${path} cannot be opened: ${error.message}`, { cause: error, retry: "no" });
  // After a failed fsync nobody knows what the disk kept.
  if (primary === IO_ERROR) return new CaudalError("unavailable", `${path}: ${error.message}`, { cause: error, retry: "unknown" });
  return error;
}

function isSqliteError(error: unknown): error is Error & { readonly errcode: number } {
  return error instanceof Error && "errcode" in error && typeof error.errcode === "number";
}
