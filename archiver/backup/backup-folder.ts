import { mkdir, open, readdir, rename, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { CaudalError } from "@caudal/core";
import { MANIFEST, readManifest, sealManifest, type Manifest } from "./manifest.ts";

const NAME = /^\d{4}-\d{2}-\d{2}t\d{6}\.\d{3}z$/;
const PARTIAL = ".partial-";

/** A backup as it is listed. */
export interface BackupView {
  readonly name: string;
  readonly startedAt: string | null;
  readonly endedAt: string | null;
  readonly version: string | null;
  readonly points: number | null;
  readonly facts: number | null;
  readonly documents: number | null;
  readonly records: number | null;
  readonly segments: number | null;
  /** Of its own files; the archive's segments are shared. */
  readonly bytes: number;
  /** Why it cannot be used; null where its manifest is whole. */
  readonly trouble: string | null;
}

/**
 * Where backups lie: `backups/NAME/` holds one each, whole or not there at all; `archive/` the raw archive's segments, which all share. What a crash
 * leaves is called `.partial-NAME` and goes with the next backup.
 */
export class BackupFolder {
  readonly directory: string;

  constructor(directory: string) {
    this.directory = directory;
  }

  /** Where the archive's segments lie, by name. */
  get archive(): string {
    return join(this.directory, "archive");
  }

  pathOf(name: string): string {
    return join(this.directory, "backups", name);
  }

  /** A new backup's folder, not seen by anybody until `publish`. What earlier crashes left goes. */
  async begin(startedAtUs: number): Promise<{ readonly name: string; readonly path: string }> {
    const root = join(this.directory, "backups");
    await mkdir(root, { recursive: true });
    for (const entry of await readdir(root)) if (entry.startsWith(PARTIAL)) await rm(join(root, entry), { recursive: true, force: true });
    const name = new Date(startedAtUs / 1000).toISOString().replaceAll(":", "").toLowerCase();
    const path = join(root, `${PARTIAL}${name}`);
    await mkdir(path);
    return { name, path };
  }

  /** Makes the backup appear, whole and durable. */
  async publish(path: string, manifest: Manifest): Promise<void> {
    await writeFile(join(path, MANIFEST), sealManifest(manifest), { flush: true });
    await syncDirectory(path);
    await rename(path, this.pathOf(manifest.name));
    await syncDirectory(join(this.directory, "backups"));
  }

  /** Names, newest first. */
  async names(): Promise<readonly string[]> {
    const entries = await readdir(join(this.directory, "backups")).catch(() => []);
    return entries.filter((name) => NAME.test(name)).sort().reverse();
  }

  async list(): Promise<readonly BackupView[]> {
    return Promise.all((await this.names()).map((name) => this.view(name)));
  }

  /** Fails with "not-found", or as `readManifest` does. Without a name the newest. */
  async manifest(name?: string): Promise<Manifest> {
    const names = await this.names();
    const wanted = name ?? names[0];
    if (wanted === undefined) throw new CaudalError("not-found", `there is no backup in ${this.directory}`);
    if (!names.includes(wanted)) throw new CaudalError("not-found", `there is no backup ${wanted} in ${this.directory}`);
    return readManifest(this.pathOf(wanted));
  }

  async view(name: string): Promise<BackupView> {
    const bytes = await sizeOf(this.pathOf(name));
    try {
      const { startedAt, endedAt, version, facts, collections, topics, archive } = await readManifest(this.pathOf(name));
      return {
        name, startedAt, endedAt, version, bytes, points: facts.points, facts: facts.facts, segments: archive.segments, trouble: null,
        documents: collections.reduce((sum, { documents }) => sum + documents, 0), records: topics.reduce((sum, { records }) => sum + records, 0),
      };
    } catch (error) {
      return { name, bytes, startedAt: null, endedAt: null, version: null, points: null, facts: null, segments: null, documents: null, records: null, trouble: error instanceof Error ? error.message : String(error) };
    }
  }

  async remove(name: string): Promise<void> {
    // First out of sight, so that a crash leaves no half of one.
    const gone = join(this.directory, "backups", `${PARTIAL}${name}`);
    await rename(this.pathOf(name), gone);
    await rm(gone, { recursive: true, force: true });
  }
}

/** Makes names in the directory durable. */
export async function syncDirectory(directory: string): Promise<void> {
  const handle = await open(directory, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function sizeOf(directory: string): Promise<number> {
  const sizes = await Promise.all((await readdir(directory)).map(async (file) => (await stat(join(directory, file))).size));
  return sizes.reduce((sum, size) => sum + size, 0);
}
