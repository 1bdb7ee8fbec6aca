import { DIRECTORY_CHANNEL, groups, topics } from "@caudal/core";
import { Findings, keepLedger, LINGER_MS, startConsumer, type Component, type Consumer, type ConsumerStatus, type Operation, type Upgrade } from "@caudal/runtime";
import { balanceOperation } from "./balance/operation.ts";
import { historyOperation } from "./history/operation.ts";
import { revisionsOperation } from "./history/revisions.ts";
import { latestOperations } from "./latest/operations.ts";
import { eventStreamOperation } from "./live/event-stream.ts";
import { webSocketUpgrade } from "./live/web-socket.ts";
import type { AnalyticsOptions } from "./options.ts";
import { openParts, type Parts } from "./parts.ts";
import { quarterOf } from "./rollups/marked-points.ts";
import type { Mark } from "./rollups/marks.ts";

export interface AnalyticsStatus {
  /** Of the rollups' group; undefined before the start. */
  readonly rollups: ConsumerStatus | undefined;
  /** Stretches of marked buckets in this process's partitions, and those among them that are over and wait for being computed. */
  readonly marks: number;
  readonly due: number;
  readonly liveClients: number;
}

export interface Analytics extends Component {
  readonly operations: Operation[];
  readonly upgrades: Upgrade[];
  status(): AnalyticsStatus;
  /** Computes what is due now, without waiting for the next look. */
  rollUp(): Promise<void>;
  /** Removes the rollups of a client and forgets what is kept of it in memory; for when its tiers are erased. Says how many documents. */
  eraseClient(client: string): Promise<number>;
}

const CLOSE_MS = 3000;
const MAX_BATCH_RECORDS = 2000;

/** Histories, newest values, completeness, the live stream, and the rollups behind them. */
export function createAnalytics(options: AnalyticsOptions): Analytics {
  const { log, metrics, settings } = options;
  const logger = options.logger.child({ service: "analytics" });
  let opening: Promise<Parts> | undefined;
  let opened: Parts | undefined;
  let consumer: Consumer | undefined;
  let closers: (() => Promise<void> | void)[] = [];
  const parts = (): Promise<Parts> => (opening ??= openParts({ ...options, logger }));
  const marks = (): Mark[] => [...(opened?.marker.owned().values() ?? [])].flatMap((points) => points.marked()).flatMap((point) => point.marks);
  const markCount = (): number => [...(opened?.marker.owned().values() ?? [])].reduce((sum, points) => sum + points.count, 0);
  const live = { parts, heartbeatMs: settings.liveHeartbeatMs };

  return {
    name: "analytics",
    operations: [historyOperation(parts, metrics.counter("caudal_history_rows_total")), revisionsOperation(parts), balanceOperation(parts, options.clock), ...latestOperations(parts), eventStreamOperation(live)],
    upgrades: [webSocketUpgrade({ ...live, logger })],
    async start() {
      opened = await parts();
      const { marker, scheduler, directory, teller, tail } = opened;
      const unsubscribe = await options.live.subscribe(DIRECTORY_CHANNEL, (device) => directory.forgetDevice(device));
      const findings = new Findings({ ...options, logger });
      const handler = keepLedger({ ...options, logger, findings, group: groups.rollups, handler: marker });
      consumer = await startConsumer({ log, topic: topics.measurements, group: groups.rollups, handler, logger, metrics, maxBatchRecords: MAX_BATCH_RECORDS, lingerMs: LINGER_MS });
      scheduler.start();
      const gauge = metrics.gauge("caudal_rollup_marks");
      closers = [unsubscribe, await teller.follow((words) => tail.tell(words)), metrics.beforeScrape(() => gauge.set({}, markCount()))];
    },
    async stop(deadlineMs) {
      for (const close of closers) await close();
      opened?.tail.stop();
      await Promise.all([opened?.scheduler.stop(), consumer?.close(Math.min(CLOSE_MS, deadlineMs))]);
    },
    status: () => {
      const marked = marks();
      const now = quarterOf(options.clock.nowUs());
      return { rollups: consumer?.status(), marks: marked.length, due: marked.filter(({ from }) => from < now).length, liveClients: opened?.clients.count ?? 0 };
    },
    rollUp: async () => opened?.scheduler.runOnce(),
    async eraseClient(client) {
      const { directory, marker, markStore, rollups } = await parts();
      directory.forget(client);
      for (const points of marker.owned().values()) points.forget(client);
      await markStore.eraseClient(client);
      return rollups.eraseClient(client);
    },
  };
}
