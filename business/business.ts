import { Directory, Erasures, groups, topics, type DocumentCollection, type Documents, type EventLog, type LiveChannel, type SeriesTier, correctionCollection, decisionCollection, type CorrectionRecord, type DecisionRecord, recountCollection, type RecountRecord } from "@caudal/core";
import { LINGER_MS, rounds, startConsumer, type Clock, type Component, type Consumer, type ConsumerStatus, type Logger, type Metrics, type Operation, type Parker } from "@caudal/runtime";
import type { Codec } from "@caudal/schemas";
import { AuditTrail } from "./audit/audit-trail.ts";
import { CorrectionDesk } from "./corrections/desk.ts";
import { correctionOperations } from "./corrections/operations.ts";
import { feedOperations } from "./devices/feeds.ts";
import { deviceOperations } from "./devices/operations.ts";
import { presenceCollection, type PresenceRecord } from "./devices/presence-record.ts";
import { refusedCollection, refusedOperation, trimRefused, type RefusedRecord } from "./devices/refused.ts";
import { createSilenceRound } from "./devices/silence-round.ts";
import { defaultSilence } from "./devices/silence.ts";
import { ParkedDesk } from "./parked/desk.ts";
import { parkedOperations } from "./parked/operations.ts";
import { parkedCollection, type ParkedRecord } from "./parked/parked-record.ts";
import type { Redecode } from "./parked/replay.ts";
import { trimDecided } from "./parked/trim.ts";
import { configurationOperations } from "./configuration/operations.ts";
import { publishConfigurations } from "./points/configuration-publisher.ts";
import { pointOperations } from "./points/operations.ts";
import { parkedHandler, presenceHandler } from "./projection-handlers.ts";
import type { BusinessSettings } from "./settings.ts";
import { tokenOperations } from "./tokens/operations.ts";
import { totaliserOperations } from "./totaliser/operations.ts";
import { SpokenWords } from "./totaliser/words.ts";
import { sessionOperations } from "./tokens/session.ts";
import type { TokenStore } from "./tokens/token-store.ts";

export interface BusinessOptions {
  readonly log: EventLog;
  readonly codec: Codec;
  readonly documents: Documents;
  readonly live: LiveChannel;
  /** Where facts are looked up that a person corrects. */
  readonly cold: SeriesTier;
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
  /** As defaults say when absent. */
  readonly settings?: BusinessSettings;
  /** Milliseconds between looks for devices whose data stopped; half a minute when absent. */
  readonly silenceEveryMs?: number;
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
  const { log, codec, documents, live, cold, tokens, redecode, parker, clock, metrics, publishEveryMs = 250, trimEveryMs = 60_000, silenceEveryMs = 30_000 } = options;
  const rule = options.settings === undefined ? defaultSilence : { times: options.settings.silentTimes, floorMs: options.settings.silentFloor };
  const logger = options.logger.child({ service: "business" });
  const nowUs = (): number => clock.nowUs();
  const directory = await Directory.open(documents);
  const presence: DocumentCollection<PresenceRecord> = await documents.collection(presenceCollection);
  const refused: DocumentCollection<RefusedRecord> = await documents.collection(refusedCollection);
  const records: DocumentCollection<ParkedRecord> = await documents.collection(parkedCollection);
  const erasures = await Erasures.open(documents, () => clock.monotonicMs());
  const audit = await AuditTrail.open(documents, nowUs);
  const decisions = await documents.collection<DecisionRecord>(decisionCollection);
  const recounts = await documents.collection<RecountRecord>(recountCollection);
  const words = await SpokenWords.open(documents);
  const corrections = await documents.collection<CorrectionRecord>(correctionCollection);
  const correctionDesk = new CorrectionDesk({ corrections, log, codec });
  const desk = new ParkedDesk({ records, log, codec, redecode, logger, nowUs });
  const consumers: Consumer[] = [];
  const ends: (() => Promise<void>)[] = [];

  async function close(deadlineMs: number): Promise<void> {
    await Promise.all([...ends.splice(0).map((end) => end()), ...consumers.splice(0).map((consumer) => consumer.close(deadlineMs))]);
  }

  return {
    name: "business",
    operations: [
      ...pointOperations({ directory, recounts, live, audit, nowUs }),
      ...configurationOperations({ directory, presence, erasures, cold, desk, live, audit, nowUs }),
      ...correctionOperations({ directory, cold, corrections, desk: correctionDesk, audit, nowUs }),
      ...totaliserOperations({ decisions, words, recounts, directory, cold, log, codec, audit, nowUs }),
      refusedOperation(refused),
      ...deviceOperations({ directory, presence, desk, live, audit, nowUs }),
      ...feedOperations({ directory, live, audit, nowUs }),
      ...parkedOperations({ records, log, codec, desk, audit }),
      ...tokenOperations({ tokens, audit }),
      ...sessionOperations({ lookup: tokens.lookup, clock }),
    ],
    parkedCount: () => desk.waiting(),
    status: () => consumers.map((consumer) => consumer.status()),
    async start() {
      try {
        const devices = presenceHandler({ log, codec, directory, erasures, group: groups.devices, parker, records: presence, refused, rule });
        consumers.push(await startConsumer({ log, logger, metrics, clock, topic: topics.devices, group: groups.devices, handler: devices, lingerMs: LINGER_MS }));
        const parked = parkedHandler({ codec, directory, erasures, group: groups.parked, records, desk, logger });
        consumers.push(await startConsumer({ log, logger, metrics, clock, topic: topics.parked, group: groups.parked, handler: parked }));
      } catch (error) {
        await close(1000);
        throw error;
      }
      const publish = (): Promise<unknown> => publishConfigurations({ points: directory.collections.points, log, codec });
      ends.push(rounds(publishEveryMs, publish, (error) => logger.warn("configuration.publish-failed", { error })));
      const late = (): Promise<unknown> => correctionDesk.publishLeft();
      ends.push(rounds(publishEveryMs, late, (error) => logger.warn("corrections.publish-failed", { error })));
      const silence = createSilenceRound({ log, codec, records: presence, clock, rule });
      ends.push(rounds(silenceEveryMs, silence, (error) => logger.warn("silence.round-failed", { error })));
      ends.push(rounds(trimEveryMs, () => trimRefused(refused, nowUs()), (error) => logger.warn("refused.trim-failed", { error })));
      ends.push(rounds(trimEveryMs, () => trimDecided(log, records), (error) => logger.warn("parked.trim-failed", { error })));
    },
    stop: (deadlineMs) => close(deadlineMs),
  };
}
