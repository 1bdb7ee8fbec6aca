import { hasCode, topics, type EventLog } from "@caudal/core";
import type { Clock, Logger } from "@caudal/runtime";
import type { Codec } from "@caudal/schemas";
import type { PointDirectory } from "../points/point-directory.ts";
import { liveBatch, type LiveBatch } from "./live-event.ts";
import { RollupNews, type RollupWord } from "./rollup-news.ts";
import type { LivePosition } from "./position.ts";

export interface LiveTailOptions {
  readonly log: EventLog;
  readonly codec: Codec;
  readonly directory: PointDirectory;
  readonly clock: Clock;
  readonly logger: Logger;
}

const WAIT_MS = 15_000;
const RETRY_MS = 500;
const BATCH_RECORDS = 500;
/** Characters of events that are kept for all; who is further behind reads the log. */
const KEPT_CHARACTERS = 4 * 1024 * 1024;
const CATCH_UPS_AT_ONCE = 4;

/**
 * Reads caudal.measurements once for all live clients: the newest events are kept decoded, as far as they fit. A client asks for what follows
 * its own place; what is no longer kept is read from the log for it alone. So a slow client costs no memory.
 */
export class LiveTail {
  /** Word of recomputed rollups, which stands in no log. */
  readonly news = new RollupNews();
  readonly #options: LiveTailOptions;
  readonly #kept: LiveBatch[][] = [];
  readonly #next: number[] = [];
  readonly #order: { readonly partition: number; readonly characters: number }[] = [];
  #characters = 0;
  #ended = new AbortController();
  #started: Promise<void> | undefined;
  #users = 0;
  #wake: () => void = () => undefined;
  #moved: Promise<void> = Promise.resolve();
  #catchUps = 0;
  readonly #waiting: (() => void)[] = [];

  constructor(options: LiveTailOptions) {
    this.#options = options;
    this.#renew();
  }

  /** One more client; reading begins with the first and ends with the last. */
  async join(): Promise<void> {
    this.#users += 1;
    this.#started ??= this.#start();
    try {
      await this.#started;
    } catch (error) {
      this.leave();
      this.#started = undefined;
      throw error;
    }
  }

  leave(): void {
    this.#users -= 1;
    if (this.#users === 0) this.stop();
  }

  stop(): void {
    this.#ended.abort();
    this.#started = undefined;
    // A promise that stayed resolved would make the next client turn round and round without ever letting a read finish.
    const wake = this.#wake;
    this.#renew();
    wake();
  }

  /** Tells all clients. */
  tell(words: readonly RollupWord[]): void {
    this.news.tell(words);
    const wake = this.#wake;
    this.#renew();
    wake();
  }

  /** Where a client that wants only what comes begins. */
  position(): LivePosition {
    return [...this.#next];
  }

  /** Ends of the log's partitions: no place lies beyond. */
  async ends(): Promise<LivePosition> {
    return (await this.#options.log.bounds(topics.measurements)).map(({ endOffset }) => endOffset);
  }

  /** Resolves when anything came since `moved` was taken, or when reading ended. */
  get moved(): Promise<void> {
    return this.#moved;
  }

  /** Events from an offset on; an empty batch at the end of the partition. Rejects with "offset-out-of-range" for what the log holds no longer. */
  async after(partition: number, offset: number): Promise<LiveBatch> {
    const next = this.#next[partition]!;
    if (offset === next) return { fromOffset: offset, nextOffset: offset, events: [] };
    const kept = this.#kept[partition]!.find((batch) => offset >= batch.fromOffset && offset < batch.nextOffset);
    if (kept !== undefined) return offset === kept.fromOffset ? kept : { ...kept, fromOffset: offset, events: kept.events.filter((event) => event.offset >= offset) };
    return this.#catchUp(partition, offset);
  }

  async #catchUp(partition: number, offset: number): Promise<LiveBatch> {
    while (this.#catchUps >= CATCH_UPS_AT_ONCE) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    this.#catchUps += 1;
    try {
      const batch = await this.#options.log.read({ topic: topics.measurements, partition, fromOffset: offset, maxRecords: BATCH_RECORDS });
      return await liveBatch(batch, offset, this.#options);
    } finally {
      this.#catchUps -= 1;
      this.#waiting.shift()?.();
    }
  }

  async #start(): Promise<void> {
    this.#ended = new AbortController();
    const bounds = await this.#options.log.bounds(topics.measurements);
    this.#order.length = 0;
    this.#characters = 0;
    for (const { partition, endOffset } of bounds) {
      this.#kept[partition] = [];
      this.#next[partition] = endOffset;
    }
    for (const { partition } of bounds) void this.#follow(partition, this.#ended.signal);
  }

  async #follow(partition: number, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const fromOffset = this.#next[partition]!;
      try {
        const batch = await this.#options.log.read({ topic: topics.measurements, partition, fromOffset, maxRecords: BATCH_RECORDS, waitMs: WAIT_MS, signal });
        if (batch.nextOffset === fromOffset) continue;
        const decoded = await liveBatch(batch, fromOffset, this.#options);
        if (!signal.aborted) this.#keep(partition, decoded);
      } catch (error) {
        if (signal.aborted) return;
        await this.#recover(partition, error);
      }
    }
  }

  #keep(partition: number, batch: LiveBatch): void {
    const characters = batch.events.reduce((sum, { data }) => sum + data.length, 0);
    this.#kept[partition]!.push(batch);
    this.#order.push({ partition, characters });
    this.#characters += characters;
    this.#next[partition] = batch.nextOffset;
    while (this.#characters > KEPT_CHARACTERS) {
      const oldest = this.#order.shift()!;
      this.#kept[oldest.partition]!.shift();
      this.#characters -= oldest.characters;
    }
    const wake = this.#wake;
    this.#renew();
    wake();
  }

  async #recover(partition: number, error: unknown): Promise<void> {
    this.#options.logger.warn("live.read-failed", { partition, error });
    await new Promise((resolve) => setTimeout(resolve, RETRY_MS).unref());
    if (!hasCode(error, "offset-out-of-range")) return;
    const bounds = await this.#options.log.bounds(topics.measurements).catch(() => []);
    this.#next[partition] = bounds[partition]?.startOffset ?? this.#next[partition]!;
  }

  #renew(): void {
    this.#moved = new Promise((resolve) => (this.#wake = resolve));
  }
}
