import { hasCode, systemScope, type CollectionSpec, type DocumentCollection, type Documents, type StoredDocument } from "@caudal/core";
import { birthId, type BirthOwner, type BirthRecord } from "./births.ts";

const birthCollection: CollectionSpec = { name: "sparkplug-births", tenant: true, indexes: [["client", "group", "node"]] };

/** Records of a node: its own under "", its devices' under their names. */
export type NodeRecords = Map<string, BirthRecord>;

const PAGE = 500;
const MAX_OWNERS = 5000;
const TRIES = 5;
const MAX_NODES = 5000;

/**
 * Births that outlive the collector: a birth that was acknowledged is not sent again. What is read is remembered; where several collectors share
 * the messages, it is read again each time.
 */
export class BirthStore {
  readonly #collection: DocumentCollection<BirthRecord>;
  readonly #remember: boolean;
  readonly #known = new Map<string, NodeRecords>();

  private constructor(collection: DocumentCollection<BirthRecord>, remember: boolean) {
    this.#collection = collection;
    this.#remember = remember;
  }

  /** `isShared`: other collectors write births of the same nodes. */
  static async open(documents: Documents, { isShared }: { readonly isShared: boolean }): Promise<BirthStore> {
    return new BirthStore(await documents.collection<BirthRecord>(birthCollection), !isShared);
  }

  /** What is known of a node. Rejects as the store does. */
  async load({ client, group, node }: Omit<BirthOwner, "device">): Promise<NodeRecords> {
    const id = birthId({ client, group, node, device: "" });
    const known = this.#known.get(id);
    if (known !== undefined) return known;
    const records: NodeRecords = new Map();
    let cursor: string | undefined;
    do {
      const page = await this.#collection.find(systemScope, { where: { client, group, node }, limit: PAGE, ...(cursor === undefined ? {} : { cursor }) });
      for (const { body } of page.items) records.set(body.device, body);
      cursor = page.next;
    } while (cursor !== undefined && records.size < MAX_OWNERS);
    if (this.#remember) {
      if (this.#known.size >= MAX_NODES) this.#known.clear();
      this.#known.set(id, records);
    }
    return records;
  }

  /** Changes one record, whoever else writes it. Rejects as the store does; then nothing is remembered of it. */
  async change(owner: BirthOwner, next: (before: BirthRecord | undefined) => BirthRecord): Promise<void> {
    const id = birthId(owner);
    for (let attempt = 1; ; attempt++) {
      const stored = await this.#collection.get(systemScope, id);
      const body = next(stored?.body);
      try {
        await this.#write(id, body, stored);
        this.#known.get(birthId({ ...owner, device: "" }))?.set(owner.device, body);
        return;
      } catch (error) {
        if (attempt === TRIES || !(hasCode(error, "version-conflict") || hasCode(error, "duplicate-key"))) throw error;
      }
    }
  }

  async #write(id: string, body: BirthRecord, stored: StoredDocument<BirthRecord> | undefined): Promise<void> {
    if (stored === undefined) await this.#collection.insert(systemScope, { id, body });
    else await this.#collection.replace(systemScope, { id, body }, stored.version);
  }
}
