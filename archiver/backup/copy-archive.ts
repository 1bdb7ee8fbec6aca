import { createHash } from "node:crypto";
import { mkdir, open, rename, rm, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { CaudalError, parseSegmentName, type SegmentStore } from "@caudal/core";
import { decodeContainer, readWireHeader } from "@caudal/schemas";
import { syncDirectory } from "./backup-folder.ts";
import type { Manifest } from "./manifest.ts";
import { PartWriter } from "./part-file.ts";

/** Of an archive frame: segments by name, each with its size and hash. */
export interface ArchiveFrame {
  readonly segments: readonly (readonly [name: string, bytes: number, sha256: string])[];
}

export interface ArchiveCopy {
  readonly archive: Manifest["archive"];
  /** Ids that records of newly copied segments carry. */
  readonly schemaIds: ReadonlySet<number>;
  readonly copied: number;
}

const NAMES = 1000;
const HASH_SUFFIX = /\.([0-9a-f]{64})\.[a-z]+$/;
/** Segments are merged into longer ones while they are listed; a listing during which none went is whole. */
const MAX_LISTINGS = 20;

/**
 * Copies the raw archive's segments that the backups do not share yet, and lists all of them. `shared` is where they lie, by name; the name of a segment
 * carries its hash, so one that is there with its size is not copied again.
 */
export async function copyArchive(archive: SegmentStore, shared: string, directory: string, signal: AbortSignal): Promise<ArchiveCopy> {
  const schemaIds = new Set<number>();
  let copied = 0;
  for (let listing = 0; listing < MAX_LISTINGS; listing += 1) {
    const found: [string, number, string][] = [];
    let isWhole = true;
    for (let after: string | undefined; ; ) {
      const names = await archive.list("", after, NAMES);
      for (const name of names) {
        signal.throwIfAborted();
        const known = await sharedEntry(shared, name);
        if (known !== undefined) {
          found.push([name, ...known]);
          continue;
        }
        const bytes = await archive.get(name);
        if (bytes === undefined) isWhole = false;
        else {
          found.push([name, bytes.length, await putShared(shared, name, bytes)]);
          copied += 1;
          await noteIds(name, bytes, schemaIds);
        }
      }
      after = names.at(-1);
      if (names.length < NAMES) break;
    }
    if (isWhole) return { archive: await writeListing(found, directory), schemaIds, copied };
  }
  throw new CaudalError("unavailable", "segments of the archive went faster than they could be listed");
}

async function writeListing(found: readonly (readonly [string, number, string])[], directory: string): Promise<Manifest["archive"]> {
  const part = new PartWriter(directory, "archive.zst");
  for (let from = 0; from < found.length; from += NAMES) {
    const frame: ArchiveFrame = { segments: found.slice(from, from + NAMES) };
    await part.add(frame);
  }
  return { segments: found.length, bytes: found.reduce((sum, [, bytes]) => sum + bytes, 0), part: await part.close() };
}

/** Size and hash of a segment that is there already; only a name that says the hash is believed. */
async function sharedEntry(shared: string, name: string): Promise<[bytes: number, sha256: string] | undefined> {
  const sha256 = HASH_SUFFIX.exec(name)?.[1];
  if (sha256 === undefined) return undefined;
  const there = await stat(join(shared, name)).catch(() => undefined);
  return there === undefined ? undefined : [there.size, sha256];
}

/** Durable and whole under its name when it resolves. Fails with "corrupt" when the bytes are not what the name says. */
async function putShared(shared: string, name: string, bytes: Uint8Array): Promise<string> {
  const sha256 = createHash("sha256").update(bytes).digest("hex");
  const said = HASH_SUFFIX.exec(name)?.[1];
  if (said !== undefined && said !== sha256) throw new CaudalError("corrupt", `segment ${name} of the archive is not what its name says`);
  const path = join(shared, name);
  await mkdir(dirname(path), { recursive: true });
  const half = `${path}.new`;
  const handle = await open(half, "w");
  try {
    await handle.writeFile(bytes);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(half, path);
  await syncDirectory(dirname(path));
  return sha256;
}

async function noteIds(name: string, bytes: Uint8Array, ids: Set<number>): Promise<void> {
  if (parseSegmentName(name) === undefined) return;
  for (const { value } of await decodeContainer(bytes)) {
    const header = readWireHeader(value);
    if (header.ok) ids.add(header.schemaId);
  }
}

/** Removes segments that no listing names; a crash leaves some to the next time. */
export async function sweepShared(shared: string, names: AsyncIterable<string>, wanted: ReadonlySet<string>): Promise<number> {
  let removed = 0;
  for await (const name of names) {
    if (wanted.has(name)) continue;
    await rm(join(shared, name), { force: true });
    removed += 1;
  }
  return removed;
}
