import {
  CaudalError, type Consumption, type ConsumeOptions, type EventLog, type LogRecord, type PartitionBounds, type PartitionLag, type ReadRequest,
  type RecordBatch, type StoredRecord, type TopicSpec,
} from "@caudal/core";
import type { LogState, ReaderCalls, WriterCalls } from "./calls.ts";
import { steadyClock, type LogClock } from "./clock.ts";
import { Fetcher } from "./fetcher.ts";
import { Group } from "./group.ts";
import { GroupOffsets } from "./group-offsets.ts";
import { PartitionLog, type TopicLog } from "./partition-log.ts";
import { Publisher } from "./publisher.ts";
import { Retention } from "./retention.ts";
import { headersText } from "./slab.ts";
import { TailCache } from "./tail-cache.ts";
import type { WorkerClient } from "./worker-calls.ts";

const THREAD_ENDS_WITHIN_MS = 1000;
const READ_RECORDS = 500;
const READ_BYTES = 1024 * 1024;

export interface EmbeddedLogParts {
  readonly writer: WorkerClient<WriterCalls>;
  readonly reader: WorkerClient<ReaderCalls>;
  readonly state: LogState;
  readonly clock: LogClock;
  readonly retentionSweepMs: number;
  readonly keepBytes: number | undefined;
  readonly drainWithinMs: number;
  readonly maxInFlightBytes: number;
  readonly tailCacheBytes: number;
  readonly onCorruption: (error: CaudalError) => void;
}

/** EventLog of one process: the port's promises over one SQLite file. See `openEmbeddedLog`. */
export class EmbeddedLog implements EventLog {
  readonly #parts: EmbeddedLogParts;
  readonly #topics = new Map<string, TopicLog>();
  readonly #partitions = new Map<number, PartitionLog>();
  /** By topic, then name. */
  readonly #groups = new Map<string, Map<string, Group>>();
  readonly #publisher: Publisher;
  readonly #offsets: GroupOffsets;
  readonly #fetcher: Fetcher;
  readonly #retention: Retention;
  #closed: Promise<void> | undefined;
  #sealed = false;

  constructor(parts: EmbeddedLogParts) {
    this.#parts = parts;
    const { writer, reader, state } = parts;
    const clock = steadyClock(parts.clock, state.newestAtUs);
    const cache = new TailCache(parts.tailCacheBytes);
    this.#publisher = new Publisher({ writer, partitions: this.#partitions, cache, clock, maxInFlightBytes: parts.maxInFlightBytes });
    this.#offsets = new GroupOffsets(() => this.#publisher.offsetsChanged());
    this.#publisher.carry(this.#offsets);
    this.#fetcher = new Fetcher(reader, parts.onCorruption);
    this.#learn(state);
    this.#offsets.load(state.offsets);
    this.#retention = new Retention({
      writer, topics: this.#topics, partitions: this.#partitions, offsets: this.#offsets, clock: parts.clock, everyMs: parts.retentionSweepMs, keepBytes: parts.keepBytes,
      hasNewReader: (topic, partition) => this.#hasNewReader(topic, partition),
    });
  }

  async declareTopics(topics: readonly TopicSpec[]): Promise<void> {
    this.#mustBeOpen();
    for (const { name, partitions } of topics) {
      if (name === "" || !Number.isSafeInteger(partitions) || partitions < 1) throw new CaudalError("setting", `topic "${name}" with ${partitions} partitions`);
    }
    this.#learn(await this.#parts.writer.call("declare", topics));
  }

  async publish(topic: string, records: readonly LogRecord[]): Promise<void> {
    // While consumers drain, their handlers may still publish what they made.
    if (this.#sealed) this.#mustBeOpen();
    await this.#publisher.publish(this.#topic(topic), records);
  }

  async consume(options: ConsumeOptions): Promise<Consumption> {
    this.#mustBeOpen();
    const topic = this.#topic(options.topic);
    const groups = this.#groups.get(topic.name) ?? new Map<string, Group>();
    this.#groups.set(topic.name, groups);
    const group = groups.get(options.group) ?? this.#makeGroup(topic);
    groups.set(options.group, group);
    return group.join(options);
  }

  async read({ topic, partition: number, fromOffset, maxRecords = READ_RECORDS, maxBytes = READ_BYTES, waitMs = 0, signal }: ReadRequest): Promise<RecordBatch> {
    const partition = this.#partition(topic, number);
    const deadline = performance.now() + waitMs;
    for (;;) {
      this.#mustBeOpen();
      signal?.throwIfAborted();
      mustHold(partition, fromOffset);
      if (fromOffset < partition.endOffset) {
        const batch = await this.#fetcher.fetch(partition, fromOffset, { maxRecords: Math.max(1, maxRecords), maxBytes });
        // What was let go of meanwhile must not become a hole in silence.
        if (batch.records[0]?.offset === fromOffset) return batch;
        continue;
      }
      const leftMs = deadline - performance.now();
      if (leftMs <= 0) return { topic, partition: number, records: [], nextOffset: fromOffset, endOffset: partition.endOffset };
      await partition.moved.wait({ signal, timeoutMs: leftMs });
    }
  }

  async bounds(topic: string): Promise<readonly PartitionBounds[]> {
    this.#mustBeOpen();
    return this.#topic(topic).partitions.map((partition) => partition.bounds());
  }

  async lag(topic: string, group: string): Promise<readonly PartitionLag[]> {
    this.#mustBeOpen();
    return this.#topic(topic).partitions.map((partition) => {
      const { partition: number, startOffset, endOffset } = partition;
      // Below the start there is nothing left to handle.
      const committedOffset = Math.max(startOffset, this.#offsets.get(partition, group) ?? startOffset);
      return { partition: number, committedOffset, endOffset, lag: endOffset - committedOffset };
    });
  }

  async groups(topic: string): Promise<readonly string[]> {
    this.#mustBeOpen();
    return this.#offsets.groups(this.#topic(topic).partitions);
  }

  async trimBefore(topic: string, number: number, offset: number): Promise<void> {
    this.#mustBeOpen();
    const partition = this.#partition(topic, number);
    if (!Number.isSafeInteger(offset) || offset < 0 || offset > partition.endOffset) {
      throw new CaudalError("offset-out-of-range", `${topic}/${number} ends at ${partition.endOffset}; it cannot be trimmed before ${offset}`);
    }
    const { startOffset } = await this.#parts.writer.call("trim", { partitionId: partition.id, startOffset: offset });
    partition.raiseStart(startOffset);
  }

  async setOffset(topic: string, group: string, number: number, offset: number): Promise<void> {
    this.#mustBeOpen();
    const partition = this.#partition(topic, number);
    mustHold(partition, offset);
    if (this.#groups.get(topic)?.get(group)?.empty === false) throw new CaudalError("in-use", `group ${group} has members on ${topic}; close them first`);
    this.#offsets.commit(partition, group, offset);
    await this.#publisher.settle();
  }

  async advanceTo(topic: string, number: number, offset: number): Promise<void> {
    this.#mustBeOpen();
    const partition = this.#partition(topic, number);
    if (!Number.isSafeInteger(offset) || offset < partition.endOffset) {
      throw new CaudalError("offset-out-of-range", `${topic}/${number} ends at ${partition.endOffset}; it cannot go on at ${offset}`);
    }
    await this.#parts.writer.call("advance", { partitionId: partition.id, startOffset: offset });
    partition.raiseEnd(offset);
    partition.raiseStart(offset);
  }

  async mend(topic: string, number: number, { offset, appendedAtUs, key, headers, value }: StoredRecord): Promise<void> {
    this.#mustBeOpen();
    const partition = this.#partition(topic, number);
    mustHold(partition, offset);
    if (offset === partition.endOffset) throw new CaudalError("offset-out-of-range", `${topic}/${number} ends at ${offset}; there is nothing to mend`);
    await this.#parts.writer.call("mend", { partitionId: partition.id, offset, appendedAtUs, key, headers: headersText({ key, headers, value }), value });
  }

  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async #close(): Promise<void> {
    const { writer, reader } = this.#parts;
    for (const partition of this.#partitions.values()) partition.moved.ring();
    await this.#retention.stop();
    await Promise.all([...this.#groups.values()].flatMap((groups) => [...groups.values()].map((group) => group.close(this.#parts.drainWithinMs))));
    this.#sealed = true;
    await this.#publisher.settle();
    this.#publisher.stop();
    try {
      // The writer last: the last connection folds the write-ahead log into the file.
      await reader.call("close", undefined);
      await writer.call("close", undefined);
    } finally {
      await Promise.all([reader.ended(THREAD_ENDS_WITHIN_MS), writer.ended(THREAD_ENDS_WITHIN_MS)]);
    }
  }

  #learn(state: LogState): void {
    for (const row of state.partitions) {
      if (!this.#partitions.has(row.id)) this.#partitions.set(row.id, new PartitionLog(row));
    }
    for (const { name, retentionMs } of state.topics) {
      const partitions = [...this.#partitions.values()].filter((partition) => partition.topic === name).sort((a, b) => a.partition - b.partition);
      this.#topics.set(name, { name, retentionMs, partitions });
    }
  }

  #makeGroup(topic: TopicLog): Group {
    const { drainWithinMs } = this.#parts;
    return new Group({ topic, fetcher: this.#fetcher, offsets: this.#offsets, drainWithinMs, settle: () => this.#publisher.settle() });
  }

  #hasNewReader(topic: TopicLog, partition: PartitionLog): boolean {
    return [...(this.#groups.get(topic.name) ?? [])].some(([name, group]) => !group.empty && this.#offsets.get(partition, name) === undefined);
  }

  #topic(name: string): TopicLog {
    const topic = this.#topics.get(name);
    if (topic === undefined) throw new CaudalError("unknown-topic", `topic ${name} was not declared`);
    return topic;
  }

  #partition(topic: string, number: number): PartitionLog {
    const partition = this.#topic(topic).partitions[number];
    if (partition === undefined) throw new CaudalError("unknown-topic", `topic ${topic} has no partition ${number}`);
    return partition;
  }

  #mustBeOpen(): void {
    if (this.#closed !== undefined) throw new CaudalError("closed", "the log is closed");
  }
}

function mustHold({ topic, partition, startOffset, endOffset }: PartitionLog, offset: number): void {
  if (Number.isSafeInteger(offset) && offset >= startOffset && offset <= endOffset) return;
  throw new CaudalError("offset-out-of-range", `${topic}/${partition} holds ${startOffset} to before ${endOffset}, not ${offset}`);
}
