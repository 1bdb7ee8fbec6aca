import { Directory, groups, topics, type DocumentCollection, type Documents, type EventLog, type LiveChannel } from "@caudal/core";
import { startConsumer, type Clock, type Component, type Consumer, type ConsumerStatus, type Logger, type Metrics, type Operation, type Parker } from "@caudal/runtime";
import type { Codec } from "@caudal/schemas";
import { AuditTrail } from "./audit/audit-trail.ts";
import { deviceOperations } from "./devices/operations.ts";
import { presenceCollection, type PresenceRecord } from "./devices/presence.ts";
import { ParkedDesk } from "./parked/desk.ts";
import { parkedOperations } from "./parked/operations.ts";
import { parkedCollection, type ParkedRecord } from "./parked/parked-record.ts";
import type { Redecode } from "./parked/replay.ts";
import { trimDecided } from "./parked/trim.ts";
import { publishConfigurations } from "./points/configuration-publisher.ts";
import { pointOperations } from "./points/operations.ts";
import { parkedHandler, presenceHandler } from "./projection-handlers.ts";
import { rounds } from "./rounds.ts";
import { tokenOperations } from "./tokens/operations.ts";
import { sessionOperations } from "./tokens/session.ts";
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
  /** Milliseconds between looks for changes to publish, 250 when absent, and for parked records to let go of, a minute when absent. */
  readonly publishEveryMs?: number;
  readonly trimEveryMs?: number;
}

export interface Business extends Component {
  readonly operations: readonly Operation[];
  /** Events that wait for a person's decision. */
  parkedCount(): Promise<number>;
  /** Of its groups; none before it started. */
  status(): readonly ConsumerStatus[];
}

/** Clients, points, devices, tokens and the parked desk. Opens its collections at once; consumes from `start` on. */
export async function createBusiness(options: BusinessOptions): Promise<Business> {
  const { log, codec, documents, live, tokens, redecode, parker, clock, metrics, publishEveryMs = 250, trimEveryMs = 60_000 } = options;
  const logger = options.logger.child({ service: "business" });
  const nowUs = (): number => clock.nowUs();
  const directory = await Directory.open(documents);
  const presence: DocumentCollection<PresenceRecord> = await documents.collection(presenceCollection);
  const records: DocumentCollection<ParkedRecord> = await documents.collection(parkedCollection);
  const audit = await AuditTrail.open(documents, nowUs);
  const desk = new ParkedDesk({ records, log, codec, redecode, logger, nowUs });
  const consumers: Consumer[] = [];
  const ends: (() => Promise<void>)[] = [];

  async function close(deadlineMs: number): Promise<void> {
    await Promise.all([...ends.splice(0).map((end) => end()), ...consumers.splice(0).map((consumer) => consumer.close(deadlineMs))]);
  }

  return {
    name: "business",
    operations: [
      ...pointOperations({ directory, live, audit, nowUs }),
      ...deviceOperations({ directory, presence, desk, live, audit, nowUs }),
      ...parkedOperations({ records, log, codec, desk, audit }),
      ...tokenOperations({ tokens, audit }),
      ...sessionOperations({ lookup: tokens.lookup, clock }),
    ],
    parkedCount: () => desk.waiting(),
    status: () => consumers.map((consumer) => consumer.status()),
    async start() {
      try {
        const devices = presenceHandler({ codec, directory, group: groups.devices, parker, records: presence });
        consumers.push(await startConsumer({ log, logger, metrics, clock, topic: topics.devices, group: groups.devices, handler: devices }));
        const parked = parkedHandler({ codec, directory, group: groups.parked, records, desk, logger });
        consumers.push(await startConsumer({ log, logger, metrics, clock, topic: topics.parked, group: groups.parked, handler: parked }));
      } catch (error) {
        await close(1000);
        throw error;
      }
      const publish = (): Promise<unknown> => publishConfigurations({ points: directory.collections.points, log, codec });
      ends.push(rounds(publishEveryMs, publish, (error) => logger.warn("configuration.publish-failed", { error })));
      ends.push(rounds(trimEveryMs, () => trimDecided(log, records), (error) => logger.warn("parked.trim-failed", { error })));
    },
    stop: (deadlineMs) => close(deadlineMs),
  };
}
