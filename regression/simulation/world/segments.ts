import { CaudalError, mustBeName, mustBePrefix, type SegmentStore } from "@caudal/core";
import type { SimulatedProcess } from "./process.ts";
import type { Store } from "./store.ts";

/** One process's way to the world's segments. */
export class SimulatedSegments implements SegmentStore {
  readonly #blobs: Map<string, Uint8Array>;
  readonly #store: Store;
  readonly #process: SimulatedProcess;
  #closed = false;

  constructor(blobs: Map<string, Uint8Array>, store: Store, process: SimulatedProcess) {
    this.#blobs = blobs;
    this.#store = store;
    this.#process = process;
  }

  async put(name: string, bytes: Uint8Array): Promise<void> {
    this.#mustBeOpen();
    mustBeName(name);
    const copy = Uint8Array.from(bytes);
    await this.#store.write(this.#process, `put(${name})`, () => {
      const there = this.#blobs.get(name);
      if (there === undefined) this.#blobs.set(name, copy);
      else if (!Buffer.from(there).equals(copy)) throw new CaudalError("duplicate-key", `segment ${name} has other bytes`);
    });
  }

  async get(name: string): Promise<Uint8Array | undefined> {
    this.#mustBeOpen();
    mustBeName(name);
    return this.#store.read(this.#process, "get", () => this.#blobs.get(name));
  }

  async list(prefix: string, after = "", limit = 1000): Promise<readonly string[]> {
    this.#mustBeOpen();
    mustBePrefix(prefix);
    return this.#store.read(this.#process, "list", () => [...this.#blobs.keys()].filter((name) => name.startsWith(prefix) && name > after).sort().slice(0, limit));
  }

  async remove(name: string): Promise<void> {
    this.#mustBeOpen();
    mustBeName(name);
    await this.#store.write(this.#process, `remove(${name})`, () => this.#blobs.delete(name));
  }

  async close(): Promise<void> {
    this.#closed = true;
  }

  #mustBeOpen(): void {
    if (this.#closed) throw new CaudalError("closed", "the segments are closed");
  }
}
