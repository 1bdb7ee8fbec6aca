import { Directory, groups, topics, type DocumentCollection, type Documents, type EventLog, type LiveChannel } from "@caudal/core";
import { startConsumer, type Clock, type Component, type Consumer, type Logger, type Metrics, type Operation, type Parker } from "@caudal/runtime";
import type { Codec } from "@caudal/schemas";
import { AuditTrail } from "./audit/audit-trail.ts";
import { deviceOperations } from "./devices/operations.ts";
import { presenceCollection, type PresenceRecord } from "./devices/presence.ts";
import { ParkedDesk } from "./parked/desk.ts";
import { parkedOperations } from "./parked/operations.ts";
import { parkedCollection, type ParkedRecord } from "./parked/parked-record.ts";
import type { Redecode } from "./parked/replay.ts";
import { publishConfigurations } from "./points/configuration-publisher.ts";
import { pointOperations } from "./points/operations.ts";
import { parkedHandler, presenceHandler } from "./projection-handlers.ts";
import { sessionOperations, tokenOperations } from "./tokens/operations.ts";
import type { TokenStore } from "./tokens/token-store.ts";

export interface BusinessOptions {
  readonly log: EventLog;
  readonly codec: Codec;
  readonly documents: Documents;
  readonly live: LiveChannel;
  readonly tokens: TokenStore;
  /** The collector's: decodes again what an edge parked. */
  readonly redecode: Redecode;
  readonly parker: Parker;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: Metrics;
}

export interface Business extends Component {
  readonly operations: readonly Operation[];
  /** Events that wait for a person's decision. */
  parkedCount(): Promise<number>;
}

const PUBLISH_EVERY_MS = 250;
const TRIM_EVERY_MS = 60_000;
const CLOSE_MS = 3000;

/** Runs `work` every so often, never twice at a time; a failure is told and the next round tries again. */
function every(ms: number, work: () => Promise<unknown>, onError: (error: unknown) => void): () => Promise<void> {
  let running: Promise<unknown> = Promise.resolve();
  let busy = false;
  const timer = setInterval(() => {
    if (busy) return;
    busy = true;
    running = work().catch(onError).finally(() => (busy = false));
  }, ms);
  return async () => {
    clearInterval(timer);
    await running;
  };
}

/** Clients, points, devices, tokens and the parked desk. Opens its collections at once; consumes from `start` on. */
export async function createBusiness(options: BusinessOptions): Promise<Business> {
  const { log, codec, documents, live, tokens, redecode, parker, clock, metrics } = options;
  const logger = options.logger.child({ service: "business" });
  const nowUs = (): number => clock.nowUs();
  const directory = await Directory.open(documents);
  const presence: DocumentCollection<PresenceRecord> = await documents.collection(presenceCollection);
  const parked: DocumentCollection<ParkedRecord> = await documents.collection(parkedCollection);
  const audit = await AuditTrail.open(documents, nowUs);
  const desk = new ParkedDesk({ records: parked, log, codec, redecode, nowUs });
  const consumers: Consumer[] = [];
  const timers: (() => Promise<void>)[] = [];

  return {
    name: "business",
    operations: [
      ...pointOperations({ directory, live, audit, nowUs }),
      ...deviceOperations({ directory, presence, desk, live, audit, nowUs }),
      ...parkedOperations({ records: parked, log, codec, desk, audit }),
      ...tokenOperations({ tokens, audit }),
      ...sessionOperations({ tokens }),
    ],
    parkedCount: () => desk.waiting(),
    async start() {
      const rows = [
        { topic: topics.devices, group: groups.devices, handler: presenceHandler({ codec, parker, group: groups.devices }, presence) },
        {
          topic: topics.parked, group: groups.parked,
          handler: parkedHandler({ codec, parker, group: groups.parked }, parked, (count) => logger.error("parked.undecodable", { count })),
        },
      ];
      for (const row of rows) consumers.push(await startConsumer({ log, logger, metrics, ...row }));
      timers.push(every(PUBLISH_EVERY_MS, () => publishConfigurations({ points: directory.collections.points, log, codec }), (error) => logger.warn("configuration.publish-failed", { error })));
      timers.push(every(TRIM_EVERY_MS, () => desk.trimDecided(), (error) => logger.warn("parked.trim-failed", { error })));
    },
    async stop() {
      await Promise.all(timers.map((stop) => stop()));
      await Promise.all(consumers.map((consumer) => consumer.close(CLOSE_MS)));
    },
  };
}
