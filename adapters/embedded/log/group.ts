import { Bell, type ConsumeOptions, type Consumption } from "@caudal/core";
import { Delivery, type DeliveryGate } from "./delivery.ts";
import type { Fetcher } from "./fetcher.ts";
import type { GroupOffsets } from "./group-offsets.ts";
import type { PartitionLog, TopicLog } from "./partition-log.ts";

export interface GroupParts {
  readonly topic: TopicLog;
  readonly fetcher: Fetcher;
  readonly offsets: GroupOffsets;
  /** How long a join, a leave or a close waits for handlers that are still running. */
  readonly drainWithinMs: number;
  /** Makes positions durable. */
  readonly settle: () => Promise<void>;
}

/** The members of one group on one topic. Each join or leave takes all partitions back, begins a generation and deals them anew. */
export class Group {
  readonly #parts: GroupParts;
  readonly #members: Member[] = [];
  #generation = 0;
  #changed = false;
  #rebalancing: Promise<void> | undefined;

  constructor(parts: GroupParts) {
    this.#parts = parts;
  }

  get empty(): boolean {
    return this.#members.length === 0;
  }

  /** Returns before partitions are owned: a handler of this very group may be what the deal waits for. */
  join(options: ConsumeOptions): Consumption {
    const member = new Member(options, this.#parts, () => this.#leave(member));
    this.#members.push(member);
    this.#rebalance();
    return member;
  }

  async close(timeoutMs: number): Promise<void> {
    await Promise.all([...this.#members].map((member) => member.close(timeoutMs)));
    await this.#rebalancing;
  }

  #leave(member: Member): void {
    this.#members.splice(this.#members.indexOf(member), 1);
    this.#rebalance();
  }

  #rebalance(): void {
    this.#changed = true;
    this.#rebalancing ??= this.#deal();
  }

  async #deal(): Promise<void> {
    while (this.#changed) {
      this.#changed = false;
      await Promise.all(this.#members.map((member) => member.release(this.#parts.drainWithinMs)));
      if (this.#changed) continue;
      this.#generation += 1;
      const takers = this.#members.filter((member) => !member.closing);
      for (const [at, taker] of takers.entries()) {
        taker.take(this.#parts.topic.partitions.filter((_, number) => number % takers.length === at), this.#generation);
      }
    }
    this.#rebalancing = undefined;
  }
}

/** One consumption: a member of a group. */
class Member implements Consumption, DeliveryGate {
  readonly group: string;
  readonly topic: string;
  readonly resumed = new Bell();
  readonly #options: ConsumeOptions;
  readonly #parts: GroupParts;
  readonly #leave: () => void;
  #paused = false;
  #deliveries: readonly Delivery[] = [];
  #closed: Promise<void> | undefined;

  constructor(options: ConsumeOptions, parts: GroupParts, leave: () => void) {
    this.group = options.group;
    this.topic = options.topic;
    this.#options = options;
    this.#parts = parts;
    this.#leave = leave;
  }

  get paused(): boolean {
    return this.#paused;
  }

  get closing(): boolean {
    return this.#closed !== undefined;
  }

  pause(): void {
    this.#paused = true;
  }

  resume(): void {
    this.#paused = false;
    this.resumed.ring();
  }

  owned(): readonly number[] {
    return this.#deliveries.map((delivery) => delivery.partition.partition);
  }

  close(timeoutMs = this.#parts.drainWithinMs): Promise<void> {
    this.#closed ??= this.#close(timeoutMs);
    return this.#closed;
  }

  take(partitions: readonly PartitionLog[], generation: number): void {
    const { fetcher, offsets } = this.#parts;
    this.#deliveries = partitions.map((partition) => new Delivery({ options: this.#options, partition, generation, gate: this, fetcher, offsets }));
  }

  /** Gives all partitions back. */
  async release(timeoutMs: number): Promise<void> {
    const deliveries = this.#deliveries;
    await Promise.all(deliveries.map((delivery) => delivery.stop(timeoutMs)));
    if (this.#deliveries === deliveries) this.#deliveries = [];
  }

  async #close(timeoutMs: number): Promise<void> {
    await this.release(timeoutMs);
    this.#leave();
    await this.#parts.settle();
  }
}
