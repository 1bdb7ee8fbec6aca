import type { RemapPhase } from "../events.ts";
import { DuplicateMemory } from "./duplicate-memory.ts";
import type { Mapping } from "./mapping.ts";

/** A change of what a device's keys mean, whose past is being mapped anew. */
export interface RemapProgress {
  readonly mapping: Mapping;
  readonly changedAtUs: number;
  /** Records below it were mapped by the mapping before; the others wait for the remap to reach them. */
  readonly startOffset: number;
  phase: RemapPhase;
  /** True when old facts are withdrawn while the past is mapped, because no other key takes their variables over. */
  readonly inline: boolean;
  /** Records below it are done in this phase. */
  nextOffset: number;
}

export interface DevicePlace {
  readonly id: string;
  readonly client: string;
  readonly device: string;
  readonly partition: number;
}

/**
 * All that mapping keeps of a device. The mapping that its outputs are made by stands here and not only in the directory: work that is
 * repeated after a crash is then mapped as it was.
 */
export class DeviceState implements DevicePlace {
  readonly id: string;
  readonly client: string;
  readonly device: string;
  readonly partition: number;
  /** Newest offset of caudal.readings that is reflected here; -1 when none is. */
  asOfOffset = -1;
  mapping: Mapping;
  remap: RemapProgress | undefined;
  readonly memory = new DuplicateMemory();

  constructor(place: DevicePlace, mapping: Mapping) {
    this.id = place.id;
    this.client = place.client;
    this.device = place.device;
    this.partition = place.partition;
    this.mapping = mapping;
  }

  /** What its records are mapped by now: while the past is mapped anew, the mapping to come. */
  get current(): Mapping {
    return this.remap?.mapping ?? this.mapping;
  }

  set current(mapping: Mapping) {
    if (this.remap === undefined) this.mapping = mapping;
    else this.remap = { ...this.remap, mapping };
  }

  get bytes(): number {
    return 400 + 250 * this.mapping.entries.length + 250 * this.mapping.feeds.length + this.memory.bytes;
  }
}
