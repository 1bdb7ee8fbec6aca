import { CaudalError, partitionOf, type LogRecord, type Tell } from "@caudal/core";
import type { Compression } from "../address/parse-url.ts";
import { mostBytes } from "../records/batch-writer.ts";
import { toCaudal } from "../wire/failure.ts";
import type { Link } from "../wire/link.ts";
import { pauseAfter } from "../wire/patience.ts";
import { Call } from "./batch.ts";
import { Outcomes } from "./outcomes.ts";
import { PartitionQueue } from "./partition-queue.ts";
import { Sender } from "./sender.ts";

/** Compressed or not, a record that is larger is refused here; topics take batches of 10 MiB. */
const MAX_RECORD_BYTES = 10 * 1024 * 1024 - 4096;
const MAX_REQUEST_BYTES = 8 * 1024 * 1024;
const FULL_AFTER_MS = 100;
const FIRST_PAUSE_MS = 30;
const LONGEST_PAUSE_MS = 500;

export interface PublisherParts {
  readonly link: Link;
  /** The topic's name in Kafka. */
  readonly nameOf: (topic: string) => string;
  /** Fails with "unknown-topic". */
  readonly partitionsOf: (topic: string) => Promise<number>;
  readonly compression: Compression;
  readonly answerWithinMs: number;
  /** How long a publish is tried; then "unavailable", or "timeout" when it may be there. */
  readonly publishWithinMs: number;
  readonly maxInFlightBytes: number;
  readonly tell: Tell;
}

/**
 * One outstanding request a broker, one batch of a partition in it, as the records of many calls. A batch whose answer is lost is sent
 * again as it was, with the same sequence: the broker takes it once, and nothing of the partition overtakes it.
 */
export class Publisher {
  readonly #parts: PublisherParts;
  readonly #topics = new Map<string, Promise<readonly PartitionQueue[]>>();
  readonly #waiting = new Set<PartitionQueue>();
  readonly #busy = new Set<number>();
  readonly #finding = new Set<string>();
  readonly #sender: Sender;
  readonly #outcomes: Outcomes;
  #waitingBytes = 0;
  #calls = 0;
  #scheduled: NodeJS.Immediate | NodeJS.Timeout | undefined;
  #idle: (() => void)[] = [];
  #stopped = false;

  constructor(parts: PublisherParts) {
    this.#parts = parts;
    this.#sender = new Sender(parts);
    this.#outcomes = new Outcomes({ forgetSession: () => this.#sender.forgetSession(), publishWithinMs: parts.publishWithinMs, tell: parts.tell });
  }

  async publish(topic: string, records: readonly LogRecord[]): Promise<void> {
    if (records.length === 0) return;
    const bytes = sizeOf(topic, records);
    const { maxInFlightBytes } = this.#parts;
    if (bytes > maxInFlightBytes) throw new CaudalError("too-large", `one publish of ${bytes} bytes to ${topic}; the most is ${maxInFlightBytes}`);
    if (this.#waitingBytes + bytes > maxInFlightBytes) {
      throw new CaudalError("unavailable", `${this.#waitingBytes} bytes wait to be sent already`, { afterMs: FULL_AFTER_MS });
    }
    this.#waitingBytes += bytes;
    this.#calls += 1;
    try {
      // Each call waits for the same promise, so they come out of it in their order.
      const queues = await this.#queuesOf(topic);
      await new Promise<void>((resolve, reject) => {
        const call = new Call(bytes, resolve, reject);
        for (const record of records) {
          const queue = queues[partitionOf(record.key, queues.length)] as PartitionQueue;
          queue.add(record, call);
          this.#waiting.add(queue);
        }
        this.#schedule();
      });
    } finally {
      this.#waitingBytes -= bytes;
      this.#calls -= 1;
      if (this.#calls === 0) for (const resolve of this.#idle.splice(0)) resolve();
    }
  }

  /** Resolves when every publish under way has resolved or failed. */
  async settle(): Promise<void> {
    if (this.#calls > 0) await new Promise<void>((resolve) => this.#idle.push(resolve));
  }

  stop(): void {
    this.#stopped = true;
    this.#unschedule();
  }

  #queuesOf(topic: string): Promise<readonly PartitionQueue[]> {
    const known = this.#topics.get(topic);
    if (known !== undefined) return known;
    const name = this.#parts.nameOf(topic);
    const queues = this.#parts.partitionsOf(topic).then((length) => Array.from({ length }, (_, partition) => new PartitionQueue(name, partition)));
    this.#topics.set(topic, queues);
    queues.catch(() => this.#topics.delete(topic));
    return queues;
  }

  // In the next turn of the event loop: all callers of this turn share a request.
  #schedule(afterMs = 0): void {
    if (this.#scheduled !== undefined && afterMs > 0) return;
    this.#unschedule();
    const run = (): void => {
      this.#scheduled = undefined;
      this.#sendWaiting();
    };
    this.#scheduled = afterMs > 0 ? setTimeout(run, afterMs) : setImmediate(run);
  }

  #unschedule(): void {
    if (this.#scheduled === undefined) return;
    clearTimeout(this.#scheduled as NodeJS.Timeout);
    clearImmediate(this.#scheduled as NodeJS.Immediate);
    this.#scheduled = undefined;
  }

  #sendWaiting(): void {
    if (this.#stopped) return;
    const nowMs = performance.now();
    const requests = new Map<number, PartitionQueue[]>();
    const sizes = new Map<number, number>();
    let soonestMs = Infinity;
    for (const queue of this.#waiting) {
      if (queue.inFlight) continue;
      this.#outcomes.giveUpOld(queue);
      if (queue.head === undefined) {
        this.#waiting.delete(queue);
        continue;
      }
      if (queue.notBeforeMs > nowMs) {
        soonestMs = Math.min(soonestMs, queue.notBeforeMs);
        continue;
      }
      const leader = this.#parts.link.knownLeaders(queue.topic)?.[queue.partition];
      if (leader === undefined) {
        this.#findLeaders(queue.topic);
        continue;
      }
      if (leader < 0) {
        queue.lastError = new Error(`${queue.place} has no leader now`);
        this.#again(queue);
        soonestMs = Math.min(soonestMs, queue.notBeforeMs);
        continue;
      }
      const size = sizes.get(leader) ?? 0;
      if (this.#busy.has(leader) || (size > 0 && size + queue.head.bytes > MAX_REQUEST_BYTES)) continue;
      sizes.set(leader, size + queue.head.bytes);
      requests.set(leader, [...(requests.get(leader) ?? []), queue]);
    }
    for (const [node, queues] of requests) void this.#send(node, queues);
    if (soonestMs < Infinity) this.#schedule(Math.max(1, soonestMs - nowMs));
  }

  async #send(node: number, queues: readonly PartitionQueue[]): Promise<void> {
    this.#busy.add(node);
    for (const queue of queues) {
      queue.inFlight = true;
      // Behind the others, so that a request of limited size takes them in turn.
      this.#waiting.delete(queue);
      this.#waiting.add(queue);
    }
    try {
      const answers = await this.#sender.send(node, queues);
      for (const queue of queues) {
        if (!this.#outcomes.settle(queue, answers.get(queue))) this.#again(queue);
      }
    } catch (error) {
      this.#parts.tell("kafka.publish-retried", { partitions: queues.length, error: toCaudal(error, "publish").message });
      for (const queue of queues) {
        queue.lastError = error;
        this.#again(queue);
      }
    }
    this.#busy.delete(node);
    for (const queue of queues) queue.inFlight = false;
    this.#schedule();
  }

  #again(queue: PartitionQueue): void {
    this.#parts.link.forget(queue.topic);
    queue.notBeforeMs = performance.now() + pauseAfter(queue.attempts, FIRST_PAUSE_MS, LONGEST_PAUSE_MS);
    queue.attempts += 1;
  }

  #findLeaders(topic: string): void {
    if (this.#finding.has(topic)) return;
    this.#finding.add(topic);
    const pausing = (error: unknown): void => {
      for (const queue of this.#waiting) {
        if (queue.topic !== topic || queue.inFlight) continue;
        queue.lastError = error;
        this.#again(queue);
      }
    };
    this.#parts.link
      .leaders(topic)
      .catch(pausing)
      .finally(() => {
        this.#finding.delete(topic);
        this.#schedule();
      });
  }
}

function sizeOf(topic: string, records: readonly LogRecord[]): number {
  let total = 0;
  for (const record of records) {
    const bytes = mostBytes(record);
    // Also when a caller without types gave no bytes at all: that must not poison the count of what waits.
    if (!(bytes <= MAX_RECORD_BYTES)) throw new CaudalError("too-large", `a record of ${bytes} bytes to ${topic}; the most is ${MAX_RECORD_BYTES}`);
    total += bytes;
  }
  return total;
}
