import { CaudalError, type Assignment, type Documents, type EventLog } from "@caudal/core";
import { Tally, type Clock, type Logger, type TallyBody } from "@caudal/runtime";
import { headCollection, PartitionHead, type HeadBody, type Heads } from "./partition-head.ts";
import { Partition, type LineCounts, type SnapshotPace } from "./partition.ts";
import { StateCache, type Kept, type StateCacheOptions } from "./state-cache.ts";

export interface PartitionsOptions<S extends Kept, B extends object, C extends LineCounts> extends StateCacheOptions<S, B> {
  readonly log: EventLog;
  readonly heads: Heads;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly pace: SnapshotPace;
  /** Counts of a partition that was claimed, as its head left them. */
  readonly counts?: (assignment: Assignment, head: PartitionHead) => Promise<C>;
}

export function openHeads(documents: Documents): Promise<Heads> {
  return documents.collection<HeadBody>(headCollection);
}

/** The partitions of a group that this process owns now. */
export class Partitions<S extends Kept, B extends object, C extends LineCounts = LineCounts> {
  readonly #options: PartitionsOptions<S, B, C>;
  readonly #owned = new Map<number, Partition<S, B, C>>();

  constructor(options: PartitionsOptions<S, B, C>) {
    this.#options = options;
  }

  /** Claims the partition; it starts at its `handledTo`. */
  async open(assignment: Assignment): Promise<Partition<S, B, C>> {
    const { log, heads, clock, pace } = this.#options;
    const offset = (await log.bounds(assignment.topic)).find((bounds) => bounds.partition === assignment.partition)?.startOffset ?? 0;
    const head = await PartitionHead.claim(heads, assignment, { offset, directoryUs: clock.nowUs() });
    const counts = await this.#options.counts?.(assignment, head);
    const partition = new Partition<S, B, C>({ assignment, head, clock, pace, states: new StateCache(this.#options), ...(counts === undefined ? {} : { counts }) });
    // The owner before may have ended between the head and the offset, which nothing else would move where no more records come.
    if (partition.handledTo > 0) partition.touch();
    // An earlier gain that took its time must not stand in the way of a later one.
    if ((this.#owned.get(assignment.partition)?.assignment.generation ?? assignment.generation) > assignment.generation) {
      throw new CaudalError("stale-generation", `${assignment.group} gained partition ${assignment.partition} anew meanwhile`);
    }
    this.#owned.set(assignment.partition, partition);
    return partition;
  }

  get(partition: number): Partition<S, B, C> {
    const owned = this.#owned.get(partition);
    if (owned === undefined) throw new CaudalError("stale-generation", `partition ${partition} is not owned`);
    return owned;
  }

  all(): readonly Partition<S, B, C>[] {
    return [...this.#owned.values()];
  }

  /** The conservation lines of the partitions together, stored ones included. */
  tally(): TallyBody {
    const total = new Tally();
    for (const partition of this.#owned.values()) total.add(partition.tally());
    return total.body();
  }

  /** Stores what is reflected, unless the partition is lost, and lets go of it. */
  async close({ partition: number, generation }: Assignment, lost: boolean): Promise<void> {
    const partition = this.#owned.get(number);
    if (partition === undefined || partition.assignment.generation !== generation) return;
    this.#owned.delete(number);
    if (!lost) await partition.turns.run(() => partition.snapshot());
  }

  /** Stores what has waited long enough, also where no more records come. */
  async tick(): Promise<void> {
    for (const partition of this.all()) {
      if (partition.counts?.due === true) partition.touch();
      if (!partition.due) continue;
      try {
        await partition.turns.run(async () => (partition.due && this.#owned.get(partition.assignment.partition) === partition ? partition.snapshot() : undefined));
      } catch (error) {
        const { group, partition: number } = partition.assignment;
        this.#options.logger.warn("processor.snapshot-failed", { group, partition: number, error });
      }
    }
  }
}
