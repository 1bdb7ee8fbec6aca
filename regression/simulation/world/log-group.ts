import { Bell, type ConsumeOptions, type Consumption } from "@caudal/core";
import { running } from "../time/virtual-time.ts";
import { Delivery } from "./delivery.ts";
import type { ConsumedLog, MembersOfGroup, PartitionState, TopicState } from "./log-topic.ts";
import type { SimulatedProcess } from "./process.ts";

/** Silence after which a member counts as gone. */
export const SESSION_MS = 6000;

export interface MemberParts {
  readonly options: ConsumeOptions;
  readonly process: SimulatedProcess;
  readonly drainWithinMs: number;
}

/** The members of one group on one topic. Each join, leave or loss takes all partitions back, begins a generation and deals them anew. */
export class GroupCoordinator implements MembersOfGroup {
  readonly log: ConsumedLog;
  readonly topic: TopicState;
  readonly name: string;
  readonly #members: Member[] = [];
  #generation = 0;
  #changed = false;
  #rebalancing = false;

  constructor(log: ConsumedLog, topic: TopicState, name: string) {
    this.log = log;
    this.topic = topic;
    this.name = name;
  }

  get empty(): boolean {
    return this.#members.length === 0;
  }

  /** Returns before partitions are owned: a handler of this very group may be what the deal waits for. */
  join(parts: MemberParts): Member {
    const member = new Member(this, parts);
    this.add(member);
    return member;
  }

  add(member: Member): void {
    if (!this.#members.includes(member)) this.#members.push(member);
    this.rebalance();
  }

  remove(member: Member): void {
    const at = this.#members.indexOf(member);
    if (at >= 0) this.#members.splice(at, 1);
    this.rebalance();
  }

  /** The log itself went down: whoever is still there joins again. */
  forget(): void {
    for (const member of [...this.#members]) if (!member.process.alive) this.#members.splice(this.#members.indexOf(member), 1);
    this.rebalance();
  }

  rebalance(): void {
    this.#changed = true;
    if (this.#rebalancing) return;
    this.#rebalancing = true;
    void running.run(undefined, () => this.#deal());
  }

  async #deal(): Promise<void> {
    while (this.#changed) {
      this.#changed = false;
      await Promise.all(this.#members.map((member) => member.release()));
      if (this.#changed) continue;
      this.#generation += 1;
      const takers = this.#members.filter((member) => !member.closing);
      this.log.world.tell(`log group ${this.name} generation ${this.#generation} of ${takers.length}`);
      for (const [at, taker] of takers.entries()) taker.take(this.topic.partitions.filter((_, number) => number % takers.length === at), this.#generation);
    }
    this.#rebalancing = false;
  }
}

/** One consumption: a member of a group. */
export class Member implements Consumption {
  readonly group: string;
  readonly topic: string;
  readonly process: SimulatedProcess;
  readonly resumed = new Bell();
  paused = false;
  readonly #group: GroupCoordinator;
  readonly #parts: MemberParts;
  readonly #forgotten: () => void;
  #deliveries: readonly Delivery[] = [];
  #closed: Promise<void> | undefined;

  constructor(group: GroupCoordinator, parts: MemberParts) {
    this.#group = group;
    this.#parts = parts;
    this.group = parts.options.group;
    this.topic = parts.options.topic;
    this.process = parts.process;
    this.#forgotten = parts.process.onEnd(() => running.run(undefined, () => setTimeout(() => this.#lost(), SESSION_MS)));
  }

  get closing(): boolean {
    return this.#closed !== undefined;
  }

  pause(): void {
    this.paused = true;
  }

  resume(): void {
    this.paused = false;
    this.resumed.ring();
  }

  owned(): readonly number[] {
    return this.#deliveries.map(({ partition }) => partition.partition);
  }

  close(timeoutMs = this.#parts.drainWithinMs): Promise<void> {
    this.#closed ??= this.#close(timeoutMs);
    return this.#closed;
  }

  take(partitions: readonly PartitionState[], generation: number): void {
    this.#deliveries = this.process.run(() => partitions.map((partition) => new Delivery({ member: this, options: this.#parts.options, partition, generation, log: this.#group.log })));
  }

  /** Gives all partitions back. One that is gone or held gives nothing: its time is over all the same. */
  async release(timeoutMs = this.#parts.drainWithinMs): Promise<void> {
    const deliveries = this.#deliveries;
    await Promise.all(deliveries.map((delivery) => delivery.stop(this.process.alive ? timeoutMs : 0)));
    if (this.#deliveries === deliveries) this.#deliveries = [];
  }

  /** Was silent for too long: its partitions go to others while it may still be at work. When it wakes it joins again. */
  expire(): void {
    for (const delivery of this.#deliveries) delivery.fence();
    this.#group.remove(this);
    this.process.run(() => setTimeout(() => void this.#rejoin(), 1));
  }

  async #rejoin(): Promise<void> {
    await this.release();
    if (!this.closing) this.#group.add(this);
  }

  #lost(): void {
    for (const delivery of this.#deliveries) delivery.fence();
    this.#group.remove(this);
  }

  async #close(timeoutMs: number): Promise<void> {
    this.#forgotten();
    await this.release(timeoutMs);
    this.#group.remove(this);
  }
}
