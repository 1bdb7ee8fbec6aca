import { randomUUID } from "node:crypto";
import { mkdir, open, readFile, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { CaudalError, mustBeName, mustBePrefix, type SegmentStore } from "@caudal/core";
import { listNames } from "./listing.ts";

const LIST_LIMIT = 1000;
const pathTaken = ["EISDIR", "EEXIST", "ENOTDIR", "ENOTEMPTY"];
/** Where writes begin; no name can be so, and what a kill leaves there is removed at the next open. */
const DRAFTS = "+drafts";

/**
 * SegmentStore as files of a folder. One process at a time uses it. A file appears under its name only whole and fsynced, by a rename,
 * and its folder is fsynced before `put` resolves.
 */
export async function openFileSegments(directory: string): Promise<SegmentStore> {
  const drafts = join(directory, DRAFTS);
  await rm(drafts, { recursive: true, force: true });
  await mkdir(drafts, { recursive: true });
  return new SegmentFiles(directory, drafts);
}

class SegmentFiles implements SegmentStore {
  readonly #directory: string;
  readonly #drafts: string;
  /** One put a name at a time: the second must see what the first wrote. */
  readonly #puts = new Map<string, Promise<void>>();
  #closed = false;

  constructor(directory: string, drafts: string) {
    this.#directory = directory;
    this.#drafts = drafts;
  }

  async put(name: string, bytes: Uint8Array): Promise<void> {
    this.#mustBeOpen();
    mustBeName(name);
    const before = this.#puts.get(name) ?? Promise.resolve();
    const put = before.catch(() => undefined).then(() => this.#put(name, bytes));
    this.#puts.set(name, put);
    try {
      await put;
    } finally {
      if (this.#puts.get(name) === put) this.#puts.delete(name);
    }
  }

  async get(name: string): Promise<Uint8Array | undefined> {
    this.#mustBeOpen();
    mustBeName(name);
    return this.#read(name);
  }

  async list(prefix: string, after = "", limit = LIST_LIMIT): Promise<readonly string[]> {
    this.#mustBeOpen();
    mustBePrefix(prefix);
    try {
      return await listNames(this.#directory, { prefix, after, limit: Math.min(LIST_LIMIT, Math.max(1, limit)) });
    } catch (error) {
      throw toStoreError(error, prefix);
    }
  }

  async remove(name: string): Promise<void> {
    this.#mustBeOpen();
    mustBeName(name);
    try {
      await rm(this.#path(name));
      await syncFolder(dirname(this.#path(name)));
    } catch (error) {
      if (!isMissing(error)) throw toStoreError(error, name);
    }
  }

  async close(): Promise<void> {
    this.#closed = true;
    await Promise.allSettled(this.#puts.values());
  }

  async #put(name: string, bytes: Uint8Array): Promise<void> {
    const path = this.#path(name);
    const there = await this.#read(name);
    if (there !== undefined) {
      if (there.equals(bytes)) return;
      throw new CaudalError("duplicate-key", `segment ${name} is there already, with other bytes`);
    }
    const draft = join(this.#drafts, randomUUID());
    try {
      await writeWhole(draft, bytes);
      await this.#makeFolder(dirname(path));
      await rename(draft, path);
      await syncFolder(dirname(path));
    } catch (error) {
      await rm(draft, { force: true });
      throw toStoreError(error, name);
    }
  }

  async #read(name: string): Promise<Buffer | undefined> {
    try {
      return await readFile(this.#path(name));
    } catch (error) {
      if (isMissing(error)) return undefined;
      throw toStoreError(error, name);
    }
  }

  /** A new folder is durable when the one that lists it is. */
  async #makeFolder(folder: string): Promise<void> {
    const first = await mkdir(folder, { recursive: true });
    if (first === undefined) return;
    for (let made = folder; made.length >= first.length; made = dirname(made)) await syncFolder(dirname(made));
  }

  #path(name: string): string {
    return join(this.#directory, name);
  }

  #mustBeOpen(): void {
    if (this.#closed) throw new CaudalError("closed", "the segment store is closed");
  }
}

async function writeWhole(path: string, bytes: Uint8Array): Promise<void> {
  const file = await open(path, "wx");
  try {
    await file.writeFile(bytes);
    await file.sync();
  } finally {
    await file.close();
  }
}

async function syncFolder(path: string): Promise<void> {
  // Windows cannot open a folder; there the rename itself is journaled.
  if (process.platform === "win32") return;
  const folder = await open(path, "r");
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

/** A folder is no segment either. */
function isMissing(error: unknown): boolean {
  return ["ENOENT", "ENOTDIR", "EISDIR"].includes(codeOf(error) ?? "");
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error ? (error as NodeJS.ErrnoException).code : undefined;
}

function toStoreError(error: unknown, name: string): unknown {
  const code = codeOf(error);
  if (code === undefined) return error;
  if (code === "ENOSPC" || code === "EDQUOT") return new CaudalError("storage-full", `no room for segment ${name}`, { cause: error });
  if (pathTaken.includes(code)) return new CaudalError("duplicate-key", `segment ${name} and another need one path as file and as folder`, { cause: error });
  return new CaudalError("unavailable", `segment ${name}: ${code}`, { cause: error });
}
