import { lstat, readdir } from "node:fs/promises";
import { join, relative } from "node:path";
import { DONE, FAILED, isUnfinished } from "./file-names.ts";

const MAX_DEPTH = 8;
const MAX_FILES = 20_000;
const STATS_AT_ONCE = 64;

interface Look {
  readonly size: number;
  readonly mtimeMs: number;
  readonly ino: number;
  readonly sinceMs: number;
}

/** Finds files that are complete: seen twice the same, `settleMs` apart. A file of any age is looked at twice, for a copy may bring an old date along. */
export class Candidates {
  readonly #root: string;
  readonly #settleMs: number;
  #looks = new Map<string, Look>();
  #folders: readonly string[] = [];

  constructor(root: string, settleMs: number) {
    this.#root = root;
    this.#settleMs = settleMs;
  }

  /** Paths below the root that are complete now, in order of their names; how many others are still to be looked at again. */
  async look(nowMs: number): Promise<{ readonly complete: readonly string[]; readonly waiting: number }> {
    const folders: string[] = [];
    const files: string[] = [];
    await this.#walk(this.#root, 0, folders, files);
    this.#folders = folders;
    const looks = new Map<string, Look>();
    const complete: string[] = [];
    for (let from = 0; from < files.length; from += STATS_AT_ONCE) {
      await Promise.all(files.slice(from, from + STATS_AT_ONCE).map(async (path) => {
        const look = await lookAt(path, this.#looks.get(path), nowMs);
        if (look === undefined) return;
        looks.set(path, look);
        if (nowMs - look.sinceMs >= this.#settleMs) complete.push(path);
      }));
    }
    this.#looks = looks;
    return { complete: complete.map((path) => relative(this.#root, path)).sort(), waiting: looks.size - complete.length };
  }

  /** Folders that files were looked for in. */
  folders(): readonly string[] {
    return this.#folders;
  }

  async #walk(folder: string, depth: number, folders: string[], files: string[]): Promise<void> {
    folders.push(folder);
    const entries = await readdir(folder, { withFileTypes: true }).catch((error: NodeJS.ErrnoException) => {
      if (depth > 0 && error.code === "ENOENT") return [];
      throw error;
    });
    for (const entry of entries) {
      if (files.length >= MAX_FILES) return;
      if (isUnfinished(entry.name) || (depth === 0 && (entry.name === DONE || entry.name === FAILED))) continue;
      const path = join(folder, entry.name);
      if (entry.isFile()) files.push(path);
      else if (entry.isDirectory() && depth < MAX_DEPTH) await this.#walk(path, depth + 1, folders, files);
    }
  }
}

async function lookAt(path: string, before: Look | undefined, nowMs: number): Promise<Look | undefined> {
  const stat = await lstat(path).catch(() => undefined);
  if (stat === undefined) return undefined;
  const { size, mtimeMs, ino } = stat;
  const same = before !== undefined && before.size === size && before.mtimeMs === mtimeMs && before.ino === ino;
  return { size, mtimeMs, ino, sinceMs: same ? before.sinceMs : nowMs };
}
