import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { CaudalError, type SegmentStore } from "@caudal/core";
import type { BackupFolder } from "./backup-folder.ts";
import type { BackupRun } from "./backup-ports.ts";
import type { ArchiveFrame } from "./copy-archive.ts";
import type { Manifest } from "./manifest.ts";
import { readPart } from "./part-file.ts";

/** Fails with "corrupt", naming the segment, at one that is missing or not what was written. */
export async function verifyArchive(folder: BackupFolder, manifest: Manifest, run: BackupRun): Promise<void> {
  await eachSegment(folder, manifest, run, async () => undefined);
}

/** Puts the segments back. Resolves with their number. */
export function restoreArchive(archive: SegmentStore, folder: BackupFolder, manifest: Manifest, run: BackupRun): Promise<number> {
  return eachSegment(folder, manifest, run, (name, bytes) => archive.put(name, bytes));
}

async function eachSegment(folder: BackupFolder, manifest: Manifest, run: BackupRun, work: (name: string, bytes: Uint8Array) => Promise<void>): Promise<number> {
  let done = 0;
  for await (const { header } of readPart(folder.pathOf(manifest.name), manifest.archive.part)) {
    for (const [name, bytes, sha256] of (header as ArchiveFrame).segments) {
      run.signal.throwIfAborted();
      const content = await readFile(join(folder.archive, name)).catch((cause: unknown) => {
        throw new CaudalError("corrupt", `segment ${name} of the backup is missing`, { cause });
      });
      if (content.length !== bytes || createHash("sha256").update(content).digest("hex") !== sha256) throw new CaudalError("corrupt", `segment ${name} of the backup is damaged`);
      await work(name, content);
      done += 1;
      run.progress({ done, total: manifest.archive.segments, unit: "segments" });
    }
  }
  return done;
}
