import { spawn } from "node:child_process";
import { once } from "node:events";
import { copyFileSync, existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { stores, type StoreName } from "./torn-stores.ts";

/** What a real process had written, and was told durable, when it was killed. */
export interface KilledWriter {
  readonly directory: string;
  /** By commit: bytes of the write-ahead log when it was acknowledged. */
  readonly walBytes: readonly number[];
  /** A copy of its files, or of another copy's, in a new folder. */
  copy(from?: string): string;
  remove(): void;
}

/** Starts a process that writes to one store, and kills it with -9 after so many acknowledged commits. */
export async function killedWriter(kind: StoreName, commits: number): Promise<KilledWriter> {
  const root = mkdtempSync(join(tmpdir(), `caudal-torn-${kind}-`));
  const directory = mkdtempSync(join(root, "written-"));
  const child = spawn(process.execPath, ["--disable-warning=ExperimentalWarning", join(import.meta.dirname, "torn-child.ts"), kind, directory], { stdio: ["ignore", "pipe", "inherit"] });
  const ended = once(child, "exit");
  const walBytes: number[] = [];
  for await (const line of createInterface({ input: child.stdout })) {
    walBytes.push(Number(line.split(" ")[1]));
    if (walBytes.length === commits) child.kill("SIGKILL");
  }
  await ended;
  const { file } = stores[kind];
  return {
    directory, walBytes,
    copy(from = directory) {
      const to = mkdtempSync(join(root, "copy-"));
      for (const name of [file, `${file}-wal`]) if (existsSync(join(from, name))) copyFileSync(join(from, name), join(to, name));
      return to;
    },
    remove: () => rmSync(root, { recursive: true, force: true }),
  };
}
