import { CaudalError, systemScope, topics as topicNames, topicSpecs } from "@caudal/core";
import type { BackupFolder } from "./backup-folder.ts";
import type { BackupPorts, BackupRun } from "./backup-ports.ts";
import { compareDigests, type DigestDifference } from "./compare-digests.ts";
import { partsOf, type Manifest } from "./manifest.ts";
import { verifyPart } from "./part-file.ts";
import { restoreArchive, verifyArchive } from "./restore-archive.ts";
import { restoreDocuments } from "./restore-documents.ts";
import { restoreFacts } from "./restore-facts.ts";
import { restoreLog, restorePositions } from "./restore-log.ts";
import { sameSchemas } from "./schemas-of.ts";

export interface RestoreOptions {
  readonly folder: BackupFolder;
  readonly manifest: Manifest;
  /** Where to: an installation that holds nothing. */
  readonly into: BackupPorts;
  readonly run: BackupRun;
}

export interface Restored {
  readonly points: number;
  readonly revisions: number;
  readonly documents: number;
  readonly records: number;
  readonly segments: number;
  readonly days: number;
  /** Days whose digest is not the backup's; none in a good restore. */
  readonly differences: readonly DigestDifference[];
}

/** Fails with "corrupt", naming the file, unless every part and every segment is there as it was written. */
export async function verifyBackup(folder: BackupFolder, manifest: Manifest, run: BackupRun): Promise<void> {
  const directory = folder.pathOf(manifest.name);
  const parts = partsOf(manifest);
  const total = parts.length + manifest.archive.segments;
  for (const [done, part] of parts.entries()) {
    run.signal.throwIfAborted();
    run.progress({ done, total, unit: "files", note: "checksums" });
    await verifyPart(directory, part);
  }
  await verifyArchive(folder, manifest, { signal: run.signal, progress: ({ done }) => run.progress({ done: parts.length + done, total, unit: "files", note: "checksums" }) });
}

/**
 * Puts a backup back: documents at their versions, the cold tier with all revisions, hot and warm above their floors, the archive, the log at its offsets,
 * the groups' positions last. Checksums are verified before anything is written. Fails with "in-use" when the installation is not empty, "corrupt" when
 * the backup is damaged, "setting" when it does not fit. Resolves with the differences of digests, which the caller must not pass over.
 */
export async function restoreBackup({ folder, manifest, into, run }: RestoreOptions): Promise<Restored> {
  await mustBeEmpty(into);
  await verifyBackup(folder, manifest, run);
  await sameSchemas(into.registry, manifest.schemas);
  const directory = folder.pathOf(manifest.name);
  const [{ partitions } = { partitions: [] }] = manifest.topics;
  await into.log.declareTopics(topicSpecs(partitions.length).filter(({ name }) => manifest.topics.some(({ topic }) => topic === name)));
  const documents = await restoreDocuments(into.documents, directory, manifest, run);
  const revisions = await restoreFacts(into, directory, manifest, run);
  const segments = await restoreArchive(into.archive, folder, manifest, run);
  const records = await restoreLog(into.log, directory, manifest, run);
  const differences = await compareDigests(into, directory, manifest, run);
  // Last: whoever starts on it goes on from where the backup was, and only when all of it is there.
  await restorePositions(into.log, manifest);
  return { points: manifest.facts.points, revisions, documents, records, segments, days: manifest.digests.days, differences };
}

async function mustBeEmpty({ log, documents, archive }: BackupPorts): Promise<void> {
  const refuse = (what: string): never => {
    throw new CaudalError("in-use", `the installation to restore into holds ${what}; a backup is restored into an empty one only`);
  };
  for (const { name, tenant } of await documents.collections()) {
    if ((await (await documents.collection<object>({ name, tenant })).count(systemScope)) > 0) refuse(`documents (${name})`);
  }
  if ((await archive.list("", undefined, 1)).length > 0) refuse("segments of a raw archive");
  for (const topic of Object.values(topicNames)) {
    const bounds = await log.bounds(topic).catch((error: unknown) => {
      if (error instanceof CaudalError && error.code === "unknown-topic") return [];
      throw error;
    });
    if (bounds.some(({ endOffset }) => endOffset > 0)) refuse(`a log (${topic})`);
  }
}
