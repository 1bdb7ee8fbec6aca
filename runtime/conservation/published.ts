import { createHash } from "node:crypto";
import { REPLAY_HEADER, type EventLog, type LogRecord, type StoredRecord } from "@caudal/core";
import { systemClock, type Clock } from "../clock/clock.ts";
import type { Logger } from "../log/logger.ts";
import { Checkpoints, type Checkpoint } from "./checkpoints.ts";
import type { Findings } from "./findings.ts";

export interface PublishedAuditOptions {
  readonly log: EventLog;
  readonly findings: Findings;
  readonly logger: Logger;
  readonly group: string;
  /** Topic and partition that the group alone fills; what is replayed there for one group has its header. */
  readonly topic: string;
  readonly partition: number;
  readonly clock?: Clock;
  /** Milliseconds between looks at the log's end; 5 s when absent. */
  readonly everyMs?: number;
}

const EVERY_MS = 5000;
/** A look sooner than its time, so that what is kept between looks has a bound. */
const MOST_RECORDS = 50_000;
/** Longer than any publish of a former owner is tried. */
const TAKEOVER_MS = 5 * 60_000;

/**
 * Holds what an owner says that it published on a partition against what stands there. The end of the log must move by as many records as were
 * published: fewer is a loss. More is read back: records that are replayed are others', and copies of whole publishes are what the log may repeat
 * after a lost answer, or what a former owner still sent. While the two agree the place of each record is known, and facts are counted by it.
 */
export class PublishedAudit {
  readonly #options: PublishedAuditOptions;
  readonly #clock: Clock;
  readonly #beganMs: number;
  readonly #checkpoints = new Checkpoints(0);
  /** Facts of each record since the last look, in the order published, and records of each publish. */
  #facts: number[] = [];
  #calls: number[] = [];
  #end: number | undefined;
  #lookedMs: number;
  #failed = false;
  #short = false;
  #tookOver = false;

  constructor(options: PublishedAuditOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#beganMs = this.#clock.monotonicMs();
    this.#lookedMs = this.#beganMs;
  }

  /** Before the first publish of this owner. `tookOver`: one before it may still be publishing what it had in hand. */
  async begin(tookOver = this.#tookOver): Promise<void> {
    this.#tookOver = tookOver;
    this.#end = await this.#endOffset();
    this.#checkpoints.restart(this.#end);
  }

  /** The publish is durable. `facts` of each of its records. */
  sent(records: readonly LogRecord[], facts: readonly number[]): void {
    if (records.length === 0) return;
    this.#calls.push(records.length);
    for (const count of facts) this.#facts.push(count);
  }

  /** A publish failed and is done again: part of it may stand twice. */
  failed(): void {
    this.#failed = true;
  }

  get topic(): string {
    return this.#options.topic;
  }

  get checkpoints(): readonly Checkpoint[] {
    return this.#checkpoints.body();
  }

  /** There is something to look at, and it is time. */
  get due(): boolean {
    return (this.#facts.length > 0 && this.#clock.monotonicMs() - this.#lookedMs >= (this.#options.everyMs ?? EVERY_MS)) || this.#facts.length >= MOST_RECORDS;
  }

  /** Looks when it is time to, while nothing is being published. Rejects when the log cannot be asked; then the next look sees it all. */
  async check(): Promise<void> {
    if (!this.due) return;
    if (this.#end === undefined) return this.begin();
    this.#lookedMs = this.#clock.monotonicMs();
    const end = await this.#endOffset();
    const moved = end - this.#end;
    const published = this.#facts.length;
    if (moved === published) return this.#agree(end);
    if (moved < published && !this.#short) {
      // Once more, so that a log whose word of its end is old does not count as a loss.
      this.#short = true;
      return;
    }
    await (moved < published ? this.#tell(end, published - moved, "the log's end moved by fewer records than were published") : this.#readBack(this.#end, end));
    this.#begin(end);
    this.#checkpoints.restart(end);
  }

  #agree(end: number): void {
    let offset = this.#end!;
    for (const facts of this.#facts) this.#checkpoints.add(offset++, facts);
    this.#checkpoints.rest();
    this.#begin(end);
  }

  #begin(end: number): void {
    this.#facts = [];
    this.#calls = [];
    this.#failed = false;
    this.#short = false;
    this.#end = end;
  }

  async #readBack(from: number, to: number): Promise<void> {
    const { log, topic, partition, logger, group } = this.#options;
    const seen = new Set<string>();
    const runs: number[] = [];
    let run = 0;
    let own = 0;
    for (let at = from; at < to;) {
      const batch = await log.read({ topic, partition, fromOffset: at, maxRecords: 2000, waitMs: 0 });
      for (const record of batch.records) {
        if (record.offset >= to || record.headers[REPLAY_HEADER] !== undefined) continue;
        const hash = hashOf(record);
        if (seen.has(hash)) run++;
        else {
          seen.add(hash);
          own++;
          if (run > 0) runs.push(run);
          run = 0;
        }
      }
      if (batch.nextOffset <= at) break;
      at = batch.nextOffset;
    }
    if (run > 0) runs.push(run);
    const published = this.#facts.length;
    if (own < published) await this.#tell(to, published - own, "fewer records stand in the log than were published");
    const copies = runs.reduce((sum, length) => sum + length, 0);
    if (copies === 0) return;
    const formerOwner = this.#tookOver && this.#clock.monotonicMs() - this.#beganMs < TAKEOVER_MS;
    const explained = this.#failed || formerOwner || runs.every((length) => this.#calls.includes(length));
    if (explained) logger.info("conservation.repeated", { group, topic, partition, fromOffset: from, toOffset: to, records: copies });
    else await this.#tell(to, -copies, `${copies} records stand twice, and no publish was repeated`);
  }

  #tell(to: number, missing: number, detail: string): Promise<void> {
    const { findings, group, topic, partition } = this.#options;
    return findings.report({ check: "published", group, topic, partition, fromOffset: this.#end ?? to, toOffset: to, missing, detail: `${detail}, by ${missing} of ${this.#facts.length}` });
  }

  async #endOffset(): Promise<number> {
    const { log, topic, partition } = this.#options;
    return (await log.bounds(topic)).find((bounds) => bounds.partition === partition)?.endOffset ?? 0;
  }
}

function hashOf({ key, value }: StoredRecord): string {
  return createHash("sha1").update(key).update("\0").update(value).digest("base64");
}
