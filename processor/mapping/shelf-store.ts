import { systemScope, type CollectionSpec, type DocumentCollection, type NewDocument } from "@caudal/core";
import type { DeviceState } from "./device-state.ts";
import { MAX_SHELVES, type ShelfAt } from "./duplicate-memory.ts";
import { Shelf } from "./shelf.ts";

export const shelfCollection: CollectionSpec = { name: "mapping-shelves", tenant: true };

export interface ShelfBody {
  readonly client: string;
  readonly device: string;
  readonly seq: number;
}

/** Shelves in memory, some 8 KiB each. */
const MAX_LOADED = 1024;
const LOAD_IDS = 200;

/**
 * Sealed parts of devices' memories as documents. A device's places are used again in turn, so nothing has to be removed; a place that
 * holds another shelf than the one asked for says nothing.
 */
export class ShelfStore {
  readonly #collection: DocumentCollection<ShelfBody>;
  readonly #loaded = new Map<string, Shelf>();

  constructor(collection: DocumentCollection<ShelfBody>) {
    this.#collection = collection;
  }

  /** Brings the shelves into memory; those asked for now stay until the next call. */
  async load(wanted: readonly { readonly device: string; readonly seq: number }[]): Promise<void> {
    for (const id of this.#loaded.keys()) {
      if (this.#loaded.size <= MAX_LOADED) break;
      this.#loaded.delete(id);
    }
    const missing = new Map<string, number>();
    for (const { device, seq } of wanted) {
      const id = placeOf(device, seq);
      const shelf = this.#loaded.get(id);
      if (shelf?.seq !== seq) missing.set(id, seq);
      else {
        this.#loaded.delete(id);
        this.#loaded.set(id, shelf);
      }
    }
    const ids = [...missing.keys()];
    for (let from = 0; from < ids.length; from += LOAD_IDS) {
      for (const { id, body, blob } of await this.#collection.getMany(systemScope, ids.slice(from, from + LOAD_IDS))) {
        if (body.seq === missing.get(id) && blob !== undefined) this.#loaded.set(id, Shelf.unpack(body.seq, blob));
      }
    }
  }

  /** The device's shelves that are in memory. */
  of(device: string): ShelfAt {
    return (seq) => {
      const shelf = this.#loaded.get(placeOf(device, seq));
      return shelf?.seq === seq ? shelf : undefined;
    };
  }

  /** Stores what the devices sealed. */
  async write(states: readonly DeviceState[]): Promise<void> {
    const documents: NewDocument<ShelfBody>[] = [];
    for (const { id, client, device, memory } of states) {
      for (const [seq, shelf] of memory.sealed) documents.push({ id: placeOf(id, seq), body: { client, device, seq }, blob: shelf.pack() });
    }
    if (documents.length === 0) return;
    await this.#collection.putMany(systemScope, documents);
    for (const { id, memory } of states) {
      for (const [seq, shelf] of memory.sealed) this.#loaded.set(placeOf(id, seq), shelf);
      memory.sealed.clear();
    }
  }
}

function placeOf(device: string, seq: number): string {
  return `${device}#${seq % MAX_SHELVES}`;
}
