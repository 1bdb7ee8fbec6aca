import { CaudalError, partitionOf, type LogRecord, type TopicSpec } from "@caudal/core";
import { Bell } from "@caudal/core";
import { GroupCoordinator } from "./log-group.ts";
import type { ConsumedLog, PartitionState, TopicState } from "./log-topic.ts";

/** What the simulated log holds durably, and who consumes it. */
export class LogState implements ConsumedLog {
  readonly topics = new Map<string, TopicState>();
  /** Added to the machine's clock by tests that move the log's. */
  skewMs = 0;
  readonly world: ConsumedLog["world"];
  readonly #coordinators = new Map<string, GroupCoordinator>();
  #lastUs = 0;

  constructor(world: ConsumedLog["world"]) {
    this.world = world;
  }

  nowUs(): number {
    this.#lastUs = Math.max(this.#lastUs, Math.round((Date.now() + this.skewMs) * 1000));
    return this.#lastUs;
  }

  topic(name: string): TopicState {
    const topic = this.topics.get(name);
    if (topic === undefined) throw new CaudalError("unknown-topic", `topic ${name} was not declared`);
    return topic;
  }

  partition(topic: string, number: number): PartitionState {
    const partition = this.topic(topic).partitions[number];
    if (partition === undefined) throw new CaudalError("unknown-topic", `topic ${topic} has no partition ${number}`);
    return partition;
  }

  declare(specs: readonly TopicSpec[]): void {
    for (const { name, partitions } of specs) {
      const known = this.topics.get(name);
      if (known !== undefined && known.partitions.length !== partitions) throw new CaudalError("setting", `topic ${name} has ${known.partitions.length} partitions, not ${partitions}`);
    }
    for (const { name, partitions, retentionMs } of specs) {
      if (this.topics.has(name)) continue;
      const own: PartitionState[] = [];
      const topic: TopicState = { name, retentionMs, partitions: own, committed: new Map(), groups: new Map() };
      for (let partition = 0; partition < partitions; partition += 1) own.push({ topic, partition, startOffset: 0, records: [], moved: new Bell(), nextOffset: 0 });
      this.topics.set(name, topic);
    }
  }

  append(name: string, records: readonly LogRecord[]): void {
    const topic = this.topic(name);
    const appendedAtUs = this.nowUs();
    const moved = new Set<PartitionState>();
    for (const { key, value, headers = {} } of records) {
      const partition = topic.partitions[partitionOf(key, topic.partitions.length)] as PartitionState;
      partition.records.push({ key, value, headers, offset: partition.nextOffset++, appendedAtUs });
      moved.add(partition);
    }
    this.sweep(topic);
    for (const partition of moved) partition.moved.ring();
  }

  /** Moves the start; never back. */
  trim(partition: PartitionState, offset: number): void {
    if (offset <= partition.startOffset) return;
    const keep = partition.records.findIndex((record) => record.offset >= offset);
    partition.records.splice(0, keep === -1 ? partition.records.length : keep);
    partition.startOffset = offset;
  }

  commit(topic: TopicState, group: string, partition: number, offset: number): void {
    const committed = topic.committed.get(group) ?? new Map<number, number>();
    topic.committed.set(group, committed.set(partition, offset));
    this.sweep(topic);
  }

  coordinator(topic: TopicState, group: string): GroupCoordinator {
    const name = `${topic.name}/${group}`;
    const known = this.#coordinators.get(name);
    if (known !== undefined) return known;
    const made = new GroupCoordinator(this, topic, group);
    this.#coordinators.set(name, made);
    topic.groups.set(group, made);
    return made;
  }

  /** Lets go of what is older than the topic keeps and every group has had. */
  sweep(topic: TopicState): void {
    if (topic.retentionMs === null) return;
    const oldestUs = this.nowUs() - topic.retentionMs * 1000;
    for (const partition of topic.partitions) {
      if ((partition.records[0]?.appendedAtUs ?? Infinity) >= oldestUs) continue;
      let until = partition.records.find(({ appendedAtUs }) => appendedAtUs >= oldestUs)?.offset ?? partition.nextOffset;
      for (const committed of topic.committed.values()) until = Math.min(until, committed.get(partition.partition) ?? partition.startOffset);
      for (const [name, group] of topic.groups) if (!group.empty && topic.committed.get(name)?.get(partition.partition) === undefined) until = partition.startOffset;
      this.trim(partition, until);
    }
  }

  /** Who owned what is forgotten; what was committed is not. */
  crash(): void {
    for (const topic of this.topics.values()) for (const group of topic.groups.values()) group.forget();
  }
}
