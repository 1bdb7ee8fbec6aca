/**
 * EventLog: a partitioned, durable, append-only log.
 *
 * `publish` resolves when every record of the call is durable, and keeps the call's order within a key. A rejection whose
 * `retry` is "unknown" says that the records may or may not be there: send them again, never call it a success.
 * A batch of unknown outcome may therefore appear once more later.
 *
 * `consume` gives each partition to one member of the group a generation, hands its records over in order, and delivers
 * again from the committed offset after a crash, a failed handler or a change of owner. A commit of an older generation fails with
 * "stale-generation". An old owner may still be finishing its handler when the new one starts, so effects must be idempotent.
 * A handler that rejects is called again with the same records after a pause; other partitions and groups go on.
 * Backpressure pauses fetching for a partition; nothing is dropped and nothing sleeps.
 *
 * A partition is murmur2 of the key modulo the topic's number of partitions, on every adapter (see `partitionOf`).
 */
export interface EventLog {
  /** Creates what is missing; fails with "setting" when a topic exists with another number of partitions. */
  declareTopics(topics: readonly TopicSpec[]): Promise<void>;
  publish(topic: string, records: readonly LogRecord[]): Promise<void>;
  consume(options: ConsumeOptions): Promise<Consumption>;
  /** Groupless read from an offset; resolves with no records after `waitMs` without any. Fails with "offset-out-of-range" below the start. */
  read(request: ReadRequest): Promise<RecordBatch>;
  /** First and next offset of each partition, in partition order. */
  bounds(topic: string): Promise<readonly PartitionBounds[]>;
  /** Exact lag of each partition, in partition order; a partition without a commit counts from its start. */
  lag(topic: string, group: string): Promise<readonly PartitionLag[]>;
  /** Groups that ever committed on the topic. */
  groups(topic: string): Promise<readonly string[]>;
  /** Lets go of records below the offset; for topics that are trimmed by decision and not by time. */
  trimBefore(topic: string, partition: number, offset: number): Promise<void>;
  /**
   * Moves a group's position on a partition, forwards or back; durable when it resolves. The group must have no members ("in-use" where one is known);
   * an offset outside the partition's bounds fails with "offset-out-of-range".
   */
  setOffset(topic: string, group: string, partition: number, offset: number): Promise<void>;
  /**
   * Makes the next record of a partition that holds none get this offset, so that what was written elsewhere can be put back where it stood.
   * Fails with "bad-request" where there are records, and with "offset-out-of-range" below the end.
   */
  advanceTo(topic: string, partition: number, offset: number): Promise<void>;
  /**
   * Puts a record that is damaged or gone back at its offset; durable when it resolves. Fails with "bad-request" where a whole record stands, and with
   * "offset-out-of-range" outside the partition's bounds. Absent where the log mends itself from its replicas.
   */
  mend?(topic: string, partition: number, record: StoredRecord): Promise<void>;
  /** Stops consumers, refuses new publishes, settles what is in flight. */
  close(): Promise<void>;
}

export interface TopicSpec {
  readonly name: string;
  readonly partitions: number;
  /** Milliseconds that a record is kept at least; null keeps it until `trimBefore`. */
  readonly retentionMs: number | null;
}

export interface LogRecord {
  readonly key: string;
  readonly value: Uint8Array;
  readonly headers?: Readonly<Record<string, string>>;
  /** What the value was encoded from, where decoding it would give just that: readers in this process may be handed it. Never stored; whoever gets it changes nothing of it. */
  readonly made?: unknown;
}

export interface StoredRecord extends Omit<LogRecord, "made"> {
  readonly offset: number;
  /** Microseconds since 1970 UTC by the log's clock. */
  readonly appendedAtUs: number;
  readonly headers: Readonly<Record<string, string>>;
  /** What the writer or a reader in this process has of the value, for others who are handed the same record; never stored. */
  made?: unknown;
}

export interface RecordBatch {
  readonly topic: string;
  readonly partition: number;
  /** In offset order; offsets may have holes. */
  readonly records: readonly StoredRecord[];
  /** Offset to read from next. */
  readonly nextOffset: number;
  /** Next offset of the partition when this batch was fetched: how far behind the batch is. */
  readonly endOffset: number;
}

export interface ConsumeOptions {
  readonly topic: string;
  readonly group: string;
  readonly handler: PartitionHandler;
  readonly maxBatchRecords?: number;
  readonly maxBatchBytes?: number;
  /** Records may wait this long for others, to be handled together; 0 when absent. For groups whose every batch costs a store something and that nobody waits for. */
  readonly lingerMs?: number;
  /** after-handle (default): the end of the batch is committed when `handle` resolves. by-handler: only `Assignment.commit` commits. */
  readonly commit?: "after-handle" | "by-handler";
  /** Told of each rejected handler before the pause; may return the pause in milliseconds. */
  readonly onHandlerError?: (error: unknown, partition: number, attempt: number) => number | undefined;
}

export interface Assignment {
  readonly topic: string;
  readonly group: string;
  readonly partition: number;
  readonly generation: number;
  /** Aborted when the partition is being taken away or the consumption closes. */
  readonly signal: AbortSignal;
  /** Commits `nextOffset` as the group's position. Fails with "stale-generation" after a newer generation began. */
  commit(nextOffset: number): Promise<void>;
  /** Says that long work is alive; call at least every few seconds inside `handle`. */
  heartbeat(): Promise<void>;
}

export interface PartitionHandler {
  /** A partition was gained; resolves with the offset to start at (the truth kept with the handler's state), or undefined for the committed one. */
  assigned?(assignment: Assignment): Promise<number | undefined>;
  handle(batch: RecordBatch, assignment: Assignment): Promise<void>;
  /** The partition is going; `handle` is no longer running. A commit here still counts when `lost` is false. */
  revoked?(assignment: Assignment, lost: boolean): Promise<void>;
}

export interface Consumption {
  readonly group: string;
  readonly topic: string;
  /** Stops fetching; the batch in hand is finished. */
  pause(): void;
  resume(): void;
  /** Partitions owned now. */
  owned(): readonly number[];
  /** Drains: lets the batch in hand finish within `timeoutMs`, revokes, commits, leaves the group. */
  close(timeoutMs?: number): Promise<void>;
}

export interface ReadRequest {
  readonly topic: string;
  readonly partition: number;
  readonly fromOffset: number;
  readonly maxRecords?: number;
  readonly maxBytes?: number;
  readonly waitMs?: number;
  readonly signal?: AbortSignal;
}

export interface PartitionBounds {
  readonly partition: number;
  readonly startOffset: number;
  readonly endOffset: number;
}

export interface PartitionLag {
  readonly partition: number;
  readonly committedOffset: number;
  readonly endOffset: number;
  readonly lag: number;
}
