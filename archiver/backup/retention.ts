import { readdir } from "node:fs/promises";
import { join } from "node:path";
import type { BackupFolder } from "./backup-folder.ts";
import { sweepShared, type ArchiveFrame } from "./copy-archive.ts";
import { readPart } from "./part-file.ts";

export interface Retained {
  readonly removed: readonly string[];
  readonly removedSegments: number;
}

/**
 * Removes all but the newest `keep` backups that are whole, then the archive's segments that none of those names. A damaged backup never counts as one to
 * keep, and is left for a person to look at; while one cannot be read, no segment is removed, for it may name it.
 */
export async function retain(folder: BackupFolder, keep: number): Promise<Retained> {
  const views = await folder.list();
  const whole = views.filter(({ trouble }) => trouble === null).map(({ name }) => name);
  const removed = whole.slice(Math.max(1, keep));
  for (const name of removed) await folder.remove(name);
  if (views.some(({ trouble }) => trouble !== null)) return { removed, removedSegments: 0 };
  return { removed, removedSegments: removed.length === 0 ? 0 : await sweepShared(folder.archive, filesBelow(folder.archive), await wantedSegments(folder)) };
}

async function wantedSegments(folder: BackupFolder): Promise<ReadonlySet<string>> {
  const wanted = new Set<string>();
  for (const name of await folder.names()) {
    const { archive } = await folder.manifest(name);
    for await (const { header } of readPart(folder.pathOf(name), archive.part)) for (const [segment] of (header as ArchiveFrame).segments) wanted.add(segment);
  }
  return wanted;
}

async function* filesBelow(directory: string, prefix = ""): AsyncGenerator<string> {
  for (const entry of await readdir(join(directory, prefix), { withFileTypes: true }).catch(() => [])) {
    const name = prefix === "" ? entry.name : `${prefix}/${entry.name}`;
    if (entry.isDirectory()) yield* filesBelow(directory, name);
    else yield name;
  }
}
