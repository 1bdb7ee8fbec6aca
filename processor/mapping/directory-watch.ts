import { DIRECTORY_CHANNEL, type DeviceRecord, type LiveChannel, partitionOf, type StoredDocument } from "@caudal/core";
import type { Clock, Logger } from "@caudal/runtime";
import type { Partitions } from "../state/partitions.ts";
import type { DeviceStateBody } from "./device-form.ts";
import type { DeviceDirectory } from "./device-directory.ts";
import type { DeviceState } from "./device-state.ts";
import type { MappingCounts } from "./mapping-counts.ts";
import type { MappingPartition, Preparation } from "./preparation.ts";
import type { RemapRunner } from "./remap-runner.ts";

export interface DirectoryWatchParts {
  readonly directory: DeviceDirectory;
  readonly partitions: Partitions<DeviceState, DeviceStateBody, MappingCounts>;
  readonly preparation: Preparation;
  readonly remaps: RemapRunner;
  readonly live: LiveChannel;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Partitions of caudal.readings. */
  readonly partitionCount: number;
}

/** Changes are looked for this far back again: clocks of those who write them differ. */
const OVERLAP_US = 10 * 1_000_000;
const MAX_NUDGES = 1000;
const MAX_SEEN = 20_000;

/** Follows the directory: each look finds what people changed, and a nudge finds it at once. */
export class DirectoryWatch {
  readonly #parts: DirectoryWatchParts;
  readonly #nudged = new Set<string>();
  #sinceUs: number;
  #seen = new Map<string, number>();
  #unsubscribe: (() => Promise<void>) | undefined;
  #looking: Promise<void> = Promise.resolve();

  constructor(parts: DirectoryWatchParts) {
    this.#parts = parts;
    this.#sinceUs = parts.clock.nowUs() - OVERLAP_US;
  }

  async start(): Promise<void> {
    this.#unsubscribe = await this.#parts.live.subscribe(DIRECTORY_CHANNEL, (id) => {
      if (this.#nudged.size < MAX_NUDGES) this.#nudged.add(id);
      if (this.#nudged.size === 1) void this.look("nudged");
    });
  }

  async stop(): Promise<void> {
    await this.#unsubscribe?.();
    await this.#looking;
  }

  /** Looks for changes after the ones it knows; one look at a time, and a failed one is made up by the next. */
  look(what: "all" | "nudged"): Promise<void> {
    this.#looking = this.#looking.then(() => (what === "all" ? this.#all() : this.#nudges())).catch((error: unknown) => {
      this.#parts.logger.warn("mapping.directory-unread", { error });
    });
    return this.#looking;
  }

  /** What changed since this partition was last stored, before it goes on. */
  async catchUp(partition: MappingPartition): Promise<void> {
    const fromUs = partition.directoryUs - OVERLAP_US;
    for await (const records of inPages(this.#parts.directory.directory.changedSince(fromUs))) {
      await this.#take(partition, records.filter((record) => this.#placeOf(record) === partition.assignment.partition));
    }
  }

  async #all(): Promise<void> {
    const { directory, partitions, remaps, clock } = this.#parts;
    const nowUs = clock.nowUs();
    if (this.#seen.size > MAX_SEEN) this.#seen.clear();
    for await (const records of inPages(directory.directory.changedSince(this.#sinceUs))) {
      const fresh = records.filter((record) => this.#seen.get(record.id) !== record.version);
      await this.#spread(fresh);
      for (const record of fresh) this.#seen.set(record.id, record.version);
    }
    this.#sinceUs = nowUs - OVERLAP_US;
    for (const partition of partitions.all()) partition.directoryUs = Math.min(this.#sinceUs, remaps.oldestChangeUs(partition));
  }

  async #nudges(): Promise<void> {
    const ids = [...this.#nudged];
    this.#nudged.clear();
    if (ids.length > 0) await this.#spread(await this.#parts.directory.directory.devices(ids));
  }

  async #spread(records: readonly StoredDocument<DeviceRecord>[]): Promise<void> {
    for (const partition of this.#parts.partitions.all()) {
      const own = records.filter((record) => this.#placeOf(record) === partition.assignment.partition);
      if (own.length > 0 && !partition.assignment.signal.aborted) await partition.turns.run(() => this.#take(partition, own));
    }
  }

  async #take(partition: MappingPartition, records: readonly StoredDocument<DeviceRecord>[]): Promise<void> {
    for (const record of records) this.#parts.directory.put(record);
    await partition.settle();
    await partition.states.load(records.map(({ id }) => id));
    await partition.states.write(this.#parts.preparation.takeOver(partition, records, true));
  }

  #placeOf({ id }: StoredDocument<DeviceRecord>): number {
    return partitionOf(id, this.#parts.partitionCount);
  }
}

async function* inPages<T>(items: AsyncIterable<T>, size = 500): AsyncGenerator<T[]> {
  let page: T[] = [];
  for await (const item of items) {
    page.push(item);
    if (page.length < size) continue;
    yield page;
    page = [];
  }
  if (page.length > 0) yield page;
}
