import { deviceKey, type CollectionSpec, type DirectoryEntry, type DirectoryFeed, type NewDocument, type StoredDocument } from "@caudal/core";
import type { StateForm } from "../state/state-cache.ts";
import { DeviceState, type RemapProgress } from "./device-state.ts";
import type { ShelfSpan } from "./duplicate-memory.ts";
import { KeyMemory } from "./key-memory.ts";
import { Mapping } from "./mapping.ts";

export const deviceStateCollection: CollectionSpec = { name: "mapping-devices", tenant: true };

interface MappingBody {
  readonly version: number;
  readonly entries: readonly DirectoryEntry[];
  /** Absent where no key feeds more than one point. */
  readonly feeds?: readonly DirectoryFeed[];
}

export interface DeviceStateBody {
  readonly client: string;
  readonly device: string;
  readonly partition: number;
  readonly asOfOffset: number;
  readonly mapping: MappingBody;
  readonly remap: (Omit<RemapProgress, "mapping"> & { readonly mapping: MappingBody }) | null;
  readonly newestUs: number | null;
  readonly nextSeq: number;
  readonly spans: readonly ShelfSpan[];
  /** `count` times and as many values of the blob each, in this order. */
  readonly keys: readonly { readonly key: string; readonly count: number; readonly newestUs: number | null; readonly newestValue: number | null }[];
}

/** A device's state as a document: its open source times and values as one blob of doubles. */
export const deviceForm: StateForm<DeviceState, DeviceStateBody> = {
  toDocument({ id, client, device, partition, asOfOffset, mapping, remap, memory }): NewDocument<DeviceStateBody> {
    const keys = [...memory.keys];
    const numbers = new Float64Array(keys.reduce((total, [, { count }]) => total + 2 * count, 0));
    let at = 0;
    for (const [, known] of keys) {
      numbers.set(known.timesUs, at);
      numbers.set(known.values, at + known.count);
      at += 2 * known.count;
    }
    return {
      id,
      body: {
        client, device, partition, asOfOffset, mapping: bodyOf(mapping),
        remap: remap === undefined ? null : { ...remap, mapping: bodyOf(remap.mapping) },
        newestUs: orNull(memory.newestUs),
        nextSeq: memory.nextSeq,
        spans: memory.spans,
        keys: keys.map(([key, { count, newestUs, newestValue }]) => ({ key, count, newestUs: orNull(newestUs), newestValue: orNull(newestValue) })),
      },
      blob: new Uint8Array(numbers.buffer),
    };
  },

  fromDocument({ body, blob }: StoredDocument<DeviceStateBody>): DeviceState {
    const { client, device, partition, remap } = body;
    const state = new DeviceState({ id: deviceKey(client, device), client, device, partition }, mappingOf(body.mapping));
    state.asOfOffset = body.asOfOffset;
    if (remap !== null) state.remap = { ...remap, mapping: mappingOf(remap.mapping) };
    const { memory } = state;
    memory.newestUs = body.newestUs ?? NaN;
    memory.nextSeq = body.nextSeq;
    memory.spans = [...body.spans];
    const numbers = new Float64Array(new Uint8Array(blob ?? []).buffer);
    let at = 0;
    for (const { key, count, newestUs, newestValue } of body.keys) {
      const known = new KeyMemory();
      known.fill(numbers.subarray(at, at + count), numbers.subarray(at + count, at + 2 * count));
      known.newestUs = newestUs ?? NaN;
      known.newestValue = newestValue ?? NaN;
      memory.keys.set(key, known);
      at += 2 * count;
    }
    memory.recount();
    return state;
  },
};

function bodyOf({ version, entries, feeds }: Mapping): MappingBody {
  return feeds.length === 0 ? { version, entries } : { version, entries, feeds };
}

function mappingOf({ version, entries, feeds }: MappingBody): Mapping {
  return new Mapping(version, entries, feeds);
}

function orNull(value: number): number | null {
  return Number.isNaN(value) ? null : value;
}
