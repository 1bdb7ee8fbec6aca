import { CaudalError, partitionOfHash, type LogRecord, type StoredRecord } from "@caudal/core";
import type { AppendReply, OffsetRow, WriterCalls } from "./calls.ts";
import type { LogClock } from "./clock.ts";
import { FRAME_HEAD_BYTES } from "./frame.ts";
import type { GroupOffsets } from "./group-offsets.ts";
import type { PartitionLog, TopicLog } from "./partition-log.ts";
import { headersText, mostBytes, SlabPacker, SlabReader } from "./slab.ts";
import type { Tail, TailCache } from "./tail-cache.ts";
import type { WorkerClient } from "./worker-calls.ts";

const MAX_RECORD_BYTES = 64 * 1024 * 1024;
/** Small enough that packing and unpacking one never holds up the event loop for long. */
const MAX_COMMIT_BYTES = 1024 * 1024;
/** The writer has the next commit at hand when it ends one. */
const COMMITS_IN_FLIGHT = 2;
/** Positions wait this long for a commit of records to travel with. */
const OFFSETS_WITHIN_MS = 25;
const FULL_AFTER_MS = 50;
/** Of a call that only waits for those before it. */
const NOWHERE: TopicLog = { name: "", retentionMs: null, partitions: [] };

interface Call {
  readonly topic: TopicLog;
  readonly records: readonly LogRecord[];
  /** Text of each record's headers; undefined when none has any. */
  readonly headers: readonly (string | undefined)[] | undefined;
  /** At most this many when packed. */
  readonly bytes: number;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

export interface PublisherParts {
  readonly writer: WorkerClient<WriterCalls>;
  readonly partitions: ReadonlyMap<number, PartitionLog>;
  readonly cache: TailCache;
  readonly clock: LogClock;
  readonly maxInFlightBytes: number;
}

/** Group commit: publishes of many callers, and the groups' positions, become one transaction with one fsync. */
export class Publisher {
  readonly #parts: PublisherParts;
  #offsets: GroupOffsets | undefined;
  #queue: Call[] = [];
  #waitingBytes = 0;
  #inFlight = 0;
  #scheduled = false;
  #offsetsTimer: NodeJS.Timeout | undefined;
  #offsetsDue = false;

  constructor(parts: PublisherParts) {
    this.#parts = parts;
  }

  /** Positions to write along; told by `offsetsChanged` that there are some. */
  carry(offsets: GroupOffsets): void {
    this.#offsets = offsets;
  }

  offsetsChanged(): void {
    this.#offsetsTimer ??= setTimeout(() => {
      this.#offsetsTimer = undefined;
      this.#offsetsDue = true;
      this.#schedule();
    }, OFFSETS_WITHIN_MS);
  }

  publish(topic: TopicLog, records: readonly LogRecord[]): Promise<void> {
    if (records.length === 0) return Promise.resolve();
    const headers = records.some((record) => record.headers !== undefined) ? records.map(headersText) : undefined;
    const bytes = sizeOf(topic, records, headers);
    const { maxInFlightBytes } = this.#parts;
    if (bytes > maxInFlightBytes) throw new CaudalError("too-large", `one publish of ${bytes} bytes to ${topic.name}; the most is ${maxInFlightBytes}`);
    if (this.#waitingBytes + bytes > maxInFlightBytes) {
      throw new CaudalError("unavailable", `${this.#waitingBytes} bytes wait to be written already`, { afterMs: FULL_AFTER_MS });
    }
    this.#waitingBytes += bytes;
    return new Promise((resolve, reject) => {
      this.#queue.push({ topic, records, headers, bytes, resolve, reject });
      this.#schedule();
    });
  }

  /** Resolves when all that was published and committed so far is written, or was tried and failed. */
  async settle(): Promise<void> {
    this.#offsetsDue = true;
    await new Promise<void>((resolve) => {
      this.#queue.push({ topic: NOWHERE, records: [], headers: undefined, bytes: 0, resolve, reject: () => resolve() });
      this.#schedule();
    });
  }

  /** Ends the timer; positions that are not durable are delivered again later. */
  stop(): void {
    clearTimeout(this.#offsetsTimer);
  }

  // In the next turn of the event loop: all callers of this turn share one commit.
  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      this.#flush();
    });
  }

  #flush(): void {
    while (this.#inFlight < COMMITS_IN_FLIGHT && (this.#queue.length > 0 || this.#offsetsDue)) void this.#commit(this.#takeCalls());
  }

  #takeCalls(): readonly Call[] {
    let bytes = 0;
    let count = 0;
    for (const call of this.#queue) {
      if (count > 0 && bytes + call.bytes > MAX_COMMIT_BYTES) break;
      bytes += call.bytes;
      count += 1;
    }
    return this.#queue.splice(0, count);
  }

  async #commit(calls: readonly Call[]): Promise<void> {
    const positions = this.#offsetsDue ? (this.#offsets?.takeDirty() ?? []) : [];
    this.#offsetsDue = false;
    this.#inFlight += 1;
    try {
      const slab = pack(calls);
      const appendedAtUs = this.#parts.clock.nowUs();
      const reply = await this.#parts.writer.call("append", { slab, appendedAtUs, offsets: positions }, [slab.bytes.buffer, slab.index.buffer]);
      this.#landed(calls, reply, appendedAtUs);
      for (const call of calls) call.resolve();
    } catch (error) {
      this.#failed(calls, positions, error);
    }
    this.#inFlight -= 1;
    for (const call of calls) this.#waitingBytes -= call.bytes;
    this.#schedule();
  }

  #failed(calls: readonly Call[], positions: readonly OffsetRow[], error: unknown): void {
    this.#offsets?.giveBack(positions);
    for (const call of calls) call.reject(error);
  }

  /** Makes records visible, only now that they are durable. */
  #landed(calls: readonly Call[], { slab, offsets }: AppendReply, appendedAtUs: number): void {
    const reader = new SlabReader(slab);
    const runs = new Map<PartitionLog, StoredRecord[]>();
    let at = 0;
    for (const { records } of calls) {
      for (const packed of records) {
        const partition = this.#parts.partitions.get(reader.partitionId(at)) as PartitionLog;
        const record = reader.record(at, offsets[at] ?? 0, appendedAtUs, packed);
        const run = runs.get(partition);
        if (run === undefined) runs.set(partition, [record]);
        else run.push(record);
        at += 1;
      }
    }
    if (runs.size === 0) return;
    this.#parts.cache.add(new Map<Tail, StoredRecord[]>([...runs].map(([partition, run]) => [partition.tail, run])), slab.bytes.length);
    for (const [partition, run] of runs) partition.raiseEnd((run.at(-1) as StoredRecord).offset + 1);
  }
}

function sizeOf(topic: TopicLog, records: readonly LogRecord[], headers: readonly (string | undefined)[] | undefined): number {
  let total = 0;
  for (let at = 0; at < records.length; at += 1) {
    const record = records[at] as LogRecord;
    const bytes = FRAME_HEAD_BYTES + mostBytes(record.key) + mostBytes(headers?.[at] ?? "") + record.value.length;
    // Also when a caller without types gave no bytes at all: that must not poison the count of what waits.
    if (!(bytes <= MAX_RECORD_BYTES)) throw new CaudalError("too-large", `a record of ${bytes} bytes to ${topic.name}; the most is ${MAX_RECORD_BYTES}`);
    total += bytes;
  }
  return total;
}

function pack(calls: readonly Call[]): ReturnType<SlabPacker["finish"]> {
  let records = 0;
  let bytes = 0;
  for (const call of calls) {
    records += call.records.length;
    bytes += call.bytes;
  }
  const packer = new SlabPacker(records, bytes);
  for (const { topic, records: own, headers } of calls) {
    const { partitions } = topic;
    const partitionOf = (hash: number): number => (partitions[partitionOfHash(hash, partitions.length)] as PartitionLog).id;
    for (let at = 0; at < own.length; at += 1) packer.add(own[at] as LogRecord, headers?.[at], partitionOf);
  }
  return packer.finish();
}
