import { CaudalError, hasCode, OwnWrites, systemScope, type Assignment, type CollectionSpec, type DocumentCollection } from "@caudal/core";
import { HEADS, type LineBody } from "@caudal/runtime";

export const headCollection: CollectionSpec = { name: HEADS, tenant: false };

/** Where a group stands on a partition. Every state of the partition reflects at least all records below `offset`. */
export interface HeadBody extends LineBody {
  /** Directory changes before it need no more work. */
  readonly directoryUs: number;
}

export type Heads = DocumentCollection<HeadBody>;

/**
 * The document that says where a partition goes on. Its owner claims it when the partition is assigned; whoever claims it later makes
 * the writes of the one before fail with "stale-generation".
 */
export class PartitionHead {
  readonly #writes: OwnWrites<HeadBody>;
  readonly #id: string;
  #body: HeadBody;
  /** Another owner was before this one, and may still be finishing what it had in hand. */
  readonly tookOver: boolean;

  private constructor(heads: Heads, id: string, body: HeadBody, version: number) {
    this.#writes = new OwnWrites(heads, id, version);
    this.#id = id;
    this.#body = body;
    this.tookOver = version > 1;
  }

  /** Claims the head; where there is none yet the partition starts at `firstOffset`. */
  static async claim(heads: Heads, assignment: Assignment, first: { readonly offset: number; readonly directoryUs: number }): Promise<PartitionHead> {
    const { group, topic, partition, generation } = assignment;
    const id = `${group}/${partition}`;
    for (;;) {
      const found = await heads.get(systemScope, id);
      const body: HeadBody = found === undefined ? { group, topic, partition, generation, tally: { in: 0, out: {} }, ...first } : { ...found.body, generation };
      // One that lost the partition meanwhile must not take the head from whoever has it now.
      assignment.signal.throwIfAborted();
      try {
        const stored = found === undefined ? await heads.insert(systemScope, { id, body }) : await heads.replace(systemScope, { id, body }, found.version);
        return new PartitionHead(heads, id, body, stored.version);
      } catch (error) {
        if (!hasCode(error, "duplicate-key") && !hasCode(error, "version-conflict")) throw error;
        assignment.signal.throwIfAborted();
      }
    }
  }

  get body(): HeadBody {
    return this.#body;
  }

  /** Moves the head on. Fails with "stale-generation" when another owner claimed it. */
  async store(moved: Pick<HeadBody, "offset" | "tally" | "directoryUs" | "published" | "handedOver" | "takenFrom">): Promise<void> {
    const body = { ...this.#body, ...moved };
    try {
      await this.#writes.replace(body);
      this.#body = body;
    } catch (error) {
      if (!hasCode(error, "version-conflict")) throw error;
      throw new CaudalError("stale-generation", `${this.#id} has another owner`, { cause: error });
    }
  }
}
