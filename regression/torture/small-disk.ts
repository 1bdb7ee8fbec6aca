import { execFile, spawnSync } from "node:child_process";
import { closeSync, mkdirSync, openSync, rmSync, writeSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);
const CHUNK = Buffer.alloc(1024 * 1024);

/** A file system of its own in memory, small enough to be filled. */
export interface SmallDisk {
  /** Leaves not one byte. */
  fill(): void;
  free(): void;
  /** At once, also while a process ends; files that are open stay with who has them. */
  unmountNow(): void;
}

/** Mounts one at a new folder; undefined where this machine does not let us, which needs root. */
export async function mountSmallDisk(path: string, megabytes: number): Promise<SmallDisk | undefined> {
  mkdirSync(path, { recursive: true });
  const mounted = await run("mount", ["-t", "tmpfs", "-o", `size=${megabytes}m`, "tmpfs", path]).then(() => true, () => false);
  if (!mounted) return undefined;
  const filler = join(path, "filler");
  return {
    fill() {
      const file = openSync(filler, "a");
      try {
        for (let bytes = CHUNK.length; bytes > 0; ) {
          try {
            while (writeSync(file, CHUNK, 0, bytes) > 0);
          } catch (error) {
            if (!(error instanceof Error && "code" in error && error.code === "ENOSPC")) throw error;
            bytes = Math.floor(bytes / 2);
          }
        }
      } finally {
        closeSync(file);
      }
    },
    free: () => rmSync(filler, { force: true }),
    unmountNow: () => void spawnSync("umount", ["-l", path]),
  };
}
