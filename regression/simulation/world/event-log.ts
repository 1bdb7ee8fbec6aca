import {
  CaudalError, type Consumption, type ConsumeOptions, type EventLog, type LogRecord, type PartitionBounds, type PartitionLag, type ReadRequest, type RecordBatch, type TopicSpec,
} from "@caudal/core";
import { running } from "../time/virtual-time.ts";
import { batchFrom } from "./delivery.ts";
import type { Member } from "./log-group.ts";
import type { PartitionState } from "./log-topic.ts";
import { forever, type SimulatedProcess } from "./process.ts";
import type { Store } from "./store.ts";
import type { World } from "./world.ts";

const GHOST_WITHIN_MS = 4000;

export interface SimulatedLogOptions {
  /** How long a join, a leave or a close waits for handlers that are still running; 4 s when absent. */
  readonly drainWithinMs?: number;
}

/** One process's way to the world's log. */
export class SimulatedLog implements EventLog {
  readonly #world: World;
  readonly #process: SimulatedProcess;
  readonly #store: Store;
  readonly #drainWithinMs: number;
  readonly #members = new Set<Member>();
  readonly #underWay = new Set<Promise<unknown>>();
  readonly #ended = new AbortController();
  #closed: Promise<void> | undefined;
  #sealed = false;

  constructor(world: World, process: SimulatedProcess, { drainWithinMs = 4000 }: SimulatedLogOptions = {}) {
    this.#world = world;
    this.#process = process;
    this.#store = world.store("log");
    this.#drainWithinMs = drainWithinMs;
  }

  async declareTopics(specs: readonly TopicSpec[]): Promise<void> {
    this.#mustBeOpen();
    await this.#store.declare(this.#process, "declareTopics", () => this.#world.log.declare(specs));
  }

  /** Consumers that drain may still publish what they made. */
  async publish(topic: string, records: readonly LogRecord[]): Promise<void> {
    if (this.#sealed) this.#mustBeOpen();
    this.#world.log.topic(topic);
    if (records.length === 0) return;
    const copies = records.map(({ key, value, headers }) => ({ key, value: Uint8Array.from(value), ...(headers === undefined ? {} : { headers: { ...headers } }) }));
    const write = this.#store.write(this.#process, `publish(${topic} ${copies.length})`, () => this.#world.log.append(topic, copies));
    try {
      await this.#watched(write);
    } catch (error) {
      if (error instanceof CaudalError && error.retry === "unknown") this.#haunt(topic, copies);
      throw error;
    }
  }

  async consume(options: ConsumeOptions): Promise<Consumption> {
    this.#mustBeOpen();
    // What still ran when its process ended reaches nobody.
    if (!this.#process.alive) return forever();
    const topic = this.#world.log.topic(options.topic);
    const member = this.#world.log.coordinator(topic, options.group).join({ options, process: this.#process, drainWithinMs: this.#drainWithinMs });
    this.#members.add(member);
    return member;
  }

  async read({ topic, partition: number, fromOffset, maxRecords = 500, maxBytes = 1024 * 1024, waitMs = 0, signal }: ReadRequest): Promise<RecordBatch> {
    const deadline = performance.now() + waitMs;
    for (;;) {
      this.#mustBeOpen();
      if (signal?.aborted === true) throw abortError();
      const partition = this.#world.log.partition(topic, number);
      mustHold(partition, fromOffset);
      const batch = await this.#store.read(this.#process, "read", () => {
        mustHold(partition, fromOffset);
        return batchFrom(partition, fromOffset, { maxRecords, maxBytes });
      });
      const leftMs = deadline - performance.now();
      if (batch.records.length > 0 || leftMs <= 0) return batch;
      this.#mustBeOpen();
      if (partition.nextOffset === fromOffset) await partition.moved.wait({ signal: signal === undefined ? this.#ended.signal : AbortSignal.any([signal, this.#ended.signal]), timeoutMs: leftMs });
    }
  }

  async bounds(topic: string): Promise<readonly PartitionBounds[]> {
    this.#mustBeOpen();
    const { log } = this.#world;
    log.topic(topic);
    return this.#store.read(this.#process, "bounds", () => {
      log.sweep(log.topic(topic));
      return log.topic(topic).partitions.map(({ partition, startOffset, nextOffset }) => ({ partition, startOffset, endOffset: nextOffset }));
    });
  }

  async lag(topic: string, group: string): Promise<readonly PartitionLag[]> {
    this.#mustBeOpen();
    return this.#store.read(this.#process, "lag", () => {
      const state = this.#world.log.topic(topic);
      return state.partitions.map(({ partition, startOffset, nextOffset }) => {
        const committedOffset = Math.max(startOffset, state.committed.get(group)?.get(partition) ?? startOffset);
        return { partition, committedOffset, endOffset: nextOffset, lag: nextOffset - committedOffset };
      });
    });
  }

  async groups(topic: string): Promise<readonly string[]> {
    this.#mustBeOpen();
    return this.#store.read(this.#process, "groups", () => [...this.#world.log.topic(topic).committed.keys()].sort());
  }

  async trimBefore(topic: string, number: number, offset: number): Promise<void> {
    this.#mustBeOpen();
    await this.#store.write(this.#process, "trimBefore", () => {
      const partition = this.#world.log.partition(topic, number);
      if (!Number.isSafeInteger(offset) || offset < 0 || offset > partition.nextOffset) throw new CaudalError("offset-out-of-range", `${topic}/${number} ends at ${partition.nextOffset}; it cannot be trimmed before ${offset}`);
      this.#world.log.trim(partition, offset);
    });
  }

  async setOffset(topic: string, group: string, number: number, offset: number): Promise<void> {
    this.#mustBeOpen();
    await this.#store.write(this.#process, "setOffset", () => {
      const partition = this.#world.log.partition(topic, number);
      const members = partition.topic.groups.get(group);
      if (members !== undefined && !members.empty) throw new CaudalError("in-use", `group ${group} has members on ${topic}`);
      if (!Number.isSafeInteger(offset) || offset < partition.startOffset || offset > partition.nextOffset) throw new CaudalError("offset-out-of-range", `${topic}/${number} holds ${partition.startOffset} to before ${partition.nextOffset}, not ${offset}`);
      this.#world.log.commit(partition.topic, group, number, offset);
    });
  }

  async advanceTo(topic: string, number: number, offset: number): Promise<void> {
    this.#mustBeOpen();
    await this.#store.write(this.#process, "advanceTo", () => {
      const partition = this.#world.log.partition(topic, number);
      if (!Number.isSafeInteger(offset) || offset < partition.nextOffset) throw new CaudalError("offset-out-of-range", `${topic}/${number} ends at ${partition.nextOffset} already`);
      if (partition.records.length > 0) throw new CaudalError("bad-request", `${topic}/${number} holds records`);
      partition.nextOffset = offset;
      partition.startOffset = offset;
    });
  }

  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  /** The group thinks that this process's members are gone, although they only are slow. */
  expire(): void {
    for (const member of this.#members) if (!member.closing) member.expire();
  }

  async #close(): Promise<void> {
    this.#ended.abort();
    await Promise.all([...this.#members].map((member) => member.close()));
    this.#sealed = true;
    await Promise.all(this.#underWay);
  }

  /** A batch of unknown outcome may appear once more later: what the network held back arrives. */
  #haunt(topic: string, records: readonly LogRecord[]): void {
    const { random } = this.#world;
    if (!random.chance(this.#store.temper.ghost)) return;
    const waitMs = random.between(1, GHOST_WITHIN_MS);
    this.#world.tell(`log ghost of ${records.length} on ${topic} in ${waitMs.toFixed(0)} ms`);
    running.run(undefined, () => setTimeout(() => this.#world.log.append(topic, records), waitMs));
  }

  #watched<T>(work: Promise<T>): Promise<T> {
    const settled = work.then(() => undefined, () => undefined);
    this.#underWay.add(settled);
    void settled.then(() => this.#underWay.delete(settled));
    return work;
  }

  #mustBeOpen(): void {
    if (this.#closed !== undefined) throw new CaudalError("closed", "the log is closed");
  }
}

function mustHold({ topic, partition, startOffset, nextOffset }: PartitionState, offset: number): void {
  if (Number.isSafeInteger(offset) && offset >= startOffset && offset <= nextOffset) return;
  throw new CaudalError("offset-out-of-range", `${topic.name}/${partition} holds ${startOffset} to before ${nextOffset}, not ${offset}`);
}

function abortError(): Error {
  return Object.assign(new Error("The operation was aborted"), { name: "AbortError" });
}
