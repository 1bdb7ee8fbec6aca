import { CaudalError, type ReadRequest, type RecordBatch } from "@caudal/core";
import { FetchedRecords } from "../records/fetched-records.ts";
import { isFinal, kindOf, toCaudal } from "../wire/failure.ts";
import type { FetchedPartition } from "../wire/fetch.ts";
import { errorOfCode } from "../wire/kafkajs.ts";
import type { Link } from "../wire/link.ts";
import { insist } from "../wire/patience.ts";
import { Lanes } from "./lanes.ts";
import { Leftovers } from "./leftovers.ts";

const READ_RECORDS = 500;
const READ_BYTES = 1024 * 1024;
const MAX_PARTITION_BYTES = 8 * 1024 * 1024;

export interface ReaderParts {
  readonly openLink: () => Link;
  readonly answerWithinMs: number;
  readonly withinMs: number;
  /** Aborts when the log closes. */
  readonly closing: AbortSignal;
}

/** Reads without a group: no join, no position kept; readers of many partitions share a few connections. */
export class Reader {
  readonly #parts: ReaderParts;
  readonly #lanes: Lanes;
  readonly #leftovers = new Leftovers();

  constructor(parts: ReaderParts) {
    this.#parts = parts;
    this.#lanes = new Lanes(parts.openLink, parts.answerWithinMs);
    parts.closing.addEventListener("abort", () => this.#lanes.close(), { once: true });
  }

  /** Forget what was fetched ahead: it may have been trimmed. */
  forget(topic: string, partition: number): void {
    this.#leftovers.take(topic, partition);
  }

  /** `topic` of the request is the name in Kafka; the batch names `shownTopic`. */
  async read(request: ReadRequest, shownTopic: string): Promise<RecordBatch> {
    const { topic, partition, fromOffset, maxRecords = READ_RECORDS, maxBytes = READ_BYTES, waitMs = 0, signal } = request;
    const limits = { maxRecords: Math.max(1, maxRecords), maxBytes };
    const untilMs = performance.now() + waitMs;
    for (;;) {
      signal?.throwIfAborted();
      const ahead = this.#leftovers.take(topic, partition, fromOffset);
      const { fetched, endOffset } = ahead ?? (await this.#fetch({ topic, partition, fromOffset, maxBytes }, untilMs, signal));
      const records = fetched.take(limits);
      if (!fetched.drained) this.#leftovers.keep(topic, partition, { fetched, endOffset });
      const nextOffset = Math.max(fromOffset, fetched.nextOffset);
      // Also when what was there were no records, as markers: there is a way on.
      if (records.length > 0 || nextOffset > fromOffset || performance.now() >= untilMs) {
        return { topic: shownTopic, partition, records, nextOffset, endOffset: Math.max(endOffset, nextOffset) };
      }
    }
  }

  async #fetch(request: ReadRequest, untilMs: number, signal: AbortSignal | undefined): Promise<{ fetched: FetchedRecords; endOffset: number }> {
    const { topic, partition, fromOffset } = request;
    const { closing, withinMs } = this.#parts;
    const either = signal === undefined ? closing : AbortSignal.any([closing, signal]);
    try {
      const found = await insist(() => this.#ask(request, untilMs, either), { doing: `read ${topic}/${partition}`, withinMs, signal: either });
      return { fetched: new FetchedRecords(found.bytes, fromOffset), endOffset: found.endOffset };
    } catch (error) {
      if (closing.aborted) throw new CaudalError("closed", "the log is closed", { cause: error });
      signal?.throwIfAborted();
      throw toCaudal(error, `read ${topic}/${partition} from ${fromOffset}`);
    }
  }

  async #ask({ topic, partition, fromOffset, maxBytes = READ_BYTES }: ReadRequest, untilMs: number, signal: AbortSignal): Promise<FetchedPartition> {
    const found = await new Promise<FetchedPartition>((resolve, reject) => {
      const abandon = (): void => reject(signal.reason as Error);
      signal.addEventListener("abort", abandon, { once: true });
      const settled = (settle: () => void): void => {
        signal.removeEventListener("abort", abandon);
        settle();
      };
      this.#lanes.add({
        topic, partition, offset: fromOffset, untilMs,
        maxBytes: Math.min(MAX_PARTITION_BYTES, Math.max(4096, maxBytes)),
        onFetched: (answer) => settled(() => resolve(answer)),
        onFailure: (error) => settled(() => reject(error as Error)),
      });
    });
    if (found.errorCode === 0) return found;
    const error = errorOfCode(found.errorCode);
    // A partition that the topic has but this broker does not lead is asked for elsewhere.
    if (kindOf(error) !== "UNKNOWN_TOPIC_OR_PARTITION" && isFinal(error)) throw error;
    throw new CaudalError("unavailable", `${topic}/${partition} is not led where it was asked for`, { cause: error });
  }
}
