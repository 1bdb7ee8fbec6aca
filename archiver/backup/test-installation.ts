import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { groups, pointIdOf, replayRecords, topics, topicSpecs, type Documents, type LogRecord, type SeriesTier } from "@caudal/core";
import { createLiveChannel, openEmbeddedDocuments, openEmbeddedLog, openEmbeddedTier, openFileRegistry, openFileSegments } from "@caudal/embedded";
import { createProcessor } from "@caudal/processor";
import { createMetrics, createParker, silentLogger, systemClock } from "@caudal/runtime";
import { Codec, type Reading } from "@caudal/schemas";
import { createArchiver } from "../archiver.ts";
import type { BackupPorts } from "./backup-ports.ts";
import type { BackupFolder } from "./backup-folder.ts";
import { createBackup, type CreatedBackup } from "./create-backup.ts";
import { restoreBackup, type Restored } from "./restore-backup.ts";
import { pagesOf } from "./copy-documents.ts";

const DAY_MS = 24 * 3600 * 1000;
export const PARTITIONS = 2;
export const CLIENT = "acme";
/** A full hour two days ago, so that all tiers take it. */
export const T0_US = Math.floor(Date.now() / 3_600_000) * 3_600_000_000 - 2 * DAY_MS * 1000;

export interface OpenedPorts extends BackupPorts {
  close(): Promise<void>;
}

/** Every port on the embedded engine, in a folder. */
export async function openEmbedded(directory: string): Promise<OpenedPorts> {
  const tier = (name: "hot" | "warm" | "cold", days: number | null): Promise<SeriesTier> =>
    openEmbeddedTier({ name, directory: join(directory, "tiers"), retentionMs: days === null ? null : days * DAY_MS, revisions: days === null ? "all" : "latest" });
  const log = await openEmbeddedLog({ directory: join(directory, "log") });
  const documents = await openEmbeddedDocuments({ directory: join(directory, "documents") });
  const archive = await openFileSegments(join(directory, "archive"));
  const [hot, warm, cold] = await Promise.all([tier("hot", 3), tier("warm", 30), tier("cold", null)]);
  return {
    log, documents, archive, registry: openFileRegistry(), hot, warm, cold,
    close: async () => {
      await log.close();
      await Promise.all([documents.close(), archive.close(), hot.close(), warm.close(), cold.close()]);
    },
  };
}

/** The services that make facts, on some ports. */
export interface Running {
  /** Readings of a device: seconds after T0 and values by key. */
  send(device: string, ...rows: readonly (readonly [atS: number, values: Readonly<Record<string, number>>])[]): Promise<void>;
  publish(topic: string, records: readonly LogRecord[]): Promise<void>;
  readonly codec: Codec;
  /** Resolves when no group is behind. */
  settled(): Promise<void>;
  stop(): Promise<void>;
}

let serial = 0;

export async function start(ports: BackupPorts): Promise<Running> {
  const { log, archive: segments } = ports;
  await log.declareTopics(topicSpecs(PARTITIONS));
  const codec = await Codec.open(ports.registry);
  const metrics = createMetrics({ process: false });
  const shared = { ...ports, segments, codec, metrics, logger: silentLogger, clock: systemClock, parker: createParker({ log, codec, metrics }) };
  const processor = createProcessor({
    ...shared, live: createLiveChannel(), settings: { adopt: "auto" }, pace: { everyMs: 15, everyRecords: 1000 }, lookEveryMs: 50,
    past: (partition, fromOffset, toOffset) => replayRecords({ segments, log, topic: topics.readings, partition, fromOffset, toOffset }),
  });
  const archiver = createArchiver({
    ...shared, backups: { ports, directory: "", version: "test", engines: {}, openScratch: openEmbedded },
    settings: { segmentBytes: 4096, segmentAgeMs: 50, forget: false, scrubEveryMs: 3_600_000, scrubBytesPerS: 4_194_304, backupKeep: 7, backupDirectory: undefined, backupEveryMs: undefined, backupDrillEveryMs: undefined },
  });
  await archiver.start();
  await processor.start();
  const consumed = [[topics.readings, groups.mapping], [topics.points, groups.judging], [topics.measurements, groups.hot], [topics.measurements, groups.warm], [topics.measurements, groups.cold]] as const;
  return {
    codec,
    publish: (topic, records) => log.publish(topic, records),
    send: async (device, ...rows) => log.publish(topics.readings, rows.map(([atS, values]) => {
      const timeUs = T0_US + atS * 1_000_000;
      const reading: Reading = {
        eventId: `r${++serial}`, client: CLIENT, device, source: "mqtt", transport: "mqtt", origin: "test", observedAtUs: timeUs, receivedAtUs: timeUs + 1_000_000 + serial,
        samples: Object.entries(values).map(([key, value]) => ({ key, value, unit: null, timeUs })), contentType: "application/json", raw: Buffer.from("{}"), rawSha256: Buffer.alloc(32), labels: {},
      };
      return { key: `${CLIENT}/${device}`, value: codec.encode("Reading", reading) };
    })),
    settled: async () => {
      for (let calm = 0, tries = 0; calm < 3; tries += 1) {
        let behind = 0;
        for (const [topic, group] of consumed) behind += (await log.lag(topic, group)).reduce((sum, { lag }) => sum + lag, 0);
        calm = behind === 0 ? calm + 1 : 0;
        if (tries > 2000) throw new Error(`${behind} records behind`);
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
    },
    stop: async () => {
      await processor.stop(3000);
      await archiver.stop(3000);
    },
  };
}

/** A folder that goes with the test. */
export async function folderFor(context: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "caudal-backup-"));
  context.after(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** Ports in a folder, closed with the test unless closed before. */
export async function portsFor(context: TestContext, folder: string): Promise<OpenedPorts> {
  const ports = await openEmbedded(folder);
  let closing: Promise<void> | undefined;
  const close = (): Promise<void> => (closing ??= ports.close());
  context.after(close);
  return { ...ports, close };
}

const run = { signal: new AbortController().signal, progress: () => undefined };

export function backUp(ports: BackupPorts, folder: BackupFolder, more: { readonly signal?: AbortSignal } = {}): Promise<CreatedBackup> {
  return createBackup({ ports, folder, clock: systemClock, version: "test", engines: { log: "embedded" }, run: { ...run, ...more } });
}

export async function restore(folder: BackupFolder, into: BackupPorts, name?: string): Promise<Restored> {
  return restoreBackup({ folder, manifest: await folder.manifest(name), into, run });
}

/** Every document, by collection: id, version, body, blob. */
export async function documentsIn(documents: Documents): Promise<Record<string, unknown[]>> {
  const all: Record<string, unknown[]> = {};
  for (const collection of await documents.collections()) {
    const rows: unknown[] = [];
    for await (const page of pagesOf(documents, collection)) for (const { id, version, body, blob } of page) rows.push([id, version, body, blob === undefined ? null : Buffer.from(blob).toString("hex")]);
    if (rows.length > 0) all[collection.name] = rows;
  }
  return all;
}

/** What a tier holds of a point, all revisions where it has them. */
export async function factsIn(tier: SeriesTier, device: string): Promise<readonly unknown[]> {
  const facts: unknown[] = [];
  const key = { client: CLIENT, point: pointIdOf(CLIENT, device) };
  for await (const { rows, timesUs, columns } of tier.read({ clients: "all" }, { ...key, fromUs: -Infinity, toUs: Infinity, includeWithdrawn: true, allRevisions: true })) {
    for (let row = 0; row < rows; row++) {
      for (const { variable, values, flags, authorities, knownAtUs, reasons } of columns) {
        if (flags[row] !== 0) facts.push([timesUs[row], variable, values[row], flags[row], [...(reasons.get(row) ?? [])].sort(), authorities[row], knownAtUs[row]]);
      }
    }
  }
  return facts;
}

export const noRun = run;
