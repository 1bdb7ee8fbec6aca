import { setTimeout as pause } from "node:timers/promises";
import { Bell, type ConsumeOptions, type Consumption, type PartitionBounds, type Tell } from "@caudal/core";
import { kindOf, toCaudal } from "../wire/failure.ts";
import type { Link } from "../wire/link.ts";
import { pauseAfter } from "../wire/patience.ts";
import { Commits } from "./commits.ts";
import { Delivery, type DeliveryGate } from "./delivery.ts";
import { Feed } from "./feed.ts";
import { Membership, type Generation } from "./membership.ts";
import { Pulse } from "./pulse.ts";

export interface ConsumeTiming {
  readonly heartbeatMs: number;
  /** A member that says nothing for this long is taken out of the group. */
  readonly sessionTimeoutMs: number;
  /** How long the group waits for its members to give their partitions back. */
  readonly rebalanceTimeoutMs: number;
  /** How long a rebalance or a close waits for handlers that are still running. */
  readonly drainWithinMs: number;
  /** A consumer that hears nothing at all from a broker for this long is built anew. */
  readonly stuckAfterMs: number;
  readonly answerWithinMs: number;
}

export interface MemberParts {
  readonly options: ConsumeOptions;
  /** Names in Kafka. */
  readonly topic: string;
  readonly groupId: string;
  readonly timing: ConsumeTiming;
  /** Each use has a link of its own: a fetch or a join that waits must not hold up a heartbeat. */
  readonly openLink: () => Link;
  /** Where each partition's group stands, or its start. */
  readonly positions: (partitions: readonly number[]) => Promise<ReadonlyMap<number, number>>;
  readonly bounds: (partition: number) => Promise<PartitionBounds>;
  readonly tell: Tell;
  readonly onClosed: () => void;
}

const FIRST_PAUSE_MS = 50;
const LONGEST_PAUSE_MS = 500;

/** One consumption: a member of a group, generation after generation. */
export class Member implements Consumption, DeliveryGate {
  readonly group: string;
  readonly topic: string;
  readonly resumed = new Bell();
  readonly #parts: MemberParts;
  readonly #closing = new AbortController();
  readonly #life: Promise<void>;
  readonly #watchdog: NodeJS.Timeout;
  /** One for the group's protocol, one for fetching. */
  #links: { readonly group: Link; readonly fetch: Link };
  readonly #membership: Membership;
  #pulse: Pulse | undefined;
  #joining = false;
  #feed: Feed | undefined;
  #deliveries: readonly Delivery[] = [];
  #paused = false;
  #heardAtMs = performance.now();
  #drainWithinMs: number;
  #closed: Promise<void> | undefined;

  /** Joins at once; returns before partitions are owned. */
  constructor(parts: MemberParts) {
    this.#parts = parts;
    this.group = parts.options.group;
    this.topic = parts.options.topic;
    this.#drainWithinMs = parts.timing.drainWithinMs;
    this.#links = { group: parts.openLink(), fetch: parts.openLink() };
    const { topic, groupId } = parts;
    const { sessionTimeoutMs, rebalanceTimeoutMs } = parts.timing;
    this.#membership = new Membership(() => this.#links.group, { groupId, topic, sessionTimeoutMs, rebalanceTimeoutMs });
    this.#watchdog = setInterval(() => this.#watch(), Math.min(1000, parts.timing.stuckAfterMs / 2));
    this.#life = this.#live();
  }

  get paused(): boolean {
    return this.#paused;
  }

  pause(): void {
    this.#paused = true;
  }

  resume(): void {
    this.#paused = false;
    this.resumed.ring();
    this.#feed?.wake();
  }

  owned(): readonly number[] {
    return this.#deliveries.map(({ partition }) => partition);
  }

  close(timeoutMs = this.#parts.timing.drainWithinMs): Promise<void> {
    this.#closed ??= this.#close(timeoutMs);
    return this.#closed;
  }

  /** Ends it as a killed process would: nothing drained, nothing said. */
  cut(): void {
    this.#closing.abort();
    this.#closed ??= Promise.resolve();
    for (const delivery of this.#deliveries) delivery.fence();
    this.#deliveries = [];
    this.#feed?.stop();
    this.#closeLinks();
  }

  async #close(timeoutMs: number): Promise<void> {
    this.#drainWithinMs = timeoutMs;
    this.#closing.abort();
    // A join under way waits for the others; leaving ends it.
    if (this.#joining) await this.#leave();
    await this.#life;
    await this.#leave();
    this.#closeLinks();
    this.#parts.onClosed();
  }

  async #leave(): Promise<void> {
    const link = this.#parts.openLink();
    await this.#membership.leave(link).catch((error: unknown) => this.#tellFailure("kafka.leave-failed", error));
    link.close();
    if (this.#joining) this.#closeLinks();
  }

  async #live(): Promise<void> {
    const { signal } = this.#closing;
    for (let failures = 0; !signal.aborted; ) {
      try {
        const generation = await this.#join();
        failures = 0;
        if (!signal.aborted) await this.#serve(generation);
      } catch (error) {
        if (signal.aborted) break;
        // One that joins too late for a generation just joins the next.
        if (kindOf(error) === "REBALANCE_IN_PROGRESS") continue;
        if (failures === 0) this.#tellFailure("kafka.join-failed", error);
        await pause(pauseAfter(failures, FIRST_PAUSE_MS, LONGEST_PAUSE_MS), undefined, { signal }).catch(() => undefined);
        failures += 1;
      }
    }
    clearInterval(this.#watchdog);
  }

  async #join(): Promise<Generation> {
    this.#joining = true;
    try {
      return await this.#membership.join();
    } finally {
      this.#joining = false;
      this.#heard();
    }
  }

  /** Works as the owner of partitions until the group deals anew, this member is closed or it was taken out. */
  async #serve({ generation, partitions }: Generation): Promise<void> {
    const membership = this.#membership;
    const { timing } = this.#parts;
    const pulse = new Pulse({ membership, everyMs: timing.heartbeatMs, sessionTimeoutMs: timing.sessionTimeoutMs, onAnswer: () => this.#heard() });
    const commits = new Commits({
      send: (positions) => membership.commit(generation, positions),
      onStale: () => pulse.lose(),
      onFailure: (error) => this.#tellFailure("kafka.commit-failed", error),
    });
    this.#pulse = pulse;
    void pulse.lost.then(() => this.#deliveries.forEach((delivery) => delivery.fence()));
    try {
      const positions = await this.#parts.positions(partitions);
      this.#deliver(generation, positions, commits);
      this.#parts.tell("kafka.partitions-assigned", { group: this.group, topic: this.topic, generation, partitions }, "info");
      const end = await Promise.race([pulse.ended, this.#aborted()]);
      if (end === "lost") this.#parts.tell("kafka.partitions-lost", { group: this.group, topic: this.topic, generation });
      await this.#release();
    } finally {
      pulse.stop();
      commits.stop();
      this.#feed?.stop();
      this.#deliveries = [];
    }
  }

  #deliver(generation: number, positions: ReadonlyMap<number, number>, commits: Commits): void {
    const { options, topic, timing, bounds, tell } = this.#parts;
    const feed = new Feed({ link: this.#links.fetch, topic, lingerMs: options.lingerMs ?? 0, answerWithinMs: timing.answerWithinMs, onAnswer: () => this.#heard(), tell });
    this.#feed = feed;
    this.#deliveries = [...positions].map(
      ([partition, start]) => new Delivery({ options, partition, generation, gate: this, commits, start, bounds: () => bounds(partition), onRoom: () => feed.wake() }),
    );
    feed.start(this.#deliveries);
  }

  /** Gives all partitions back; heartbeats go on meanwhile. */
  async #release(): Promise<void> {
    await Promise.all(this.#deliveries.map((delivery) => delivery.stop(this.#drainWithinMs)));
  }

  #aborted(): Promise<"closing"> {
    const { signal } = this.#closing;
    return new Promise((resolve) => {
      if (signal.aborted) resolve("closing");
      else signal.addEventListener("abort", () => resolve("closing"), { once: true });
    });
  }

  #heard(): void {
    this.#heardAtMs = performance.now();
  }

  /** Every call has a deadline of its own; this is for the case that nobody thought of. */
  #watch(): void {
    const silentMs = performance.now() - this.#heardAtMs;
    if (silentMs < this.#parts.timing.stuckAfterMs) return;
    this.#parts.tell("kafka.consumer-restarted", { group: this.group, topic: this.topic, silentMs: Math.round(silentMs) });
    this.#heard();
    this.#closeLinks();
    this.#links = { group: this.#parts.openLink(), fetch: this.#parts.openLink() };
    this.#pulse?.lose();
  }

  #closeLinks(): void {
    this.#links.group.close();
    this.#links.fetch.close();
  }

  #tellFailure(event: string, error: unknown): void {
    this.#parts.tell(event, { group: this.group, topic: this.topic, error: toCaudal(error, "group").message });
  }
}
