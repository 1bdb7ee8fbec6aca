import { groups, topics, type EventLog, type SegmentStore, type SeriesTier } from "@caudal/core";
import { createTierSink, startConsumer, type Clock, type Component, type Consumer, type Logger, type Metrics, type Parker, type SettingsOf } from "@caudal/runtime";
import type { Codec } from "@caudal/schemas";
import { ArchiveHandler } from "./raw/archive-handler.ts";
import type { archiverSettings } from "./settings.ts";

export interface ArchiverOptions {
  readonly log: EventLog;
  readonly codec: Codec;
  readonly cold: SeriesTier;
  readonly segments: SegmentStore;
  readonly parker: Parker;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly settings: SettingsOf<typeof archiverSettings>;
}

const FLUSH_EVERY_MS = 1000;
const CLOSE_MS = 3000;

export interface Archiver extends Component {
  status(): readonly ReturnType<Consumer["status"]>[];
  /** Writes the segments in hand, however small, so that the archive holds all that the groups have read. */
  flush(): Promise<void>;
}

/** Writes the raw archive (readings and point events, a group each) and the cold tier. */
export function createArchiver(options: ArchiverOptions): Archiver {
  const { log, codec, cold, segments, parker, clock, metrics, settings } = options;
  const logger = options.logger.child({ service: "archiver" });
  const consumers: Consumer[] = [];
  const archives = [
    { topic: topics.readings, group: groups.archiveReadings, handler: archiveHandler() },
    { topic: topics.points, group: groups.archivePoints, handler: archiveHandler() },
  ];
  let timer: NodeJS.Timeout | undefined;

  function archiveHandler(): ArchiveHandler {
    return new ArchiveHandler({
      segments,
      limits: { maxSegmentBytes: settings.segmentBytes, maxSegmentAgeMs: settings.segmentAgeMs },
      monotonicMs: () => clock.monotonicMs(),
      onFlushError: (error) => logger.error("archive.flush-failed", { error }),
    });
  }

  return {
    name: "archiver",
    async start() {
      for (const { topic, group, handler } of archives) consumers.push(await startConsumer({ log, topic, group, handler, logger, metrics, commit: "by-handler" }));
      const sink = createTierSink({ group: groups.cold, tier: cold, codec, parker, metrics });
      consumers.push(await startConsumer({ log, topic: topics.measurements, group: groups.cold, handler: sink, logger, metrics }));
      timer = setInterval(() => void Promise.all(archives.map(({ handler }) => handler.flushAged())), FLUSH_EVERY_MS);
    },
    async stop() {
      clearInterval(timer);
      await Promise.all(consumers.map((consumer) => consumer.close(CLOSE_MS)));
    },
    flush: async () => {
      await Promise.all(archives.map(({ handler }) => handler.flushAged(true)));
    },
    status: () => consumers.map((consumer) => consumer.status()),
  };
}
