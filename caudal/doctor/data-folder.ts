import { access, constants, stat, statfs } from "node:fs/promises";
import { dirname } from "node:path";
import type { CommandContext } from "../commandline/command.ts";
import type { Finding } from "./finding.ts";

const LOW_BYTES = 1_000_000_000;

function gigabytes(bytes: number): string {
  return `${(bytes / 1e9).toFixed(1)} GB`;
}

/** The folder itself, or where it would be made. */
async function nearest(path: string): Promise<string> {
  const found = await stat(path).then(() => true, (error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return false;
    throw error;
  });
  return found || dirname(path) === path ? path : nearest(dirname(path));
}

/** Whether the data folder can be written, or made, and has room. Makes nothing. */
export async function examineDataFolder({ dataDirectory: path, say }: CommandContext): Promise<readonly Finding[]> {
  try {
    const folder = await nearest(path);
    await access(folder, constants.W_OK | constants.X_OK);
    const { bavail, bsize } = await statfs(folder);
    const free = bavail * bsize;
    return [{ check: "data", ok: free >= LOW_BYTES, text: say(free < LOW_BYTES ? "doctor.low-disk" : "doctor.data", { path, free: gigabytes(free) }) }];
  } catch (error) {
    return [{ check: "data", ok: false, text: say("doctor.data-not-writable", { path, why: error instanceof Error && "code" in error ? String(error.code) : String(error) }) }];
  }
}
