import type { Assignment, PartitionHandler, RecordBatch, SegmentStore } from "@caudal/core";
import { PartitionArchive, type ArchiveLimits } from "./partition-archive.ts";

export interface ArchiveHandlerOptions {
  readonly segments: SegmentStore;
  readonly limits: ArchiveLimits;
  readonly monotonicMs: () => number;
  /** Told when a segment could not be written by age; the batch that fills it meets the same error and is retried. */
  readonly onFlushError: (error: unknown) => void;
}

/** Handler of a group that archives a topic: commits by itself, behind the durable segments. */
export class ArchiveHandler implements PartitionHandler {
  readonly #options: ArchiveHandlerOptions;
  readonly #partitions = new Map<number, PartitionArchive>();

  constructor(options: ArchiveHandlerOptions) {
    this.#options = options;
  }

  async assigned(assignment: Assignment): Promise<undefined> {
    const { segments, limits, monotonicMs } = this.#options;
    this.#partitions.set(assignment.partition, new PartitionArchive({ assignment, segments, limits, monotonicMs }));
  }

  async handle(batch: RecordBatch): Promise<void> {
    await this.#partitions.get(batch.partition)?.append(batch);
  }

  /** On a clean close the segment in hand is written, so that the next owner does not read it again. */
  async revoked(assignment: Assignment, lost: boolean): Promise<void> {
    const archive = this.#partitions.get(assignment.partition);
    this.#partitions.delete(assignment.partition);
    if (!lost) await archive?.flush(true);
  }

  /** Writes what is old enough, or all that is in hand when told; call it now and then. */
  async flushAged(whatever = false): Promise<void> {
    for (const archive of [...this.#partitions.values()]) await archive.flush(whatever).catch(this.#options.onFlushError);
  }
}
