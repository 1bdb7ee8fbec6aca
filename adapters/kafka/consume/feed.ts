import type { Tell } from "@caudal/core";
import { kindOf, toCaudal } from "../wire/failure.ts";
import { fetchFrom, type FetchedPartition } from "../wire/fetch.ts";
import { errorOfCode } from "../wire/kafkajs.ts";
import type { Link } from "../wire/link.ts";
import { pauseAfter } from "../wire/patience.ts";
import type { Delivery } from "./delivery.ts";

/** Longer would keep a partition that wants again waiting behind those that have nothing. */
const MAX_WAIT_MS = 250;
/** Records that wait for others go once there are so many bytes of them. */
const LINGER_BYTES = 128 * 1024;
const PARTITION_BYTES = 512 * 1024;
const REQUEST_BYTES = 4 * 1024 * 1024;
/** In place of a broker: nobody leads the partition, or who does is not known. */
const NOBODY = -1;
const FIRST_PAUSE_MS = 30;
const LONGEST_PAUSE_MS = 500;

export interface FeedParts {
  readonly link: Link;
  readonly topic: string;
  /** Records may wait so long at the broker for others. */
  readonly lingerMs: number;
  readonly answerWithinMs: number;
  /** A broker answered. */
  readonly onAnswer: () => void;
  readonly tell: Tell;
}

/** Fetches for the deliveries of one generation: one fetch under way a broker, for all partitions that it leads and that want more. */
export class Feed {
  readonly #parts: FeedParts;
  readonly #busy = new Set<number>();
  /** Brokers that failed a moment ago; the others go on. */
  readonly #resting = new Map<number, NodeJS.Timeout>();
  #deliveries: readonly Delivery[] = [];
  #asking = false;
  #stopped = false;
  readonly #failures = new Map<number, number>();

  constructor(parts: FeedParts) {
    this.#parts = parts;
  }

  start(deliveries: readonly Delivery[]): void {
    this.#deliveries = deliveries;
    this.wake();
  }

  stop(): void {
    this.#stopped = true;
    for (const timer of this.#resting.values()) clearTimeout(timer);
  }

  /** Some delivery wants more now. */
  wake(): void {
    if (this.#stopped) return;
    const wanting = this.#deliveries.filter(({ wanted }) => wanted !== undefined);
    if (wanting.length === 0) return;
    const leaders = this.#parts.link.knownLeaders(this.#parts.topic);
    if (leaders === undefined) {
      if (!this.#resting.has(NOBODY)) void this.#findLeaders();
      return;
    }
    const byLeader = Map.groupBy(wanting, ({ partition }) => leaders[partition] ?? NOBODY);
    for (const [node, deliveries] of byLeader) {
      if (this.#resting.has(node) || this.#busy.has(node)) continue;
      if (node === NOBODY) this.#rest(NOBODY, new Error("a partition has no leader now"));
      else void this.#fetch(node, deliveries);
    }
  }

  async #fetch(node: number, deliveries: readonly Delivery[]): Promise<void> {
    const { link, topic, lingerMs, answerWithinMs, onAnswer } = this.#parts;
    this.#busy.add(node);
    try {
      const wire = await link.node(node);
      const asked = deliveries.flatMap((delivery) => (delivery.wanted === undefined ? [] : [{ delivery, from: delivery.wanted }]));
      if (asked.length > 0) {
        const places = asked.map(({ delivery: { partition }, from }) => ({ topic, partition, fetchOffset: from, maxBytes: PARTITION_BYTES }));
        const answer = await fetchFrom(wire, { places, maxBytes: REQUEST_BYTES, maxWaitMs: lingerMs > 0 ? Math.min(lingerMs, MAX_WAIT_MS) : MAX_WAIT_MS, minBytes: lingerMs > 0 ? LINGER_BYTES : 1, answerWithinMs });
        onAnswer();
        this.#failures.delete(node);
        this.#failures.delete(NOBODY);
        for (const found of answer) {
          const place = asked.find(({ delivery }) => delivery.partition === found.partition);
          if (place !== undefined) await this.#handOver(found, place.delivery, place.from);
        }
      }
    } catch (error) {
      this.#rest(node, error);
    }
    this.#busy.delete(node);
    this.wake();
  }

  async #handOver({ errorCode, bytes, endOffset }: FetchedPartition, delivery: Delivery, from: number): Promise<void> {
    if (errorCode === 0) {
      delivery.accept(from, bytes, endOffset);
      return;
    }
    const error = errorOfCode(errorCode);
    if (kindOf(error) !== "OFFSET_OUT_OF_RANGE") throw error;
    this.#parts.tell("kafka.position-moved", { topic: this.#parts.topic, partition: delivery.partition, from });
    await delivery.relocate(from);
  }

  async #findLeaders(): Promise<void> {
    if (this.#asking) return;
    this.#asking = true;
    try {
      await this.#parts.link.leaders(this.#parts.topic);
    } catch (error) {
      this.#rest(NOBODY, error);
    }
    this.#asking = false;
    this.wake();
  }

  #rest(node: number, error: unknown): void {
    if (this.#stopped) return;
    const { link, topic, tell } = this.#parts;
    const failures = this.#failures.get(node) ?? 0;
    link.forget(topic);
    if (this.#failures.size === 0) tell("kafka.fetch-failed", { topic, error: toCaudal(error, "fetch").message });
    this.#failures.set(node, failures + 1);
    const wakeUp = (): void => {
      this.#resting.delete(node);
      this.wake();
    };
    this.#resting.set(node, setTimeout(wakeUp, pauseAfter(failures, FIRST_PAUSE_MS, LONGEST_PAUSE_MS)));
  }
}
