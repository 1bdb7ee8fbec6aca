import {
  CaudalError, type Consumption, type ConsumeOptions, type EventLog, type LogRecord, type PartitionBounds, type PartitionLag, type ReadRequest,
  type RecordBatch, type Tell, type TopicSpec,
} from "@caudal/core";
import type { KafkaAddress } from "./address/parse-url.ts";
import { Member, type ConsumeTiming } from "./consume/member.ts";
import { Publisher } from "./publish/publisher.ts";
import { Reader } from "./read/reader.ts";
import { advance } from "./topics/advance.ts";
import { Declarations } from "./topics/declare.ts";
import { Desk } from "./topics/desk.ts";
import { Names } from "./topics/names.ts";
import type { Link } from "./wire/link.ts";

export interface KafkaLogParts {
  readonly address: KafkaAddress;
  readonly openLink: () => Link;
  readonly timing: ConsumeTiming;
  readonly callWithinMs: number;
  readonly publishWithinMs: number;
  readonly maxInFlightBytes: number;
  readonly tell: Tell;
}

/** EventLog on Kafka. See `openKafkaLog`. */
export class KafkaLog implements EventLog {
  readonly #parts: KafkaLogParts;
  readonly #names: Names;
  readonly #links: { readonly publish: Link; readonly desk: Link };
  readonly #desk: Desk;
  readonly #declarations: Declarations;
  readonly #publisher: Publisher;
  readonly #reader: Reader;
  readonly #members = new Set<Member>();
  /** Number of partitions, by topic; it is fixed when a topic is made. */
  readonly #partitions = new Map<string, number>();
  readonly #closing = new AbortController();
  #closed: Promise<void> | undefined;
  #sealed = false;

  constructor(parts: KafkaLogParts) {
    this.#parts = parts;
    const { address, openLink, timing, callWithinMs, tell } = parts;
    this.#names = new Names(address.prefix);
    this.#links = { publish: openLink(), desk: openLink() };
    this.#desk = new Desk(this.#links.desk, { withinMs: callWithinMs, signal: this.#closing.signal });
    this.#declarations = new Declarations(this.#desk, this.#names, address);
    this.#reader = new Reader({ openLink, answerWithinMs: timing.answerWithinMs, withinMs: callWithinMs, closing: this.#closing.signal });
    this.#publisher = new Publisher({
      link: this.#links.publish,
      nameOf: (topic) => this.#names.topic(topic),
      partitionsOf: (topic) => this.#partitionsOf(topic),
      compression: address.compression, answerWithinMs: timing.answerWithinMs, publishWithinMs: parts.publishWithinMs, maxInFlightBytes: parts.maxInFlightBytes, tell,
    });
  }

  /** Resolves when a broker answers. */
  async greet(): Promise<void> {
    await this.#desk.ask("connect", () => this.#desk.link.any());
  }

  async declareTopics(topics: readonly TopicSpec[]): Promise<void> {
    this.#mustBeOpen();
    await this.#declarations.declare(topics);
    for (const { name, partitions } of topics) this.#partitions.set(name, partitions);
  }

  async publish(topic: string, records: readonly LogRecord[]): Promise<void> {
    // While consumers drain, their handlers may still publish what they made.
    if (this.#sealed) this.#mustBeOpen();
    await this.#publisher.publish(topic, records);
  }

  async consume(options: ConsumeOptions): Promise<Consumption> {
    this.#mustBeOpen();
    await this.#partitionsOf(options.topic);
    this.#mustBeOpen();
    const topic = this.#names.topic(options.topic);
    const groupId = this.#names.group(options.topic, options.group);
    const member: Member = new Member({
      options, topic, groupId,
      timing: this.#parts.timing,
      openLink: this.#parts.openLink,
      positions: (partitions) => this.#positions(topic, groupId, partitions),
      bounds: async (partition) => (await this.#desk.bounds(topic, [partition]))[0] as PartitionBounds,
      tell: this.#parts.tell,
      onClosed: () => this.#members.delete(member),
    });
    this.#members.add(member);
    return member;
  }

  async read(request: ReadRequest): Promise<RecordBatch> {
    this.#mustBeOpen();
    const { topic, partition, fromOffset } = request;
    await this.#mustExist(topic, partition);
    if (!Number.isSafeInteger(fromOffset) || fromOffset < 0) throw new CaudalError("offset-out-of-range", `${topic}/${partition} is read from ${fromOffset}`);
    return this.#reader.read({ ...request, topic: this.#names.topic(topic) }, topic);
  }

  async bounds(topic: string): Promise<readonly PartitionBounds[]> {
    this.#mustBeOpen();
    await this.#partitionsOf(topic);
    return this.#desk.bounds(this.#names.topic(topic));
  }

  async lag(topic: string, group: string): Promise<readonly PartitionLag[]> {
    const bounds = await this.bounds(topic);
    const committed = await this.#desk.committed(this.#names.group(topic, group), this.#names.topic(topic), bounds.map(({ partition }) => partition));
    return bounds.map(({ partition, startOffset, endOffset }) => {
      // Below the start there is nothing left to handle; a topic that was made anew ends before an old commit.
      const committedOffset = Math.min(endOffset, Math.max(startOffset, committed.get(partition) ?? startOffset));
      return { partition, committedOffset, endOffset, lag: endOffset - committedOffset };
    });
  }

  async groups(topic: string): Promise<readonly string[]> {
    this.#mustBeOpen();
    const partitions = Array.from({ length: await this.#partitionsOf(topic) }, (_, partition) => partition);
    const known = (await this.#desk.groups()).flatMap((groupId) => this.#names.groupOf(topic, groupId) ?? []);
    const commits = await Promise.all(known.map((group) => this.#desk.committed(this.#names.group(topic, group), this.#names.topic(topic), partitions)));
    return known.filter((_, at) => (commits[at]?.size ?? 0) > 0);
  }

  async trimBefore(topic: string, partition: number, offset: number): Promise<void> {
    this.#mustBeOpen();
    await this.#mustExist(topic, partition);
    const name = this.#names.topic(topic);
    const [bounds] = await this.#desk.bounds(name, [partition]);
    const { startOffset = 0, endOffset = 0 } = bounds ?? {};
    if (!Number.isSafeInteger(offset) || offset < 0 || offset > endOffset) {
      throw new CaudalError("offset-out-of-range", `${topic}/${partition} ends at ${endOffset}; it cannot be trimmed before ${offset}`);
    }
    if (offset > startOffset) await this.#desk.trim(name, partition, offset);
    this.#reader.forget(name, partition);
  }

  async setOffset(topic: string, group: string, partition: number, offset: number): Promise<void> {
    this.#mustBeOpen();
    await this.#mustExist(topic, partition);
    const name = this.#names.topic(topic);
    const [bounds] = await this.#desk.bounds(name, [partition]);
    const { startOffset = 0, endOffset = 0 } = bounds ?? {};
    if (!Number.isSafeInteger(offset) || offset < startOffset || offset > endOffset) {
      throw new CaudalError("offset-out-of-range", `${topic}/${partition} holds ${startOffset} to before ${endOffset}, not ${offset}`);
    }
    await this.#desk.place(this.#names.group(topic, group), name, { partition, offset });
  }

  async advanceTo(topic: string, partition: number, offset: number): Promise<void> {
    this.#mustBeOpen();
    await this.#mustExist(topic, partition);
    const bounds = async (): Promise<PartitionBounds | undefined> => (await this.#desk.bounds(this.#names.topic(topic), [partition]))[0];
    await advance({ topic, partition, offset, partitions: await this.#partitionsOf(topic), bounds, publish: (records) => this.publish(topic, records) });
    const { startOffset = 0, endOffset = 0 } = (await bounds()) ?? {};
    if (startOffset < endOffset) await this.trimBefore(topic, partition, endOffset);
  }

  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  /** Ends it as a killed process would: nothing drained, nothing said to the brokers. For tests of what is left then. */
  cut(): void {
    this.#closed ??= Promise.resolve();
    this.#sealed = true;
    for (const member of this.#members) member.cut();
    this.#members.clear();
    this.#end();
  }

  async #close(): Promise<void> {
    await Promise.all([...this.#members].map((member) => member.close()));
    this.#sealed = true;
    await this.#publisher.settle();
    this.#end();
  }

  #end(): void {
    this.#closing.abort();
    this.#publisher.stop();
    this.#links.publish.close();
    this.#links.desk.close();
  }

  /** Where the group stands; below the start there is nothing, and a partition without a commit is delivered whole. */
  async #positions(topic: string, groupId: string, partitions: readonly number[]): Promise<ReadonlyMap<number, number>> {
    const committed = await this.#desk.committed(groupId, topic, partitions);
    const without = partitions.filter((partition) => !committed.has(partition));
    const starts = without.length === 0 ? [] : await this.#desk.bounds(topic, without);
    return new Map(partitions.map((partition) => [partition, committed.get(partition) ?? starts.find((each) => each.partition === partition)?.startOffset ?? 0]));
  }

  async #partitionsOf(topic: string): Promise<number> {
    const known = this.#partitions.get(topic);
    if (known !== undefined) return known;
    const { length } = await this.#desk.leaders(this.#names.topic(topic));
    this.#partitions.set(topic, length);
    return length;
  }

  async #mustExist(topic: string, partition: number): Promise<void> {
    const partitions = await this.#partitionsOf(topic);
    if (!Number.isSafeInteger(partition) || partition < 0 || partition >= partitions) throw new CaudalError("unknown-topic", `topic ${topic} has no partition ${partition}`);
  }

  #mustBeOpen(): void {
    if (this.#closed !== undefined) throw new CaudalError("closed", "the log is closed");
  }
}
