import type { LogRecord } from "@caudal/core";
import { mostBytes } from "../records/batch-writer.ts";
import { Batch, type Call } from "./batch.ts";

/** Records of a batch before compression; one record may be larger. */
const MAX_BATCH_BYTES = 1024 * 1024;

/** What waits to be sent to one partition, in order. At most its first batch is under way. */
export class PartitionQueue {
  readonly topic: string;
  readonly partition: number;
  /** Names the partition in a producer's sequences. */
  readonly place: string;
  #batches: Batch[] = [];
  inFlight = false;
  /** Failures in a row. */
  attempts = 0;
  /** Not to be sent before; by `performance.now()`. */
  notBeforeMs = 0;
  lastError: unknown;

  constructor(topic: string, partition: number) {
    this.topic = topic;
    this.partition = partition;
    this.place = `${topic}/${partition}`;
  }

  get head(): Batch | undefined {
    return this.#batches[0];
  }

  add(record: LogRecord, call: Call): void {
    const most = mostBytes(record);
    let batch = this.#batches.at(-1);
    if (batch === undefined || batch.sealed || (batch.count > 0 && batch.bytes + most > MAX_BATCH_BYTES)) {
      batch = new Batch(most);
      this.#batches.push(batch);
    }
    batch.add(record, most, call);
  }

  /** Takes the first batch away: it is durable, or given up. */
  shift(): void {
    this.#batches.shift();
    this.attempts = 0;
    this.notBeforeMs = 0;
  }
}
