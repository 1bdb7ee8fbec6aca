import { setTimeout as pause } from "node:timers/promises";
import { CaudalError, hasCode, insist, type Assignment, type Bell, type ConsumeOptions, type RecordBatch, type StoredRecord } from "@caudal/core";
import type { ConsumedLog, PartitionState } from "./log-topic.ts";
import type { SimulatedProcess } from "./process.ts";

const MOST_RECORDS = 500;
const MOST_BYTES = 1024 * 1024;
const COMMIT_AGAIN_MS = 100;

/** Who is given the records. */
export interface DeliveredTo {
  readonly process: SimulatedProcess;
  readonly paused: boolean;
  readonly resumed: Bell;
}

export interface DeliveryParts {
  readonly member: DeliveredTo;
  readonly options: ConsumeOptions;
  readonly partition: PartitionState;
  readonly generation: number;
  readonly log: ConsumedLog;
}

/** Hands one partition to one member for one generation, a batch at a time. Runs as the member's process. */
export class Delivery {
  readonly partition: PartitionState;
  readonly #parts: DeliveryParts;
  readonly #abort = new AbortController();
  readonly #assignment: Assignment;
  readonly #ended: Promise<void>;
  #gained = false;
  #fenced = false;
  #position = 0;
  #committing: Promise<void> | undefined;

  /** Starts at once. */
  constructor(parts: DeliveryParts) {
    this.#parts = parts;
    this.partition = parts.partition;
    this.#assignment = this.#makeAssignment();
    this.#ended = this.#run();
  }

  /** Lets the batch in hand finish and be committed, within `timeoutMs`; what takes longer loses its right to commit. */
  async stop(timeoutMs: number): Promise<void> {
    this.#abort.abort();
    if (timeoutMs > 0 && !this.#fenced) {
      const timer = new AbortController();
      await Promise.race([this.#ended.then(() => this.#committing), pause(timeoutMs, undefined, { signal: timer.signal }).catch(() => undefined)]);
      timer.abort();
    }
    this.#fenced = true;
  }

  /** Takes the right to commit away; the member is not told yet. */
  fence(): void {
    this.#fenced = true;
  }

  async #run(): Promise<void> {
    const start = await this.#begin();
    if (start !== undefined) await this.#deliver(start);
    if (!this.#gained) return;
    try {
      await this.#parts.options.handler.revoked?.(this.#assignment, this.#fenced);
    } catch (error) {
      this.#tell(error, 1);
    }
  }

  #begin(): Promise<number | undefined> {
    const { options, partition, log, member } = this.#parts;
    return this.#insist(async () => {
      const wanted = await options.handler.assigned?.(this.#assignment);
      if (wanted !== undefined && (!Number.isSafeInteger(wanted) || wanted < 0 || wanted > partition.nextOffset)) {
        throw new CaudalError("offset-out-of-range", `${options.group} asks to start ${this.#place()} at ${wanted}; its end is ${partition.nextOffset}`);
      }
      const committed = await log.world.store("log").read(member.process, "position", () => partition.topic.committed.get(options.group)?.get(partition.partition));
      this.#gained = true;
      return wanted ?? committed ?? partition.startOffset;
    });
  }

  async #deliver(start: number): Promise<void> {
    const { options } = this.#parts;
    let position = start;
    while (!this.#abort.signal.aborted) {
      const batch = await this.#next(position);
      if (batch === undefined) return;
      const done = await this.#insist(async () => {
        await options.handler.handle(batch, this.#assignment);
        return true;
      });
      if (done === undefined) return;
      position = batch.nextOffset;
      if (options.commit !== "by-handler" && !this.#fenced) this.#commitLater(position);
    }
  }

  /** Next batch with records; waits for them, and while the member is paused. Undefined when the partition goes away. */
  async #next(start: number): Promise<RecordBatch | undefined> {
    const { partition, member, options, log } = this.#parts;
    const { signal } = this.#abort;
    let position = start;
    while (!signal.aborted) {
      position = Math.max(position, partition.startOffset);
      if (member.paused) await member.resumed.wait({ signal });
      else if (position >= partition.nextOffset) await partition.moved.wait({ signal });
      else {
        if (options.lingerMs !== undefined && options.lingerMs > 0) await pause(options.lingerMs, undefined, { signal }).catch(() => undefined);
        const { maxBatchRecords = MOST_RECORDS, maxBatchBytes = MOST_BYTES } = options;
        const batch = await this.#insist(() => log.world.store("log").read(member.process, "fetch", () => batchFrom(partition, position, { maxRecords: maxBatchRecords, maxBytes: maxBatchBytes })));
        if (batch !== undefined && batch.records.length > 0 && !member.paused && !signal.aborted) return batch;
      }
    }
    return undefined;
  }

  #insist<T>(work: () => Promise<T>): Promise<T | undefined> {
    return insist(work, { signal: this.#abort.signal, onFailure: (error, attempt) => this.#tell(error, attempt) });
  }

  #tell(error: unknown, attempt: number): number | undefined {
    return this.#parts.options.onHandlerError?.(error, this.partition.partition, attempt);
  }

  /** Positions travel beside the batches. What is lost on its way is sent again while the partition is owned; a crash may still lose it. */
  #commitLater(nextOffset: number): void {
    this.#position = nextOffset;
    this.#committing ??= this.#commitNewest().finally(() => (this.#committing = undefined));
  }

  async #commitNewest(): Promise<void> {
    for (let committed = -1; committed < this.#position && !this.#fenced;) {
      const position = this.#position;
      try {
        await this.#commit(position);
        committed = position;
      } catch (error) {
        if (hasCode(error, "stale-generation")) return;
        await pause(COMMIT_AGAIN_MS);
      }
    }
  }

  #commit(nextOffset: number): Promise<void> {
    const { log, options, partition, member } = this.#parts;
    return log.world.store("log").write(member.process, `commit(${options.group}/${partition.partition} ${nextOffset})`, () => {
      this.#mustOwn();
      log.commit(partition.topic, options.group, partition.partition, nextOffset);
    });
  }

  #makeAssignment(): Assignment {
    const { options, partition, generation } = this.#parts;
    return {
      topic: options.topic, group: options.group, partition: partition.partition, generation, signal: this.#abort.signal,
      commit: async (nextOffset) => {
        this.#mustOwn();
        if (!Number.isSafeInteger(nextOffset) || nextOffset < 0 || nextOffset > partition.nextOffset) {
          throw new CaudalError("offset-out-of-range", `${options.group} commits ${nextOffset} on ${this.#place()}; its end is ${partition.nextOffset}`);
        }
        await this.#commit(nextOffset);
      },
      heartbeat: async () => this.#mustOwn(),
    };
  }

  #mustOwn(): void {
    if (!this.#fenced) return;
    throw new CaudalError("stale-generation", `${this.#parts.options.group} gave ${this.#place()} to another owner after generation ${this.#parts.generation}`);
  }

  #place(): string {
    return `${this.partition.topic.name}/${this.partition.partition}`;
  }
}

export function batchFrom(partition: PartitionState, fromOffset: number, { maxRecords, maxBytes }: { readonly maxRecords: number; readonly maxBytes: number }): RecordBatch {
  const { records, topic } = partition;
  const chosen: StoredRecord[] = [];
  let bytes = 0;
  for (let at = indexOf(records, fromOffset); at < records.length && chosen.length < Math.max(1, maxRecords); at += 1) {
    const record = records[at] as StoredRecord;
    bytes += record.value.length + record.key.length;
    if (chosen.length > 0 && bytes > maxBytes) break;
    chosen.push(record);
  }
  const last = chosen.at(-1);
  return { topic: topic.name, partition: partition.partition, records: chosen, nextOffset: last === undefined ? fromOffset : last.offset + 1, endOffset: partition.nextOffset };
}

/** First record at the offset or behind it. */
function indexOf(records: readonly StoredRecord[], offset: number): number {
  let low = 0;
  let high = records.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((records[middle] as StoredRecord).offset < offset) low = middle + 1;
    else high = middle;
  }
  return low;
}
