import { basename, extname, sep } from "node:path";
import type { FormatName } from "../decode/formats.ts";

/** Names in the folder itself that are not devices. */
export const DONE = "done";
export const FAILED = "failed";
/** Hidden, so that whatever looks for files passes it by; on the folder's own disk, so that a rename into it is atomic. */
export const WORK = ".caudal";

const FORMATS: Readonly<Record<string, FormatName>> = { ".json": "json", ".ndjson": "ndjson", ".jsonl": "ndjson", ".csv": "csv", ".txt": "csv" };
const UNFINISHED = /^\.|~$|\.(?:tmp|temp|part|partial|filepart|crdownload|swp|swx|lock)$/i;

/** True for what is hidden or still being copied: `.report.json.Xa3f9C`, `data.csv.part`. */
export function isUnfinished(name: string): boolean {
  return UNFINISHED.test(name);
}

/** How a file is read, by its name's end; undefined when nobody reads such files. */
export function formatOfFile(name: string): FormatName | undefined {
  return FORMATS[extname(name).toLowerCase()];
}

/** The first folder of a path below the root; undefined for a file in the root itself. */
export function subfolderOf(relativePath: string): string | undefined {
  const parts = relativePath.split(sep);
  return parts.length > 1 ? parts[0] : undefined;
}

/** A logger's serial in the name of its CSV file: before `_log_`, or before a stamp of 14 digits at the end. */
export function serialOf(relativePath: string): string | undefined {
  const name = basename(relativePath, extname(relativePath));
  if (formatOfFile(relativePath) !== "csv") return undefined;
  const serial = /^(.+?)_log_/i.exec(name)?.[1] ?? /^(.+?)[_-]?\d{14}$/.exec(name)?.[1];
  return serial?.trim() === "" ? undefined : serial;
}
