import type { Assignment, Documents, EventLog } from "@caudal/core";
import type { Clock, Logger } from "@caudal/runtime";
import { headCollection, PartitionHead, type HeadBody, type Heads } from "./partition-head.ts";
import { Partition, type SnapshotPace } from "./partition.ts";
import { Tally, type TallyBody } from "./tally.ts";
import { StateCache, type Kept, type StateCacheOptions } from "./state-cache.ts";

export interface PartitionsOptions<S extends Kept, B extends object> extends StateCacheOptions<S, B> {
  readonly log: EventLog;
  readonly heads: Heads;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly pace: SnapshotPace;
}

export function openHeads(documents: Documents): Promise<Heads> {
  return documents.collection<HeadBody>(headCollection);
}

/** The partitions of a group that this process owns now. */
export class Partitions<S extends Kept, B extends object> {
  readonly #options: PartitionsOptions<S, B>;
  readonly #owned = new Map<number, Partition<S, B>>();

  constructor(options: PartitionsOptions<S, B>) {
    this.#options = options;
  }

  /** Claims the partition; it starts at its `handledTo`. */
  async open(assignment: Assignment): Promise<Partition<S, B>> {
    const { log, heads, clock, pace } = this.#options;
    const offset = (await log.bounds(assignment.topic)).find((bounds) => bounds.partition === assignment.partition)?.startOffset ?? 0;
    const head = await PartitionHead.claim(heads, assignment, { offset, directoryUs: clock.nowUs() });
    const partition = new Partition<S, B>({ assignment, head, clock, pace, states: new StateCache(this.#options) });
    this.#owned.set(assignment.partition, partition);
    return partition;
  }

  get(partition: number): Partition<S, B> {
    const owned = this.#owned.get(partition);
    if (owned === undefined) throw new Error(`partition ${partition} is not owned`);
    return owned;
  }

  all(): readonly Partition<S, B>[] {
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
