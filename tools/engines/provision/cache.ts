import { mkdirSync, mkdtempSync, readFileSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join, resolve } from "node:path";
import type { FetchCost } from "../server.ts";

const costFile = "caudal-fetched.json";
const leftoverMs = 3_600_000;
/** The unit in which systems count the blocks of a file, whatever the disk's own is. */
const blockBytes = 512;

/** Outside the work tree: CAUDAL_ENGINES_CACHE, else below the user's cache folder. */
export function cacheFolder(): string {
  const { CAUDAL_ENGINES_CACHE: own, XDG_CACHE_HOME: caches } = process.env;
  return resolve(own || join(caches || join(homedir(), ".cache"), "caudal", "engines"));
}

/** A folder of the cache that was filled to its end, with what that cost. */
export interface Cached {
  readonly folder: string;
  readonly cost: FetchCost;
}

/** What the cache holds under this name; undefined when nothing, or only half of it. */
export function cached(name: string): Cached | undefined {
  const folder = join(cacheFolder(), name);
  try {
    return { folder, cost: JSON.parse(readFileSync(join(folder, costFile), "utf8")) as FetchCost };
  } catch {
    return undefined;
  }
}

/**
 * Fills a folder of the cache. `fill` works in a folder beside it that takes the name only when all is there; when two
 * processes fetch the same, the first to end wins.
 */
export async function fillCache(name: string, fill: (folder: string) => Promise<void>): Promise<Cached> {
  const there = cached(name);
  if (there) return there;
  const root = cacheFolder();
  mkdirSync(root, { recursive: true });
  removeLeftovers(root);
  const working = mkdtempSync(join(root, `.${name}-`));
  try {
    const startedMs = performance.now();
    await fill(working);
    const cost = { seconds: Math.round((performance.now() - startedMs) / 100) / 10, megabytes: Math.ceil(folderBytes(working) / 1e6) };
    writeFileSync(join(working, costFile), `${JSON.stringify(cost)}\n`);
    moveOver(working, join(root, name));
  } finally {
    rmSync(working, { recursive: true, force: true });
  }
  return cached(name) ?? never(name);
}

/** What a fetch that was ended from outside left behind. */
function removeLeftovers(root: string): void {
  for (const name of readdirSync(root).filter((each) => each.startsWith("."))) {
    const path = join(root, name);
    const ageMs = Date.now() - (statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? Date.now());
    if (ageMs > leftoverMs) rmSync(path, { recursive: true, force: true });
  }
}

/** Bytes that the files below a folder take on the disk; servers keep sparse ones that look larger. */
export function folderBytes(folder: string): number {
  let bytes = 0;
  for (const entry of readdirSync(folder, { withFileTypes: true, recursive: true })) {
    if (!entry.isFile()) continue;
    const { size = 0, blocks } = statSync(join(entry.parentPath, entry.name), { throwIfNoEntry: false }) ?? {};
    bytes += blocks === undefined ? size : blocks * blockBytes;
  }
  return bytes;
}

function moveOver(from: string, to: string): void {
  try {
    renameSync(from, to);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== "ENOTEMPTY" && code !== "EEXIST") throw error;
  }
}

function never(name: string): never {
  throw new Error(`${join(cacheFolder(), name)} holds something else: remove it and run the command again`);
}
