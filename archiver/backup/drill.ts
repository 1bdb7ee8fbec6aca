import { mkdtemp, rm } from "node:fs/promises";
import { join } from "node:path";
import { systemScope } from "@caudal/core";
import type { Clock } from "@caudal/runtime";
import type { BackupFolder } from "./backup-folder.ts";
import type { BackupPorts, BackupRun } from "./backup-ports.ts";
import type { DigestDifference } from "./compare-digests.ts";
import type { PointDigests } from "./copy-facts.ts";
import { DAY_US } from "./day-digests.ts";
import { readPart } from "./part-file.ts";
import { restoreBackup } from "./restore-backup.ts";

/** Opens every port on the embedded engine in a folder that is thrown away afterwards. */
export type OpenScratch = (directory: string) => Promise<BackupPorts & { close(): Promise<void> }>;

export interface DrillOptions {
  readonly folder: BackupFolder;
  /** The newest when absent. */
  readonly name?: string;
  readonly openScratch: OpenScratch;
  readonly clock: Clock;
  readonly run: BackupRun;
}

export interface DrillReport {
  readonly name: string;
  readonly ok: boolean;
  readonly tookS: number;
  readonly points: number;
  readonly days: number;
  readonly documents: number;
  readonly records: number;
  readonly segments: number;
  /** Rows of history that were read back, and what was not as the backup says. */
  readonly sampledRows: number;
  readonly differences: readonly DigestDifference[];
}

const SAMPLED_POINTS = 20;

/** Restores a backup into a folder of its own beside the backups, compares every digest, reads some history, and removes it. Fails as `restoreBackup` does. */
export async function drillBackup({ folder, name, openScratch, clock, run }: DrillOptions): Promise<DrillReport> {
  const beganMs = clock.monotonicMs();
  const manifest = await folder.manifest(name);
  const scratch = await mkdtemp(join(folder.directory, ".drill-"));
  try {
    const ports = await openScratch(scratch);
    try {
      const { differences, points, days, documents, records, segments } = await restoreBackup({ folder, manifest, into: ports, run });
      const sampled = await sampleHistory(ports, folder.pathOf(manifest.name), manifest.digests.part);
      const all = [...differences, ...sampled.differences.filter(({ point, day }) => !differences.some((other) => other.tier === "cold" && other.point === point && other.day === day))];
      return { name: manifest.name, ok: all.length === 0, tookS: (clock.monotonicMs() - beganMs) / 1000, points, days, documents, records, segments, sampledRows: sampled.rows, differences: all };
    } finally {
      await ports.close();
    }
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

/** Reads a day of some points as anybody would, and counts the facts that are not withdrawn against those of the tier's digest. */
async function sampleHistory(ports: BackupPorts, directory: string, part: Parameters<typeof readPart>[1]): Promise<{ readonly rows: number; readonly differences: readonly DigestDifference[] }> {
  let rows = 0;
  let sampled = 0;
  const differences: DigestDifference[] = [];
  for await (const { header } of readPart(directory, part)) {
    const { client, point, days } = header as PointDigests;
    const day = days.at(-1);
    if (day === undefined) continue;
    const range = { client, point, fromUs: day.dayStartUs, toUs: day.dayStartUs + DAY_US };
    let facts = 0;
    for await (const block of ports.cold.read(systemScope, { ...range, includeWithdrawn: true })) {
      rows += block.rows;
      for (const { flags } of block.columns) facts += flags.reduce((sum, flag) => sum + (flag === 0 ? 0 : 1), 0);
    }
    if (facts !== day.facts) differences.push({ client, point, tier: "cold", day: new Date(day.dayStartUs / 1000).toISOString().slice(0, 10), expectedFacts: day.facts, facts });
    sampled += 1;
    if (sampled >= SAMPLED_POINTS) break;
  }
  return { rows, differences };
}
