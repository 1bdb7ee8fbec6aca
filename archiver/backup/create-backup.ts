import { rm } from "node:fs/promises";
import { CaudalError, hasCode } from "@caudal/core";
import type { Clock } from "@caudal/runtime";
import type { BackupFolder } from "./backup-folder.ts";
import type { BackupPorts, BackupRun } from "./backup-ports.ts";
import { copyArchive } from "./copy-archive.ts";
import { copyDocuments } from "./copy-documents.ts";
import { copyFacts } from "./copy-facts.ts";
import { LogCopy } from "./copy-log.ts";
import { FORMAT, type Manifest } from "./manifest.ts";
import { schemasOf } from "./schemas-of.ts";

export interface CreateBackupOptions {
  readonly ports: BackupPorts;
  readonly folder: BackupFolder;
  readonly clock: Clock;
  /** Release that writes it, and what fills each port. */
  readonly version: string;
  readonly engines: Readonly<Record<string, string>>;
  readonly run: BackupRun;
}

export interface CreatedBackup {
  readonly manifest: Manifest;
  /** Segments of the archive that earlier backups did not have. */
  readonly copiedSegments: number;
}

/** A backup that the log outran is begun anew this often. */
const TRIES = 3;

/**
 * Takes a backup while everything runs. Positions of groups first, then documents, the cold tier, the archive, and the log from those positions to its end
 * at last: a restored installation is then what a crash at the moment of the documents would have left, with the tiers a little ahead, and makes the same
 * facts of the log again. The backup appears under its name when it is whole and durable, or not at all.
 */
export async function createBackup(options: CreateBackupOptions): Promise<CreatedBackup> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await createOnce(options);
    } catch (error) {
      const outran = hasCode(error, "unavailable") && error instanceof CaudalError && hasCode(error.cause, "offset-out-of-range");
      if (!outran || tries === TRIES) throw error;
    }
  }
}

async function createOnce({ ports, folder, clock, version, engines, run }: CreateBackupOptions): Promise<CreatedBackup> {
  const { signal } = run;
  const startedAtUs = clock.nowUs();
  const { name, path } = await folder.begin(startedAtUs);
  let log: LogCopy | undefined;
  try {
    const copy = (log = await LogCopy.open(ports, path));
    // Ahead of the rest, so that the log need not keep for long what it may let go of.
    await copy.catchUp(signal);
    run.progress({ done: 0, total: null, unit: "points", note: "documents" });
    const documents = await copyDocuments(ports.documents, path, signal);
    const facts = await copyFacts(ports, path, run, () => copy.catchUp(signal));
    const { points } = facts.facts;
    run.progress({ done: points, total: points, unit: "points", note: "archive" });
    const { archive, schemaIds, copied } = await copyArchive(ports.archive, folder.archive, path, signal);
    run.progress({ done: points, total: points, unit: "points", note: "log" });
    await copy.catchUp(signal);
    const topics = await copy.close();
    const before = await folder.manifest().catch(() => undefined);
    const ids = new Set([...schemaIds, ...copy.schemaIds, ...(before?.schemas ?? []).map(({ id }) => id)]);
    const manifest: Manifest = {
      format: FORMAT, name, version, startedAt: textOf(startedAtUs), endedAt: textOf(clock.nowUs()), engines: { ...engines }, topics, ...documents, ...facts, archive,
      schemas: await schemasOf(ports.registry, ids),
    };
    signal.throwIfAborted();
    await folder.publish(path, manifest);
    return { manifest, copiedSegments: copied };
  } catch (error) {
    await log?.abandon();
    await rm(path, { recursive: true, force: true });
    throw error;
  }
}

function textOf(timeUs: number): string {
  return new Date(timeUs / 1000).toISOString();
}
