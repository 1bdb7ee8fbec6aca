import { Directory, Erasures, groups, topics, type Documents, type EventLog, type GroupName, type LiveChannel, type SeriesTier } from "@caudal/core";
import { Findings, settleWithin, startConsumer, watchOffsets, type Clock, type Component, type Consumer, type ConsumerStatus, type LedgerPace, type Logger, type Metrics, type Parker, type TallyBody } from "@caudal/runtime";
import type { Codec } from "@caudal/schemas";
import { openFanout } from "./fanout/fanout.ts";
import { createRefill } from "./fanout/refill.ts";
import { openJudging } from "./judging/judging.ts";
import { openMapping } from "./mapping/mapping-group.ts";
import type { Past } from "./mapping/remap-runner.ts";
import type { RecountRest } from "./recount/recount-notes.ts";
import type { RecountStatus } from "./recount/recount-runner.ts";
import type { ProcessorSettings } from "./settings.ts";
import { openHeads } from "./state/partitions.ts";
import type { SnapshotPace } from "./state/partition.ts";
import type { ConsumerPlan } from "./consumer-plan.ts";

export interface ProcessorOptions {
  readonly log: EventLog;
  readonly codec: Codec;
  readonly documents: Documents;
  readonly hot: SeriesTier;
  readonly warm: SeriesTier;
  /** Recounts read it; where it is absent, what is no longer remembered is not computed again. */
  readonly cold?: SeriesTier;
  readonly live: LiveChannel;
  readonly parker: Parker;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly settings: ProcessorSettings;
  /** Records of a partition of caudal.readings, from the raw archive and then the log: what a remap reads. */
  readonly past: Past;
  /** How often states are stored; every 2 s or 50,000 records when absent. */
  readonly pace?: SnapshotPace;
  /** How long a point is quiet before it is recounted, and waits at most; 30 s and 5 min when absent. */
  readonly recountRest?: RecountRest;
  /** Milliseconds between looks for changes of the directory; 1000 when absent. Who publishes on its channel is heard at once. */
  readonly lookEveryMs?: number;
  /** How often the ledgers of the tiers are stored; every 2 s when absent. */
  readonly ledgerPace?: LedgerPace;
  /** Milliseconds between looks whether the log holds what judging published; 5 s when absent. */
  readonly auditEveryMs?: number;
}

export interface ProcessorStatus {
  readonly consumers: readonly ConsumerStatus[];
  /** Devices whose past is being mapped anew. */
  readonly remapping: number;
  /** Points of which what follows from late or corrected data waits to be computed again, and since when. */
  readonly recounting: RecountStatus;
  /** Conservation lines since the beginning, for the partitions owned now. */
  readonly tallies: { readonly mapping: TallyBody; readonly judging: TallyBody };
}

export interface Processor extends Component {
  status(): ProcessorStatus;
  /** A person looked at why the group parked so much: it goes on. False when this process has no such group. */
  resetBreaker(group: string): boolean;
}

const PACE: SnapshotPace = { everyMs: 2000, everyRecords: 50_000 };
const TICK_MS = 100;
const LOOK_EVERY_MS = 1000;

/** Readings to samples, samples to measurements, measurements into the hot and the warm tier: a consumer group each. */
export function createProcessor(options: ProcessorOptions): Processor {
  const { log, metrics, clock, lookEveryMs = LOOK_EVERY_MS } = options;
  const logger = options.logger.child({ component: "processor" });
  const findings = new Findings({ ...options, logger });
  const consumers = new Map<GroupName, Consumer>();
  const refill = createRefill({ ...options, logger });
  let parts: { readonly mapping: Awaited<ReturnType<typeof openMapping>>; readonly judging: Awaited<ReturnType<typeof openJudging>> } | undefined;
  let timer: NodeJS.Timeout | undefined;
  let ticking: Promise<void> = Promise.resolve();

  async function consume(plan: ConsumerPlan): Promise<void> {
    consumers.set(plan.group, await startConsumer({ log, logger, metrics, clock, ...plan }));
  }

  /** Groups whose offset stands with their states. */
  function watched(plan: ConsumerPlan): ConsumerPlan {
    return { ...plan, handler: watchOffsets(plan.handler, { log, findings, group: plan.group }) };
  }

  async function tick(lookAgain: boolean): Promise<void> {
    if (parts === undefined) return;
    await Promise.all([parts.mapping.tick(), parts.judging.tick()]);
    if (!lookAgain) return;
    await parts.mapping.watch.look("all");
    const { mapping, judging } = parts;
    await Promise.all([mapping, judging].map((group) => group.noticeErasures().catch((error: unknown) => logger.warn("processor.erasures-unread", { error }))));
  }

  async function close(deadlineMs: number): Promise<void> {
    clearInterval(timer);
    const closing = [...consumers.values()].map((consumer) => consumer.close(deadlineMs));
    consumers.clear();
    await parts?.mapping.watch.stop();
    await refill.stop(deadlineMs);
    await Promise.all(closing);
    await ticking;
    // A reader of the past that hangs must not hold the stop up.
    await settleWithin(async () => parts?.mapping.remaps.ended(), deadlineMs);
    await settleWithin(async () => parts?.judging.stop(), deadlineMs);
    parts = undefined;
  }

  return {
    name: "processor",
    start: async () => {
      const common = { ...options, logger, findings, erasures: await Erasures.open(options.documents, () => clock.monotonicMs()), pace: options.pace ?? PACE, heads: await openHeads(options.documents) };
      const directory = await Directory.open(options.documents);
      const partitionCount = (await log.bounds(topics.readings)).length;
      const mapping = await openMapping({ ...common, directory, partitionCount, adopt: options.settings.adopt });
      const judging = await openJudging({ ...common, ...(options.recountRest === undefined ? {} : { rest: options.recountRest }) });
      parts = { mapping, judging };
      try {
        await mapping.watch.start();
        for (const plan of [...openFanout({ ...options, logger, findings }), watched(judging.plan), watched(mapping.plan)]) await consume(plan);
        await refill.start();
      } catch (error) {
        await close(5000);
        throw error;
      }
      let lookedMs = clock.monotonicMs();
      let busy = false;
      timer = setInterval(() => {
        if (busy) return;
        busy = true;
        const lookAgain = clock.monotonicMs() - lookedMs >= lookEveryMs;
        if (lookAgain) lookedMs = clock.monotonicMs();
        ticking = tick(lookAgain).finally(() => (busy = false));
      }, TICK_MS);
    },
    quiesce: async () => {
      for (const group of [groups.mapping, groups.judging]) consumers.get(group)?.pause();
    },
    stop: close,
    status: () => ({
      consumers: [...consumers.values()].map((consumer) => consumer.status()),
      remapping: parts?.mapping.remaps.pending ?? 0,
      recounting: parts?.judging.recounting() ?? { points: 0, sinceUs: null },
      tallies: { mapping: parts?.mapping.tally() ?? { in: 0, out: {} }, judging: parts?.judging.tally() ?? { in: 0, out: {} } },
    }),
    resetBreaker: (group) => {
      const consumer = [...consumers].find(([name]) => name === group)?.[1];
      consumer?.resetBreaker();
      return consumer !== undefined;
    },
  };
}

