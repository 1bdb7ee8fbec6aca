import { setTimeout as pause } from "node:timers/promises";
import { CaudalError, insist, type Assignment, type Bell, type ConsumeOptions, type RecordBatch } from "@caudal/core";
import type { Fetcher, FetchLimits } from "./fetcher.ts";
import type { GroupOffsets } from "./group-offsets.ts";
import type { PartitionLog } from "./partition-log.ts";

const DEFAULT_LIMITS: FetchLimits = { maxRecords: 500, maxBytes: 1024 * 1024 };

/** What a delivery may ask of the member it works for. */
export interface DeliveryGate {
  readonly paused: boolean;
  /** Rings when `paused` ends. */
  readonly resumed: Bell;
}

export interface DeliveryParts {
  readonly options: ConsumeOptions;
  readonly partition: PartitionLog;
  readonly generation: number;
  readonly gate: DeliveryGate;
  readonly fetcher: Fetcher;
  readonly offsets: GroupOffsets;
}

/** Hands one partition to one member for one generation: one batch in hand, one at most read ahead. */
export class Delivery {
  readonly partition: PartitionLog;
  readonly #parts: DeliveryParts;
  readonly #limits: FetchLimits;
  readonly #abort = new AbortController();
  readonly #assignment: Assignment;
  readonly #ended: Promise<void>;
  #gained = false;
  #fenced = false;
  #ahead: { readonly from: number; readonly batch: Promise<RecordBatch> } | undefined;

  /** Starts at once. */
  constructor(parts: DeliveryParts) {
    this.#parts = parts;
    this.partition = parts.partition;
    const { maxBatchRecords = DEFAULT_LIMITS.maxRecords, maxBatchBytes = DEFAULT_LIMITS.maxBytes } = parts.options;
    this.#limits = { maxRecords: Math.max(1, maxBatchRecords), maxBytes: Math.max(1, maxBatchBytes) };
    this.#assignment = this.#makeAssignment();
    this.#ended = this.#run();
  }

  /**
   * Ends the delivery: lets the batch in hand finish, then tells the handler, all within `timeoutMs`. What takes longer loses its right
   * to commit and is told so whenever it ends.
   */
  async stop(timeoutMs: number): Promise<void> {
    this.#abort.abort();
    const timer = new AbortController();
    await Promise.race([this.#ended, pause(timeoutMs, undefined, { signal: timer.signal }).catch(() => undefined)]);
    timer.abort();
    this.#fenced = true;
  }

  async #run(): Promise<void> {
    const start = await this.#begin();
    if (start !== undefined) await this.#deliver(start);
    if (!this.#gained) return;
    try {
      await this.#parts.options.handler.revoked?.(this.#assignment, this.#fenced);
    } catch (error) {
      this.#tell(error, 1);
    }
  }

  /** Offset to start at; undefined when the partition went away before there was one. */
  async #begin(): Promise<number | undefined> {
    const { options, partition, offsets } = this.#parts;
    return this.#insist(async () => {
      const wanted = await options.handler.assigned?.(this.#assignment);
      if (wanted !== undefined && (!Number.isSafeInteger(wanted) || wanted < 0 || wanted > partition.endOffset)) {
        throw new CaudalError("offset-out-of-range", `${options.group} asks to start ${placeOf(partition)} at ${wanted}; its end is ${partition.endOffset}`);
      }
      this.#gained = true;
      return wanted ?? offsets.get(partition, options.group) ?? partition.startOffset;
    });
  }

  async #deliver(start: number): Promise<void> {
    const { options } = this.#parts;
    let position = start;
    while (!this.#abort.signal.aborted) {
      const batch = await this.#next(position);
      if (batch === undefined) return;
      const done = await this.#insist(async () => {
        await options.handler.handle(batch, this.#assignment);
        return true;
      });
      if (done === undefined) return;
      position = batch.nextOffset;
      if (options.commit !== "by-handler" && !this.#fenced) this.#commit(position);
    }
  }

  /** Next batch with records; waits for them, and while the member is paused. Undefined when the partition goes away. */
  async #next(position: number): Promise<RecordBatch | undefined> {
    const { partition, gate } = this.#parts;
    const { signal } = this.#abort;
    while (!signal.aborted) {
      if (gate.paused) await gate.resumed.wait({ signal });
      else if (position >= partition.endOffset) await partition.moved.wait({ signal });
      else {
        const batch = await this.#insist(() => this.#fetch(position));
        // Paused or taken away while reading: not handed over.
        if (batch !== undefined && batch.records.length > 0 && !gate.paused && !signal.aborted) {
          this.#readAhead(batch.nextOffset);
          return batch;
        }
        if (batch !== undefined && batch.records.length === 0) position = Math.max(position, partition.startOffset);
      }
    }
    return undefined;
  }

  #fetch(position: number): Promise<RecordBatch> {
    const ahead = this.#ahead;
    this.#ahead = undefined;
    if (ahead?.from === position) return ahead.batch;
    return this.#parts.fetcher.fetch(this.partition, position, this.#limits);
  }

  #readAhead(from: number): void {
    const { fetcher } = this.#parts;
    if (!fetcher.isCold(this.partition, from)) return;
    const batch = fetcher.fetch(this.partition, from, this.#limits);
    // Its failure is met when it is asked for, if ever.
    batch.catch(() => undefined);
    this.#ahead = { from, batch };
  }

  /** Tries until it succeeds, with pauses; undefined when the partition goes away first. */
  #insist<T>(work: () => Promise<T>): Promise<T | undefined> {
    return insist(work, { signal: this.#abort.signal, onFailure: (error, attempt) => this.#tell(error, attempt) });
  }

  #tell(error: unknown, attempt: number): number | undefined {
    return this.#parts.options.onHandlerError?.(error, this.partition.partition, attempt);
  }

  #commit(nextOffset: number): void {
    this.#parts.offsets.commit(this.partition, this.#parts.options.group, nextOffset);
  }

  #makeAssignment(): Assignment {
    const { options, partition, generation } = this.#parts;
    const { topic, group } = options;
    return {
      topic,
      group,
      partition: partition.partition,
      generation,
      signal: this.#abort.signal,
      commit: async (nextOffset) => {
        this.#mustOwn();
        if (!Number.isSafeInteger(nextOffset) || nextOffset < 0 || nextOffset > partition.endOffset) {
          throw new CaudalError("offset-out-of-range", `${group} commits ${nextOffset} on ${placeOf(partition)}; its end is ${partition.endOffset}`);
        }
        this.#commit(nextOffset);
      },
      heartbeat: async () => this.#mustOwn(),
    };
  }

  #mustOwn(): void {
    if (!this.#fenced) return;
    const { options, generation } = this.#parts;
    throw new CaudalError("stale-generation", `${options.group} gave ${placeOf(this.partition)} to another owner after generation ${generation}`);
  }
}

function placeOf(partition: PartitionLog): string {
  return `${partition.topic}/${partition.partition}`;
}
