import { Erasures, groups, topics, type Documents, type EventLog, type SegmentStore, type SeriesTier } from "@caudal/core";
import { createJobs, createTierSink, Findings, jobOperations, keepLedger, LINGER_MS, openLedgers, PartitionLedger, startConsumer, watchOffsets, type Clock, type Component, type Consumer, type HealthCheck, type Jobs, type Logger, type Metrics, type Operation, type Parker, type SettingsOf } from "@caudal/runtime";
import type { Codec } from "@caudal/schemas";
import { createBackups, type BackupWorkOptions } from "./backup/backups.ts";
import { backupOperations } from "./backup/operations.ts";
import { conservationOperations } from "./conservation/operations.ts";
import { createConservationWatch } from "./conservation/watch.ts";
import { ArchiveHandler } from "./raw/archive-handler.ts";
import type { archiverSettings } from "./settings.ts";
import { clientOperations, createErasureWork, type ErasureWork } from "./erasure/operations.ts";
import { createScrub } from "./scrub/scrub.ts";
import { createForgetter } from "./tiers/forgetter.ts";
import { ARCHIVER_BASE, tierOperations } from "./tiers/operations.ts";
import type { TierBytes } from "./tiers/status.ts";
import { createTierWork } from "./tiers/tier-work.ts";

export interface ArchiverOptions {
  readonly log: EventLog;
  readonly codec: Codec;
  readonly documents: Documents;
  readonly hot: SeriesTier;
  readonly warm: SeriesTier;
  readonly cold: SeriesTier;
  readonly segments: SegmentStore;
  readonly parker: Parker;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly settings: SettingsOf<typeof archiverSettings>;
  /** Bytes that a tier takes, where somebody knows. */
  readonly tierBytes?: TierBytes;
  /** What backups are taken of, and where they lie. */
  readonly backups: Omit<BackupWorkOptions, "keep" | "clock">;
}

const FLUSH_EVERY_MS = 1000;
const CLOSE_MS = 3000;
/** Behind by much, each point has several readings in a batch: they share a partition of the cold tier, and its newest facts are written once. */
const COLD_BATCH = { maxBatchRecords: 4000, maxBatchBytes: 4 * 1024 * 1024 } as const;

export interface Archiver extends Component {
  readonly operations: readonly Operation[];
  /** Long work of the archiver: checks of the tiers, backups. */
  readonly jobs: Jobs;
  status(): readonly ReturnType<Consumer["status"]>[];
  /** Whether what went in came out, as far as is known. */
  conservation(): HealthCheck;
  /** Writes the segments in hand, however small, so that the archive holds all that the groups have read. */
  flush(): Promise<void>;
  /** Erasures of clients, for those who do more around one. */
  readonly erasure: ErasureWork;
}

/** Writes the raw archive (readings and point events, a group each) and the cold tier, and lets hot and warm forget what stands in the tiers that hold for longer. */
export function createArchiver(options: ArchiverOptions): Archiver {
  const { log, codec, documents, cold, segments, parker, clock, metrics, settings } = options;
  const logger = options.logger.child({ service: "archiver" });
  const findings = new Findings({ ...options, logger });
  const consumers: Consumer[] = [];
  const archives = [
    { topic: topics.readings, group: groups.archiveReadings, handler: archiveHandler() },
    { topic: topics.points, group: groups.archivePoints, handler: archiveHandler() },
  ];
  const jobs = createJobs({ clock, logger });
  const { hot, warm, tierBytes } = options;
  const work = createTierWork({ tiers: { hot, warm, cold }, log, codec, documents, clock, logger, metrics, ...(tierBytes === undefined ? {} : { bytes: tierBytes }) });
  const forgetter = createForgetter({ work, documents, clock, logger });
  const backups = createBackups({
    ...options.backups, jobs, clock, logger, metrics, keep: settings.backupKeep, everyMs: settings.backupEveryMs, drillEveryMs: settings.backupDrillEveryMs,
  });
  const scrub = createScrub({ ports: { log, documents, archive: segments, hot, warm, cold }, tierWork: work, clock, logger, metrics, everyMs: settings.scrubEveryMs, bytesPerS: settings.scrubBytesPerS });
  let sinkConsumer: Consumer | undefined;
  const conservation = createConservationWatch({ ...options, tiers: { hot, warm, cold }, logger, findings, owned: () => sinkConsumer?.owned() ?? [] });
  const erasurePorts = { log, documents, archive: segments, hot, warm, cold };
  const erasure = createErasureWork({ ports: erasurePorts, clock, backups: async () => (await backups.list()).map(({ name }) => name), flushArchive: flush });
  let timer: NodeJS.Timeout | undefined;
  let erasures: Promise<Erasures> | undefined;

  async function flush(): Promise<void> {
    await Promise.all(archives.map(({ handler }) => handler.flushAged(true)));
  }

  function openErasures(): Promise<Erasures> {
    const opening = Erasures.open(documents, () => clock.monotonicMs());
    opening.catch(() => (erasures = undefined));
    return opening;
  }

  function archiveHandler(): ArchiveHandler {
    return new ArchiveHandler({
      segments, erasures: { clients: async () => (await (erasures ??= openErasures())).clients() },
      claim: async (assignment) => PartitionLedger.claim(await openLedgers(documents), log, assignment),
      limits: { maxSegmentBytes: settings.segmentBytes, maxSegmentAgeMs: settings.segmentAgeMs },
      monotonicMs: () => clock.monotonicMs(),
      onFlushError: (error) => logger.error("archive.flush-failed", { error }),
    });
  }

  return {
    name: "archiver",
    jobs,
    operations: [...conservationOperations(ARCHIVER_BASE, { log, documents, findings }), ...tierOperations({ work, jobs }), ...backupOperations(ARCHIVER_BASE, backups), ...clientOperations(ARCHIVER_BASE, { work: erasure, jobs, ports: erasurePorts, clock }), ...scrub.operations(ARCHIVER_BASE, jobs), ...jobOperations({ base: ARCHIVER_BASE, jobs })],
    async start() {
      for (const { topic, group, handler } of archives) consumers.push(await startConsumer({ log, topic, group, handler: watchOffsets(handler, { log, findings, group }), logger, metrics, commit: "by-handler", lingerMs: LINGER_MS }));
      const sink = keepLedger({ ...options, logger, findings, group: groups.cold, handler: createTierSink({ group: groups.cold, tier: cold, codec, parker }) });
      sinkConsumer = await startConsumer({ log, topic: topics.measurements, group: groups.cold, handler: sink, logger, metrics, lingerMs: LINGER_MS, ...COLD_BATCH });
      consumers.push(sinkConsumer);
      await conservation.start();
      timer = setInterval(() => void Promise.all(archives.map(({ handler }) => handler.flushAged())), FLUSH_EVERY_MS);
      if (settings.forget) await forgetter.start();
      await scrub.start();
      await backups.start();
    },
    async stop() {
      clearInterval(timer);
      await Promise.all([conservation.stop(CLOSE_MS), forgetter.stop(CLOSE_MS), backups.stop(), scrub.stop(CLOSE_MS), jobs.stop(CLOSE_MS)]);
      await Promise.all(consumers.map((consumer) => consumer.close(CLOSE_MS)));
    },
    flush, erasure,
    conservation: () => conservation.health(),
    status: () => consumers.map((consumer) => consumer.status()),
  };
}
