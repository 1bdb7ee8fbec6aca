import { CaudalError, type Assignment, type Erasures, type PartitionHandler, type RecordBatch, type SegmentStore } from "@caudal/core";
import { PartitionArchive, type ArchiveLedger, type ArchiveLimits } from "./partition-archive.ts";

export interface ArchiveHandlerOptions {
  readonly segments: SegmentStore;
  /** Claims the ledger of a partition that was gained. */
  readonly claim: (assignment: Assignment) => Promise<ArchiveLedger>;
  /** Clients of which nothing is archived any more. */
  readonly erasures: Pick<Erasures, "clients">;
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

  async assigned(assignment: Assignment): Promise<number> {
    const { segments, claim, limits, monotonicMs } = this.#options;
    const ledger = await claim(assignment);
    const newer = this.#partitions.get(assignment.partition)?.generation ?? assignment.generation;
    if (newer <= assignment.generation) this.#partitions.set(assignment.partition, new PartitionArchive({ assignment, segments, ledger, limits, monotonicMs }));
    return ledger.offset;
  }

  async handle(batch: RecordBatch): Promise<void> {
    const archive = this.#partitions.get(batch.partition);
    if (archive === undefined) throw new CaudalError("stale-generation", `partition ${batch.partition} of ${batch.topic} is not archived here any more`);
    await archive.append(batch, await this.#options.erasures.clients());
  }

  /** On a clean close the segment in hand is written, so that the next owner does not read it again. One that lost it may be told only after it came back. */
  async revoked({ partition, generation }: Assignment, lost: boolean): Promise<void> {
    const archive = this.#partitions.get(partition);
    if (archive?.generation !== generation) return;
    this.#partitions.delete(partition);
    if (!lost) await archive.flush(true);
  }

  /** Writes what is old enough, or all that is in hand when told; call it now and then. */
  async flushAged(whatever = false): Promise<void> {
    for (const archive of [...this.#partitions.values()]) await archive.flush(whatever).catch(this.#options.onFlushError);
  }
}
