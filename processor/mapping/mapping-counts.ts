import { topics, type EventLog } from "@caudal/core";
import { Checkpoints, type Clock, type LineBody } from "@caudal/runtime";
import type { LineCounts } from "../state/partition.ts";
import type { PartitionHead } from "../state/partition-head.ts";

const EVERY_MS = 5000;

/** What mapping handed over to judging of a partition, by the offsets of its readings. */
export class MappingCounts implements LineCounts {
  readonly #log: EventLog;
  readonly #clock: Clock;
  readonly #everyMs: number;
  readonly #mapped: Checkpoints;
  #kept: Pick<LineBody, "handedOver"> = {};
  #keptMs = -Infinity;
  #keptAt = -1;

  constructor(parts: { readonly log: EventLog; readonly clock: Clock; readonly auditEveryMs?: number; readonly head: Pick<PartitionHead, "body"> }) {
    this.#log = parts.log;
    this.#clock = parts.clock;
    this.#everyMs = parts.auditEveryMs ?? EVERY_MS;
    const { offset, handedOver } = parts.head.body;
    this.#mapped = new Checkpoints(offset, handedOver?.checkpoints);
  }

  get due(): boolean {
    return this.#mapped.offset !== this.#keptAt && this.#clock.monotonicMs() - this.#keptMs >= this.#everyMs;
  }

  /** The reading at the offset gave so many samples. */
  mapped(offset: number, samples: number): void {
    this.#mapped.addPart(offset, samples);
  }

  /** All below it was mapped. `unsure`: some of it was counted before a crash, or waits for a remap. */
  handled(nextOffset: number, unsure: boolean): void {
    if (unsure) this.#mapped.restart(nextOffset);
    else this.#mapped.advance(nextOffset);
  }

  failed(): void {
    // A send that is done again gives events that judging knows.
  }

  /** With the ends of the topic, while all that was mapped stands there; not at every snapshot. */
  async line(): Promise<Pick<LineBody, "handedOver">> {
    if (!this.due) return this.#kept;
    const bounds = await this.#log.bounds(topics.points).catch(() => undefined);
    if (bounds === undefined) return this.#kept;
    this.#keptMs = this.#clock.monotonicMs();
    this.#keptAt = this.#mapped.offset;
    this.#mapped.rest();
    this.#kept = { handedOver: { to: topics.points, ends: bounds.map(({ endOffset }) => endOffset), checkpoints: this.#mapped.body() } };
    return this.#kept;
  }
}
