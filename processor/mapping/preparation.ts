import { MAX_KEYS_PER_DEVICE, type DeviceRecord, type SeenKey, type StoredDocument } from "@caudal/core";
import type { Partition } from "../state/partition.ts";
import type { DeviceStateBody } from "./device-form.ts";
import type { DeviceDirectory } from "./device-directory.ts";
import { DeviceState } from "./device-state.ts";
import { differenceOf, Mapping } from "./mapping.ts";
import { instantOf } from "./sample-time.ts";
import type { ShelfStore } from "./shelf-store.ts";
import type { MappingCounts } from "./mapping-counts.ts";
import { newKeys, type Work } from "./work.ts";

export type MappingPartition = Partition<DeviceState, DeviceStateBody, MappingCounts>;
export type AdoptMode = "auto" | "ask";

/** Adoptions and lessons that run side by side: each is a few writes of its own. */
const AT_ONCE = 16;

/** What a device of the batch brought that the directory lacks. */
interface Lack {
  readonly keys: Map<string, SeenKey>;
  readonly first: Work;
}

/**
 * Brings into memory all that mapping a batch needs, so that mapping itself waits for nothing: records of devices, states, shelves.
 * Unknown devices are adopted or listed, unknown keys learned. A mapping that is new is stored before anything is mapped by it.
 */
export class Preparation {
  readonly #directory: DeviceDirectory;
  readonly #shelves: ShelfStore;
  readonly #adopt: AdoptMode;
  /** Told of a device whose past has to be mapped anew. */
  readonly #remap: (partition: MappingPartition, record: StoredDocument<DeviceRecord>) => void;

  constructor(parts: {
    readonly directory: DeviceDirectory; readonly shelves: ShelfStore; readonly adopt: AdoptMode;
    readonly remap: (partition: MappingPartition, record: StoredDocument<DeviceRecord>) => void;
  }) {
    this.#directory = parts.directory;
    this.#shelves = parts.shelves;
    this.#adopt = parts.adopt;
    this.#remap = parts.remap;
  }

  /** Afterwards every device of the works that is mapped has a state in memory. */
  async prepare(partition: MappingPartition, works: readonly Work[]): Promise<void> {
    const ids = new Set(works.map(({ id }) => id));
    this.#directory.trim();
    await this.#directory.load(ids);
    await partition.states.load(ids);
    const rewritten = this.takeOver(partition, [...ids].map((id) => this.#directory.get(id)).filter((record) => record !== undefined));
    const lacks = this.#lacks(partition, works);
    await inParts([...lacks], AT_ONCE, async ([id, lack]) => {
      const record = await this.#supply(partition, id, lack);
      if (record === undefined) return;
      this.#directory.put(record);
      for (const state of this.takeOver(partition, [record])) rewritten.add(state);
    });
    await partition.states.write(rewritten);
    await this.#shelves.load(this.#wantedShelves(partition, works));
  }

  /**
   * Makes the states follow the directory: a device without a state gets one, new keys are taken in at once, and a changed meaning is
   * told to the remap. The states returned have to be stored before they are used.
   */
  takeOver(partition: MappingPartition, records: readonly StoredDocument<DeviceRecord>[], known = false): Set<DeviceState> {
    const rewritten = new Set<DeviceState>();
    for (const record of records) {
      const { client, device, directoryVersion, entries, feeds, state: adopted } = record.body;
      const state = partition.states.get(record.id);
      if (adopted !== "active") continue;
      if (state === undefined) {
        // A device that never sent anything here has no past; it gets its state with its first reading.
        if (known) continue;
        const fresh = new DeviceState({ id: record.id, client, device, partition: partition.assignment.partition }, new Mapping(directoryVersion, entries, feeds));
        partition.states.add(fresh);
        rewritten.add(fresh);
        continue;
      }
      const { current } = state;
      if (current.version >= directoryVersion) {
        if (state.remap !== undefined) this.#remap(partition, record);
        continue;
      }
      const wanted = new Mapping(directoryVersion, entries, feeds);
      const { added, remap } = differenceOf(current, wanted);
      // While the past is mapped anew its mapping keeps its version, which names the change.
      const follows = !remap && state.remap === undefined;
      if (follows) state.current = wanted;
      else if (added.length > 0) state.current = new Mapping(current.version, [...current.entries, ...added], current.feeds);
      if (follows || added.length > 0) {
        partition.states.changed(state);
        rewritten.add(state);
      }
      if (remap || state.remap !== undefined) this.#remap(partition, record);
    }
    return rewritten;
  }

  #lacks(partition: MappingPartition, works: readonly Work[]): Map<string, Lack> {
    const lacks = new Map<string, Lack>();
    const found = new Map<string, SeenKey>();
    for (const work of works) {
      const mapping = partition.states.get(work.id)?.current;
      if (mapping !== undefined && mapping.keys >= MAX_KEYS_PER_DEVICE) continue;
      newKeys(work.reading, mapping, found);
      if (found.size === 0 && mapping !== undefined) continue;
      const lack = lacks.get(work.id) ?? { keys: new Map<string, SeenKey>(), first: work };
      lacks.set(work.id, lack);
      for (const [key, seen] of found) if (!lack.keys.has(key)) lack.keys.set(key, seen);
      found.clear();
    }
    return lacks;
  }

  /** The device's record once the directory has what the batch brought; undefined when nothing changed. */
  async #supply(partition: MappingPartition, id: string, { keys, first }: Lack): Promise<StoredDocument<DeviceRecord> | undefined> {
    const { directory } = this.#directory;
    const { client, device, labels, receivedAtUs: atUs } = first.reading;
    const sighting = { keys: [...keys.values()], labels, atUs };
    if (partition.states.get(id) !== undefined) return directory.learnKeys(client, device, sighting);
    if (this.#adopt === "auto") {
      const adopted = await directory.adopt(client, device, { ...sighting, by: "auto" });
      // Somebody else may have adopted it a moment before, without these keys.
      return (await directory.learnKeys(client, device, sighting)) ?? adopted;
    }
    // Read anew each time: what is replayed after an adoption comes before the news of it.
    const record = await directory.noteWaiting(client, device, sighting);
    return record.body.state === "active" ? directory.learnKeys(client, device, sighting) : record;
  }

  #wantedShelves(partition: MappingPartition, works: readonly Work[]): { device: string; seq: number }[] {
    const wanted: { device: string; seq: number }[] = [];
    for (const { id, reading } of works) {
      const memory = partition.states.get(id)?.memory;
      if (memory === undefined || memory.spans.length === 0) continue;
      for (const sample of reading.samples) {
        for (const seq of memory.wants(sample.key, instantOf(sample, reading))) wanted.push({ device: id, seq });
      }
    }
    return wanted;
  }
}

async function inParts<T>(items: readonly T[], size: number, work: (item: T) => Promise<void>): Promise<void> {
  for (let from = 0; from < items.length; from += size) await Promise.all(items.slice(from, from + size).map(work));
}
