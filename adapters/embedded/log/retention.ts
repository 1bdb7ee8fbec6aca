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
}

/** Lets go of records that are older than their topic keeps, but never of one that a group has yet to handle. */
export class Retention {
  readonly #parts: RetentionParts;
  readonly #timer: NodeJS.Timeout;
  #sweeping: Promise<void> = Promise.resolve();
  #busy = false;

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
    if (rows.length === 0) return;
    for (const { partitionId, startOffset } of await writer.call("sweep", rows)) partitions.get(partitionId)?.raiseStart(startOffset);
  }

  #rows(topic: TopicLog, nowUs: number): SweepRow[] {
    const { retentionMs } = topic;
    if (retentionMs === null) return [];
    return topic.partitions.map((partition) => ({
      partitionId: partition.id,
      keepFromUs: nowUs - retentionMs * 1000,
      limitOffset: this.#parts.hasNewReader(topic, partition) ? partition.startOffset : Math.min(partition.endOffset, this.#parts.offsets.slowest(partition)),
    }));
  }
}
