import { groups, topics, type EventLog, type LogRecord } from "@caudal/core";
import { Checkpoints, PublishedAudit, type Clock, type Findings, type LineBody, type Logger } from "@caudal/runtime";
import type { PointEvent } from "@caudal/schemas";
import { eventKinds } from "../events.ts";
import type { LineCounts } from "../state/partition.ts";
import type { PartitionHead } from "../state/partition-head.ts";

export interface JudgingCountsOptions {
  readonly log: EventLog;
  readonly findings: Findings;
  readonly logger: Logger;
  readonly clock: Clock;
  readonly auditEveryMs?: number;
  readonly partition: number;
  readonly head: Pick<PartitionHead, "body" | "tookOver">;
}

/** What judging took in of each partition of readings, and what it published. */
export class JudgingCounts implements LineCounts {
  readonly #audit: PublishedAudit;
  readonly #from = new Map<number, Checkpoints | "unknown">();
  #partitions = 0;

  private constructor({ log, findings, logger, clock, auditEveryMs: everyMs, partition, head }: JudgingCountsOptions) {
    this.#audit = new PublishedAudit({ log, findings, logger, clock, group: groups.judging, topic: topics.measurements, partition, ...(everyMs === undefined ? {} : { everyMs }) });
    for (const [from, checkpoints] of Object.entries(head.body.takenFrom ?? {})) {
      const last = checkpoints.at(-1);
      this.#from.set(Number(from), last === undefined ? "unknown" : new Checkpoints(last[0], checkpoints));
    }
  }

  static async begin(options: JudgingCountsOptions): Promise<JudgingCounts> {
    const counts = new JudgingCounts(options);
    const { body: { takenFrom, offset }, tookOver } = options.head;
    // Who counts from a record on that is not the first cannot say of anybody that nothing came.
    counts.#partitions = (await options.log.bounds(topics.readings)).length;
    if (takenFrom === undefined && (offset > 0 || tookOver)) counts.unsure();
    await counts.#audit.begin(tookOver);
    return counts;
  }

  get due(): boolean {
    return this.#audit.due;
  }

  /** The samples of a reading came for the first time. */
  took({ kind, causePartition, causeOffset, samples }: PointEvent): void {
    if (kind !== eventKinds.samples || causeOffset < 0) return;
    const counted = this.#from.get(causePartition);
    // Of a reading whose other events may not have been counted, nothing is.
    if (counted === "unknown") this.#from.set(causePartition, new Checkpoints(causeOffset + 1));
    else if (counted === undefined) this.#from.set(causePartition, beganAt(causeOffset, samples.length));
    // What waited for a remap comes behind newer readings.
    else if (causeOffset < counted.offset) this.#from.set(causePartition, "unknown");
    else counted.addPart(causeOffset, samples.length);
  }

  /** Nobody can say any more which samples of the partition came: of every partition when absent. */
  unsure(causePartition?: number): void {
    if (causePartition !== undefined) this.#from.set(causePartition, "unknown");
    else for (let partition = 0; partition < this.#partitions; partition++) this.#from.set(partition, "unknown");
  }

  sent(records: readonly LogRecord[], facts: readonly number[]): void {
    this.#audit.sent(records, facts);
  }

  failed(): void {
    this.#audit.failed();
  }

  /** A look at the log that fails now is made with the next snapshot. */
  async line(): Promise<Pick<LineBody, "published" | "takenFrom">> {
    await this.#audit.check().catch(() => undefined);
    return {
      published: { topic: topics.measurements, checkpoints: this.#audit.checkpoints },
      takenFrom: Object.fromEntries([...this.#from].map(([partition, counted]) => [partition, counted === "unknown" ? [] : counted.body(true)])),
    };
  }
}

/** Who was not heard of before never sent anything. */
function beganAt(offset: number, samples: number): Checkpoints {
  const checkpoints = new Checkpoints(0);
  checkpoints.addPart(offset, samples);
  return checkpoints;
}
