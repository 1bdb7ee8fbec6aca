import type { ErasedClients } from "@caudal/core";
import type { Partition } from "./partition.ts";
import type { Kept } from "./state-cache.ts";

/** Lets go of what is in memory of clients whose erasure began, ended or was lifted: it must not be written again, nor used when they come back. */
export class ErasedStates<S extends Kept & { readonly client: string }, B extends object> {
  readonly #seen = new WeakMap<Partition<S, B>, ErasedClients>();

  /** Before a batch. True when something changed: other memory of these clients has to go too. */
  async settle(partition: Partition<S, B>, erased: ErasedClients): Promise<boolean> {
    const before = this.#seen.get(partition);
    if (before === erased) return false;
    const clients = new Set([...(before?.keys() ?? []), ...erased.keys()]);
    if (clients.size > 0) {
      // What differs from its document is written first, so that only what is stored is forgotten.
      await partition.snapshot();
      partition.states.forget(({ client }) => clients.has(client));
    }
    this.#seen.set(partition, erased);
    return clients.size > 0;
  }
}
