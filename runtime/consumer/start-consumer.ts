import { hasCode, type Assignment, type Consumption, type ConsumeOptions, type EventLog, type PartitionHandler } from "@caudal/core";
import { systemClock, systemSleep, type Clock } from "../clock/clock.ts";
import type { Logger } from "../log/logger.ts";
import type { Metrics } from "../metrics/metrics.ts";
import { observeHandler } from "../metrics/observe-handler.ts";
import type { ParkBreaker } from "../parking/breaker.ts";
import { pauseMs, policyOf } from "../retry/backoff.ts";
import { watchLag } from "./lag.ts";

/** For groups that nobody waits for: long enough that a batch serves many records, short beside the second that their tiers may be behind. */
export const LINGER_MS = 250;

export interface StartConsumerOptions {
  readonly log: EventLog;
  readonly topic: string;
  readonly group: string;
  readonly handler: PartitionHandler;
  readonly logger: Logger;
  readonly metrics: Metrics;
  /** after-handle when absent; see ConsumeOptions. */
  readonly commit?: ConsumeOptions["commit"];
  readonly maxBatchRecords?: number;
  readonly maxBatchBytes?: number;
  /** Records may wait so long for others; see ConsumeOptions. */
  readonly lingerMs?: number;
  /** The breaker that the handler asks; shown in `status` and the metrics, and closed anew by `resetBreaker`. */
  readonly breaker?: ParkBreaker;
  /** Tries of an error of unknown outcome before the consumption is opened anew; 5 when absent. */
  readonly unknownAttempts?: number;
  /** Ceilings of the pause between tries; 50 ms to 5 s when absent. */
  readonly retryBaseMs?: number;
  readonly retryCapMs?: number;
  /** Milliseconds between tries to open anew; 1000 when absent. */
  readonly reopenPauseMs?: number;
  readonly clock?: Clock;
}

export interface ConsumerStatus {
  readonly group: string;
  readonly topic: string;
  /** retrying: a batch fails and is tried again. held: a person or time must reset the breaker. */
  readonly state: "running" | "retrying" | "held" | "reopening" | "closed";
  readonly owned: readonly number[];
  /** Partitions whose newest batch failed, with the time of its first failure. */
  readonly failing: readonly { readonly partition: number; readonly attempt: number; readonly error: string; readonly sinceUs: number }[];
  readonly reopened: number;
}

export interface Consumer extends Consumption {
  status(): ConsumerStatus;
  /** Sum over the topic's partitions, exact. */
  lag(): Promise<number>;
  resetBreaker(): void;
}

/** Pause of an error that a retry does not mend: a bug, or data that somebody must look at. */
const NO_RETRY_PAUSE_MS = 15_000;
const CLOSE_MS = 5000;

/**
 * Consumes with the retries that the handler's errors ask for. `yes`: paused with jitter and tried again for ever. `unknown`: the
 * same, and after some tries the consumption is closed and begins again from its offset. `no`: told at level error, and tried again slowly.
 * Only the failing partition waits, and other groups go on.
 */
export async function startConsumer(options: StartConsumerOptions): Promise<Consumer> {
  const { log, topic, group, logger: parent, metrics, breaker } = options;
  const { unknownAttempts = 5, retryBaseMs = 50, retryCapMs = 5000, clock = systemClock } = options;
  const logger = parent.child({ group, topic });
  const failures = metrics.counter("caudal_batch_failures_total");
  const reopens = metrics.counter("caudal_consumer_reopens_total");
  const failing = new Map<number, { attempt: number; error: string; sinceUs: number }>();
  const ended = new AbortController();
  let reopened = 0;
  let reopening: Promise<void> | undefined;
  let paused = false;

  const observed = observeHandler(options.handler, group, metrics);
  const handler: PartitionHandler = {
    ...observed,
    handle: async (batch, assignment) => {
      try {
        await observed.handle(batch, assignment);
      } catch (error) {
        if (hasCode(error, "stale-generation")) await claimAnew(assignment);
        throw error;
      }
      failing.delete(batch.partition);
    },
    revoked: async (assignment, lost) => {
      failing.delete(assignment.partition);
      await observed.revoked?.(assignment, lost);
    },
  };

  /** A store that gave the partition to an owner of before, who came late, while the log says that it is ours: a new generation claims it again. */
  async function claimAnew({ signal, heartbeat, partition }: Assignment): Promise<void> {
    if (signal.aborted || ended.signal.aborted) return;
    const isOurs = await heartbeat().then(() => true, () => false);
    if (!isOurs || signal.aborted) return;
    logger.warn("consumer.claim-lost", { partition });
    reopening ??= reopen().finally(() => (reopening = undefined));
  }

  function onHandlerError(error: unknown, partition: number, attempt: number): number {
    const retry = policyOf(error);
    const sinceUs = failing.get(partition)?.sinceUs ?? clock.nowUs();
    failing.set(partition, { attempt, error: error instanceof Error ? error.message : String(error), sinceUs });
    failures.inc({ group, retry });
    const asked = retry === "no" ? NO_RETRY_PAUSE_MS : Math.max(1, pauseMs(error, attempt, { baseMs: retryBaseMs, capMs: retryCapMs }));
    // A person who resets the breaker must not wait for its time: an open one is asked again soon, and answers at once.
    const waitMs = breaker?.state().open === true ? Math.min(asked, retryCapMs) : asked;
    const fields = { partition, attempt, retry, waitMs, error };
    if (retry === "no") logger.error("consumer.batch-failed", fields);
    else if (attempt === 1 || Number.isInteger(Math.log2(attempt))) logger.warn("consumer.batch-retry", fields);
    if (retry === "unknown" && attempt >= unknownAttempts) reopening ??= reopen().finally(() => (reopening = undefined));
    return waitMs;
  }

  const open = (): Promise<Consumption> =>
    log.consume({
      topic, group, handler, onHandlerError,
      ...(options.commit === undefined ? {} : { commit: options.commit }),
      ...(options.maxBatchRecords === undefined ? {} : { maxBatchRecords: options.maxBatchRecords }),
      ...(options.maxBatchBytes === undefined ? {} : { maxBatchBytes: options.maxBatchBytes }),
      ...(options.lingerMs === undefined ? {} : { lingerMs: options.lingerMs }),
    });

  async function reopen(): Promise<void> {
    reopened++;
    reopens.inc({ group });
    logger.error("consumer.reopen", { reopened });
    await current.close(CLOSE_MS).catch((error: unknown) => logger.warn("consumer.close-failed", { error }));
    failing.clear();
    while (!ended.signal.aborted) {
      try {
        current = await open();
        if (paused) current.pause();
        if (ended.signal.aborted) await current.close(CLOSE_MS);
        return;
      } catch (error) {
        logger.error("consumer.reopen-failed", { error });
        await systemSleep(options.reopenPauseMs ?? 1000, ended.signal).catch(() => {});
      }
    }
  }

  let current = await open();
  const unwatch = watchLag({ log, topic, group, metrics, ...(breaker === undefined ? {} : { breaker }) });

  function state(): ConsumerStatus["state"] {
    if (ended.signal.aborted) return "closed";
    if (reopening !== undefined) return "reopening";
    if (breaker?.state().open === true) return "held";
    return failing.size > 0 ? "retrying" : "running";
  }

  return {
    group,
    topic,
    pause: () => {
      paused = true;
      current.pause();
    },
    resume: () => {
      paused = false;
      current.resume();
    },
    owned: () => current.owned(),
    close: async (timeoutMs) => {
      ended.abort();
      unwatch();
      await reopening;
      await current.close(timeoutMs);
    },
    lag: async () => (await log.lag(topic, group)).reduce((total, partition) => total + partition.lag, 0),
    resetBreaker: () => breaker?.reset(),
    status: () => ({
      group, topic, state: state(), owned: current.owned(), reopened,
      failing: [...failing].map(([partition, failure]) => ({ partition, ...failure })),
    }),
  };
}
