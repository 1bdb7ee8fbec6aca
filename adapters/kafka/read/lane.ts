import { CaudalError } from "@caudal/core";
import { toCaudal } from "../wire/failure.ts";
import { fetchFrom, type FetchedPartition } from "../wire/fetch.ts";
import type { Link } from "../wire/link.ts";

/** Somebody who waits for records of one partition from an offset on. */
export interface Ask {
  /** Names in Kafka. */
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  readonly maxBytes: number;
  /** By `performance.now()`. */
  readonly untilMs: number;
  /** What one fetch brought; without records the ask is still open. */
  readonly onFetched: (found: FetchedPartition) => void;
  readonly onFailure: (error: unknown) => void;
}

const REQUEST_BYTES = 16 * 1024 * 1024;

/** Asks brokers on behalf of many, one fetch a broker at a time: a broker answers the requests of one connection one after the other. */
export class Lane {
  readonly #link: Link;
  readonly #answerWithinMs: number;
  #busy = false;

  constructor(link: Link, answerWithinMs: number) {
    this.#link = link;
    this.#answerWithinMs = answerWithinMs;
  }

  get busy(): boolean {
    return this.#busy;
  }

  /** One round for asks of different partitions; waits at a broker that has nothing for up to `maxWaitMs`. */
  async round(asks: readonly Ask[], maxWaitMs: number): Promise<void> {
    this.#busy = true;
    const topics = new Set(asks.map(({ topic }) => topic));
    const leaders = new Map<string, readonly number[]>();
    for (const topic of topics) {
      await this.#link.leaders(topic).then(
        (found) => leaders.set(topic, found),
        (error: unknown) => asks.filter((ask) => ask.topic === topic).forEach((ask) => ask.onFailure(error)),
      );
    }
    const open = asks.filter(({ topic }) => leaders.has(topic));
    const byLeader = Map.groupBy(open, ({ topic, partition }) => leaders.get(topic)?.[partition] ?? -1);
    await Promise.all([...byLeader].map(([node, own]) => this.#fetch(node, own, maxWaitMs)));
    this.#busy = false;
  }

  async #fetch(node: number, asks: readonly Ask[], maxWaitMs: number): Promise<void> {
    try {
      const wire = await this.#link.node(node);
      const places = asks.map(({ topic, partition, offset, maxBytes }) => ({ topic, partition, fetchOffset: offset, maxBytes }));
      const answer = await fetchFrom(wire, { places, maxBytes: REQUEST_BYTES, maxWaitMs, minBytes: 1, answerWithinMs: this.#answerWithinMs });
      for (const ask of asks) {
        const found = answer.find(({ topic, partition }) => topic === ask.topic && partition === ask.partition);
        if (found === undefined) ask.onFailure(new CaudalError("unavailable", `the broker's answer does not name ${ask.topic}/${ask.partition}`));
        else {
          if (found.errorCode !== 0) this.#link.forget(ask.topic);
          ask.onFetched(found);
        }
      }
    } catch (error) {
      for (const { topic } of asks) this.#link.forget(topic);
      for (const ask of asks) ask.onFailure(toCaudal(error, "read"));
    }
  }

  close(): void {
    this.#link.close();
  }
}
