import { systemScope } from "../access/principal.ts";
import type { CollectionSpec, DocumentCollection, Documents, Page, StoredDocument } from "../ports/documents.ts";

/** That a client's data is being, or was, erased. Document id: the client's id. While it stands nothing of the client is taken in. */
export interface ErasureRecord {
  readonly client: string;
  readonly state: "erasing" | "erased";
  readonly requestedAtUs: number;
  /** Who asked. */
  readonly by: string;
  readonly endedAtUs: number | null;
  /** What went, by store. */
  readonly counts: Readonly<Record<string, number>>;
}

export const erasureCollection: CollectionSpec = { name: "erasures", tenant: false, indexes: [["requestedAtUs"]] };

/** What is known of erasures is at most this old where readings are taken in; who erases waits for longer before it trusts that all know. */
export const ERASURES_KNOWN_MS = 1000;
const PAGE = 1000;

/** Clients that are being or were erased, by id. The same map as long as nothing changed. */
export type ErasedClients = ReadonlyMap<string, ErasureRecord["state"]>;

/** The erasures as those see them who must not take in what was erased. */
export class Erasures {
  readonly collection: DocumentCollection<ErasureRecord>;
  readonly #monotonicMs: () => number;
  #known: ErasedClients = new Map();
  #askedMs = -Infinity;
  #asking: Promise<ErasedClients> | undefined;

  private constructor(collection: DocumentCollection<ErasureRecord>, monotonicMs: () => number) {
    this.collection = collection;
    this.#monotonicMs = monotonicMs;
  }

  static async open(documents: Documents, monotonicMs: () => number): Promise<Erasures> {
    return new Erasures(await documents.collection<ErasureRecord>(erasureCollection), monotonicMs);
  }

  /** As of a second ago at most. Rejects as the store does: whoever cannot know takes nothing in. */
  async clients(): Promise<ErasedClients> {
    if (this.#monotonicMs() - this.#askedMs < ERASURES_KNOWN_MS) return this.#known;
    return (this.#asking ??= this.#ask().finally(() => (this.#asking = undefined)));
  }

  async #ask(): Promise<ErasedClients> {
    const askedMs = this.#monotonicMs();
    const found = new Map<string, ErasureRecord["state"]>();
    let cursor: string | undefined;
    do {
      const page: Page<StoredDocument<ErasureRecord>> = await this.collection.find(systemScope, { limit: PAGE, ...(cursor === undefined ? {} : { cursor }) });
      for (const { id, body } of page.items) found.set(id, body.state);
      cursor = page.next;
    } while (cursor !== undefined);
    if (!same(found, this.#known)) this.#known = found;
    this.#askedMs = askedMs;
    return this.#known;
  }
}

function same(a: ErasedClients, b: ErasedClients): boolean {
  return a.size === b.size && [...a].every(([client, state]) => b.get(client) === state);
}
