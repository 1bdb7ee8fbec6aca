import { setImmediate } from "node:timers/promises";
import { hasCode, type CaudalError, type RecordBatch, type StoredRecord } from "@caudal/core";
import type { ReaderCalls } from "./calls.ts";
import type { PartitionLog } from "./partition-log.ts";
import { SlabReader } from "./slab.ts";
import type { WorkerClient } from "./worker-calls.ts";

export interface FetchLimits {
  readonly maxRecords: number;
  readonly maxBytes: number;
}

/** Records of a partition from memory where it still has them, else from the file by the reader's thread. */
export class Fetcher {
  readonly #reader: WorkerClient<ReaderCalls>;
  readonly #onCorruption: (error: CaudalError) => void;

  constructor(reader: WorkerClient<ReaderCalls>, onCorruption: (error: CaudalError) => void) {
    this.#reader = reader;
    this.#onCorruption = onCorruption;
  }

  /**
   * Batch from `fromOffset`, which is below the partition's end; from its start when that is later. At least one record, except when all
   * were let go of meanwhile. Fails with "corrupt" and the record's place.
   */
  async fetch(partition: PartitionLog, fromOffset: number, limits: FetchLimits): Promise<RecordBatch> {
    const from = Math.max(fromOffset, partition.startOffset);
    const records = from >= partition.tail.firstOffset ? partition.tail.take(from, limits.maxRecords, limits.maxBytes) : await this.#read(partition, from, limits);
    const { topic, partition: number, endOffset } = partition;
    return { topic, partition: number, records, nextOffset: (records.at(-1)?.offset ?? from - 1) + 1, endOffset };
  }

  /** Whether `fetch` would have to ask the file. */
  isCold(partition: PartitionLog, fromOffset: number): boolean {
    return fromOffset < partition.endOffset && fromOffset < partition.tail.firstOffset;
  }

  async #read(partition: PartitionLog, fromOffset: number, { maxRecords, maxBytes }: FetchLimits): Promise<StoredRecord[]> {
    const { id, topic, partition: number, endOffset } = partition;
    if (fromOffset >= endOffset) return [];
    try {
      const reply = await this.#reader.call("fetch", { partitionId: id, topic, partition: number, fromOffset, endOffset, maxRecords, maxBytes });
      const reader = new SlabReader(reply.slab);
      return Array.from({ length: reader.count }, (_, at) => reader.record(at, fromOffset + at, reply.appendedAtUs[at] ?? 0));
    } catch (error) {
      if (!hasCode(error, "corrupt")) throw error;
      // Let go of while the reader was looking is not corrupt, only gone; the writer's word of it may be one turn behind.
      await setImmediate();
      if (partition.startOffset > fromOffset) return [];
      this.#onCorruption(error as CaudalError);
      throw error;
    }
  }
}
