import { CaudalError, type Assignment, type Documents, type EventLog, type PartitionHandler, type RecordBatch } from "@caudal/core";
import { systemClock, type Clock } from "../clock/clock.ts";
import type { Logger } from "../log/logger.ts";
import type { Metrics } from "../metrics/metrics.ts";
import type { Findings } from "./findings.ts";
import { countGap, gapsOf } from "./holes.ts";
import { openLedgers, PartitionLedger, type Entry } from "./ledger.ts";

/** What became of a batch. */
export type Handled = Pick<Entry, "tally" | "offsets" | "facts" | "unread"> & {
  /** Records that the handler met, those replayed for other groups among them: as many as the batch has. */
  readonly records: number;
};

/** A handler whose batches are entered in a ledger. It keeps no offset of its own. */
export interface CountedHandler {
  /** The partition was gained; its records come from `startOffset` on. */
  assigned?(assignment: Assignment, startOffset: number): Promise<void>;
  handle(batch: RecordBatch, assignment: Assignment): Promise<Handled>;
  revoked?(assignment: Assignment, lost: boolean): Promise<void>;
}

export interface LedgerPace {
  /** Milliseconds after which a ledger that changed is stored. */
  readonly everyMs: number;
}

export interface KeepLedgerOptions {
  readonly group: string;
  readonly handler: CountedHandler;
  readonly log: EventLog;
  readonly documents: Documents;
  readonly findings: Findings;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly clock?: Clock;
  /** Every 2 s when absent. */
  readonly pace?: LedgerPace;
}

export interface LedgerHandler extends PartitionHandler {
  /** Stores the ledgers that have waited long enough. Runs by itself while partitions are owned; for whoever holds the clock. */
  tick(): Promise<void>;
}

const PACE: LedgerPace = { everyMs: 2000 };
/** A partition whose newest batch is that long ago stands still. */
const RESTS_MS = 250;

interface Owned {
  readonly ledger: PartitionLedger;
  readonly generation: number;
  storedMs: number;
  addedMs: number;
}

/**
 * The handler as the log consumes it: each partition begins where its ledger stands, each batch is entered when it was handled, and ledgers are stored
 * at a pace, beside the batches. A crash takes the entries since the last store along with the offset, so what is delivered again is counted once.
 */
export function keepLedger(options: KeepLedgerOptions): LedgerHandler {
  const { group, handler, log, findings, logger, metrics, clock = systemClock, pace = PACE } = options;
  const owned = new Map<number, Owned>();
  let ledgers: ReturnType<typeof openLedgers> | undefined;
  let timer: NodeJS.Timeout | undefined;

  async function store(partition: number, one: Owned): Promise<void> {
    one.storedMs = clock.monotonicMs();
    try {
      await one.ledger.store(one.storedMs - one.addedMs >= RESTS_MS);
    } catch (error) {
      logger.warn("conservation.store-failed", { group, partition, error });
    }
  }

  async function tick(): Promise<void> {
    const nowMs = clock.monotonicMs();
    const due = [...owned].filter(([, one]) => one.ledger.changed && nowMs - one.storedMs >= pace.everyMs);
    await Promise.all(due.map(([partition, one]) => store(partition, one)));
  }

  function watch(): void {
    if (owned.size === 0) {
      clearInterval(timer);
      timer = undefined;
    } else timer ??= setInterval(() => void tick(), Math.max(5, pace.everyMs / 4)).unref();
  }

  async function enter(batch: RecordBatch, one: Owned, handled: Handled): Promise<void> {
    const { topic, partition, nextOffset } = batch;
    const { ledger } = one;
    const from = ledger.offset;
    const place = { group, topic, partition, fromOffset: from, toOffset: nextOffset };
    let trimmed = 0;
    let holes = 0;
    for (const gap of gapsOf(batch, from)) {
      const count = await countGap(log, topic, partition, gap);
      trimmed += count.trimmed;
      holes += count.holes;
      if (count.skipped === 0) continue;
      await findings.report({ ...place, check: "offsets", fromOffset: gap.from, toOffset: gap.to, missing: count.skipped, detail: `${count.skipped} records stand in the log and were not delivered` });
    }
    if (trimmed > 0) logger.warn("conservation.trimmed", { ...place, records: trimmed });
    const unmet = batch.records.length - handled.records;
    if (unmet !== 0) await findings.report({ ...place, check: "line", missing: unmet, detail: `${batch.records.length} records came and ${handled.records} were handled` });
    ledger.add({ ...handled, nextOffset, trimmed, holes });
    one.addedMs = clock.monotonicMs();
    handled.tally.report(group, metrics, "facts");
    await findings.line(group, batch, handled.tally);
  }

  return {
    tick,
    assigned: async (assignment) => {
      const { partition, generation } = assignment;
      const ledger = await PartitionLedger.claim(await (ledgers ??= openLedgers(options.documents).catch((error: unknown) => {
        ledgers = undefined;
        throw error;
      })), log, assignment);
      if (ledger.restarted) logger.warn("conservation.ledger-restarted", { group, partition, offset: ledger.offset });
      await handler.assigned?.(assignment, ledger.offset);
      // The owner before may have ended between the ledger and the offset, which nothing else would move where no more records come.
      if (ledger.offset > 0) await assignment.commit(ledger.offset);
      // An earlier gain that took its time must not stand in the way of a later one.
      if ((owned.get(partition)?.generation ?? generation) > generation) throw new CaudalError("stale-generation", `${group} gained partition ${partition} anew meanwhile`);
      const nowMs = clock.monotonicMs();
      owned.set(partition, { ledger, generation, storedMs: nowMs, addedMs: nowMs });
      watch();
      return ledger.offset;
    },
    handle: async (batch, assignment) => {
      const one = owned.get(batch.partition);
      // A former owner's batch must not be entered in the ledger of the next one.
      if (one?.generation !== assignment.generation) throw new CaudalError("stale-generation", `partition ${batch.partition} of ${group} has no ledger of generation ${assignment.generation}`);
      one.ledger.mustOwn();
      const fresh = freshOf(batch, one.ledger.offset);
      if (fresh === undefined) return;
      await enter(fresh, one, await handler.handle(fresh, assignment));
    },
    revoked: async (assignment, lost) => {
      const { partition, generation } = assignment;
      const one = owned.get(partition);
      if (one !== undefined && one.generation === generation) {
        owned.delete(partition);
        watch();
        if (!lost) await store(partition, one);
      }
      await handler.revoked?.(assignment, lost);
    },
  };
}

/** The batch without what is entered already; undefined when nothing is left. */
function freshOf(batch: RecordBatch, from: number): RecordBatch | undefined {
  if (batch.nextOffset <= from) return undefined;
  const first = batch.records[0];
  if (first === undefined || first.offset >= from) return batch;
  return { ...batch, records: batch.records.filter(({ offset }) => offset >= from) };
}
