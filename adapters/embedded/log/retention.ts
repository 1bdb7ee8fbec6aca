import type { SweepRow, WriterCalls } from "./calls.ts";
import type { LogClock } from "./clock.ts";
import type { GroupOffsets } from "./group-offsets.ts";
import type { PartitionLog, TopicLog } from "./partition-log.ts";
import type { WorkerClient } from "./worker-calls.ts";

export interface RetentionParts {
  readonly writer: WorkerClient<WriterCalls>;
  readonly topics: ReadonlyMap<string, TopicLog>;
  readonly partitions: ReadonlyMap<number, PartitionLog>;
  readonly offsets: GroupOffsets;
  readonly clock: LogClock;
  /** Whether a group without a position of its own is reading the topic now. */
  readonly hasNewReader: (topic: TopicLog, partition: PartitionLog) => boolean;
  readonly everyMs: number;
  /** Bytes that the log is kept near; undefined keeps by time alone. */
  readonly keepBytes: number | undefined;
}

/** What a sweep makes of the time to keep while the log holds more than it should, and of it again while there is room. */
const TIGHTEN = 0.7;
const RELAX = 1.3;

/** Lets go of records that are older than their topic keeps, but never of one that a group has yet to handle. */
export class Retention {
  readonly #parts: RetentionParts;
  readonly #timer: NodeJS.Timeout;
  #sweeping: Promise<void> = Promise.resolve();
  #busy = false;
  /** Share of the topics' own retention that is kept; less than 1 only while the log is larger than it should be. */
  #share = 1;

  constructor(parts: RetentionParts) {
    this.#parts = parts;
    this.#timer = setInterval(() => this.#tick(), parts.everyMs);
    this.#timer.unref();
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await this.#sweeping;
  }

  #tick(): void {
    if (this.#busy) return;
    this.#busy = true;
    // A sweep that fails (disk full) is done again at the next tick.
    this.#sweeping = this.#sweep().catch(() => undefined).finally(() => {
      this.#busy = false;
    });
  }

  async #sweep(): Promise<void> {
    const { topics, partitions, writer } = this.#parts;
    const nowUs = this.#parts.clock.nowUs();
    const rows = [...topics.values()].flatMap((topic) => this.#rows(topic, nowUs)).filter((row) => row.limitOffset > (partitions.get(row.partitionId)?.startOffset ?? 0));
    if (rows.length === 0 && this.#parts.keepBytes === undefined) return;
    const { starts, usedBytes } = await writer.call("sweep", rows);
    for (const { partitionId, startOffset } of starts) partitions.get(partitionId)?.raiseStart(startOffset);
    this.#adapt(usedBytes);
  }

  /** Steers by time, so that all topics let go of the same past and order within a partition is all that a sweep needs. */
  #adapt(usedBytes: number): void {
    const { keepBytes } = this.#parts;
    if (keepBytes === undefined) return;
    if (usedBytes > keepBytes) this.#share *= TIGHTEN;
    else if (usedBytes < keepBytes * TIGHTEN) this.#share = Math.min(1, this.#share * RELAX);
  }

  #rows(topic: TopicLog, nowUs: number): SweepRow[] {
    const { retentionMs } = topic;
    if (retentionMs === null) return [];
    return topic.partitions.map((partition) => ({
      partitionId: partition.id,
      keepFromUs: nowUs - retentionMs * this.#share * 1000,
      limitOffset: this.#parts.hasNewReader(topic, partition) ? partition.startOffset : Math.min(partition.endOffset, this.#parts.offsets.slowest(partition)),
    }));
  }
}
