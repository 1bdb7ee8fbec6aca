import { setTimeout as pause } from "node:timers/promises";
import { Bell, CaudalError, hasCode, insist, type Assignment, type ConsumeOptions, type PartitionBounds, type RecordBatch } from "@caudal/core";
import type { Commits } from "./commits.ts";
import { Intake } from "./intake.ts";

const DEFAULT_LIMITS = { maxRecords: 500, maxBytes: 1024 * 1024 };

/** What a delivery may ask of the member it works for. */
export interface DeliveryGate {
  readonly paused: boolean;
  /** Rings when `paused` ends. */
  readonly resumed: Bell;
}

export interface DeliveryParts {
  readonly options: ConsumeOptions;
  readonly partition: number;
  readonly generation: number;
  readonly gate: DeliveryGate;
  readonly commits: Commits;
  /** Offset to start at when the handler names none. */
  readonly start: number;
  readonly bounds: () => Promise<PartitionBounds>;
  /** There is room for more records. */
  readonly onRoom: () => void;
}

/** Hands one partition to one member for one generation: one batch in hand, the next ones fetched ahead. */
export class Delivery {
  readonly partition: number;
  readonly #parts: DeliveryParts;
  readonly #limits: typeof DEFAULT_LIMITS;
  readonly #abort = new AbortController();
  readonly #arrived = new Bell();
  readonly #assignment: Assignment;
  readonly #ended: Promise<void>;
  #intake: Intake | undefined;
  #gained = false;
  #fenced = false;

  /** Starts at once. */
  constructor(parts: DeliveryParts) {
    this.#parts = parts;
    this.partition = parts.partition;
    const { maxBatchRecords = DEFAULT_LIMITS.maxRecords, maxBatchBytes = DEFAULT_LIMITS.maxBytes } = parts.options;
    this.#limits = { maxRecords: Math.max(1, maxBatchRecords), maxBytes: Math.max(1, maxBatchBytes) };
    this.#assignment = this.#makeAssignment();
    this.#ended = this.#run();
  }

  /** Where to fetch next; undefined while nothing is wanted. */
  get wanted(): number | undefined {
    if (this.#abort.signal.aborted || this.#parts.gate.paused || this.#intake?.wantsMore !== true) return undefined;
    return this.#intake.position;
  }

  accept(from: number, bytes: Buffer, endOffset: number): void {
    if (this.#intake?.accept(from, bytes, endOffset) === true) this.#arrived.ring();
  }

  /** The position does not exist: below the start what is gone is gone, beyond the end nothing is known. Both go on at the start. */
  async relocate(from: number): Promise<void> {
    const { startOffset } = await this.#parts.bounds();
    if (this.#intake?.position === from) this.#intake.restart(startOffset);
  }

  /** Loses the right to commit at once: another may own the partition already. */
  fence(): void {
    this.#fenced = true;
    this.#abort.abort();
  }

  /**
   * Ends the delivery: lets the batch in hand finish, commits it, then tells the handler, all within `timeoutMs`. What takes longer loses
   * its right to commit and is told so whenever it ends.
   */
  async stop(timeoutMs: number): Promise<void> {
    this.#abort.abort();
    const timer = new AbortController();
    await Promise.race([this.#ended, pause(timeoutMs, undefined, { signal: timer.signal }).catch(() => undefined)]);
    timer.abort();
    this.#fenced = true;
  }

  async #run(): Promise<void> {
    const begun = await this.#begin();
    if (begun) await this.#deliver();
    if (!this.#gained) return;
    try {
      // What was handled is committed before the next owner looks; a failure only means that it is handled again.
      if (!this.#fenced) await this.#parts.commits.flush().catch(() => undefined);
      await this.#parts.options.handler.revoked?.(this.#assignment, this.#fenced);
    } catch (error) {
      this.#tell(error, 1);
    }
  }

  /** False when the partition went away before there was a start. */
  async #begin(): Promise<boolean> {
    const { options, start, bounds } = this.#parts;
    const done = await this.#insist(async () => {
      const wanted = await options.handler.assigned?.(this.#assignment);
      if (wanted !== undefined) {
        const { endOffset } = await bounds();
        if (!Number.isSafeInteger(wanted) || wanted < 0 || wanted > endOffset) {
          throw new CaudalError("offset-out-of-range", `${options.group} asks to start ${this.#place} at ${wanted}; its end is ${endOffset}`);
        }
      }
      this.#gained = true;
      this.#intake = new Intake(wanted ?? start, 0);
      return true;
    });
    if (done === true) this.#parts.onRoom();
    return done === true;
  }

  async #deliver(): Promise<void> {
    const { options, commits } = this.#parts;
    while (!this.#abort.signal.aborted) {
      const batch = await this.#next();
      if (batch === undefined) return;
      const done = await this.#insist(async () => {
        await options.handler.handle(batch, this.#assignment);
        return true;
      });
      if (done === undefined) return;
      if (options.commit !== "by-handler" && !this.#fenced) commits.mark(this.partition, batch.nextOffset);
    }
  }

  /** Next batch with records; waits for them, and while the member is paused. Undefined when the partition goes away. */
  async #next(): Promise<RecordBatch | undefined> {
    const { gate, options, onRoom } = this.#parts;
    const { signal } = this.#abort;
    while (!signal.aborted) {
      if (gate.paused) {
        await gate.resumed.wait({ signal });
        continue;
      }
      const taken = await this.#insist(async () => this.#take());
      if (taken === undefined || taken === "nothing") {
        if (taken !== undefined) await this.#arrived.wait({ signal });
        continue;
      }
      onRoom();
      return { topic: options.topic, partition: this.partition, records: taken.records, nextOffset: taken.nextOffset, endOffset: Math.max(this.#intake?.endOffset ?? 0, taken.nextOffset) };
    }
    return undefined;
  }

  #take(): "nothing" | NonNullable<ReturnType<Intake["take"]>> {
    const intake = this.#intake as Intake;
    try {
      return intake.take(this.#limits) ?? "nothing";
    } catch (error) {
      // Perhaps spoilt on the way: fetch it again.
      if (hasCode(error, "corrupt")) intake.restart(intake.handedTo);
      this.#parts.onRoom();
      throw error;
    }
  }

  /** Tries until it succeeds, with pauses; undefined when the partition goes away first. */
  #insist<T>(work: () => Promise<T>): Promise<T | undefined> {
    return insist(work, { signal: this.#abort.signal, onFailure: (error, attempt) => this.#tell(error, attempt) });
  }

  #tell(error: unknown, attempt: number): number | undefined {
    return this.#parts.options.onHandlerError?.(error, this.partition, attempt);
  }

  #makeAssignment(): Assignment {
    const { options, partition, generation, commits, bounds } = this.#parts;
    const { topic, group } = options;
    return {
      topic, group, partition, generation,
      signal: this.#abort.signal,
      commit: async (nextOffset) => {
        this.#mustOwn();
        let known = this.#intake?.endOffset ?? 0;
        if (nextOffset > known) known = (await bounds()).endOffset;
        if (!Number.isSafeInteger(nextOffset) || nextOffset < 0 || nextOffset > known) {
          throw new CaudalError("offset-out-of-range", `${group} commits ${nextOffset} on ${this.#place}; its end is ${known}`);
        }
        this.#mustOwn();
        await commits.commit(partition, nextOffset);
      },
      heartbeat: async () => this.#mustOwn(),
    };
  }

  #mustOwn(): void {
    if (!this.#fenced) return;
    const { options, generation } = this.#parts;
    throw new CaudalError("stale-generation", `${options.group} gave ${this.#place} to another owner after generation ${generation}`);
  }

  get #place(): string {
    return `${this.#parts.options.topic}/${this.partition}`;
  }
}
