import { MongoBulkWriteError } from "mongodb";
import { CaudalError } from "@caudal/core";
import { headId } from "./keys.ts";
import type { EntryDocument, HeadDocument, TierStore } from "./tier-store.ts";
import { Together } from "./together.ts";

const DUPLICATE_KEY = 11_000;

/** The logs of all lanes, which are written and asked together. */
export class LogStore {
  readonly #store: TierStore;
  readonly #inserts = new Together((entries: readonly EntryDocument[]) => this.#insertAll(entries));
  readonly #heads = new Together((lanes: readonly number[]) => this.#findHeads(lanes));

  constructor(store: TierStore) {
    this.#store = store;
  }

  /** True when the entry stands in the log and is durable; false when another one has its place. */
  insert(entry: EntryDocument): Promise<boolean> {
    return this.#inserts.ask(entry);
  }

  /** Takes an entry of ours back. */
  async remove({ _id, w, n }: EntryDocument): Promise<void> {
    await this.#store.connection.onceMore(() => this.#store.log.deleteOne({ _id, w, n }));
  }

  /** How far the lane is folded. */
  head(lane: number): Promise<HeadDocument> {
    return this.#heads.ask(lane);
  }

  #insertAll(entries: readonly EntryDocument[]): Promise<readonly boolean[]> {
    return this.#store.connection.onceMore(async (attempt) => {
      const taken = await this.#tryInsert(entries);
      // Of an attempt whose answer was lost the entries may be there: then they are ours.
      const ours = attempt > 1 && taken.size > 0 ? await this.#findOurs(entries.filter((_, i) => taken.has(i))) : new Set<number>();
      return entries.map(({ _id }, i) => !taken.has(i) || ours.has(_id));
    });
  }

  /** Indexes of the entries whose place is taken. */
  async #tryInsert(entries: readonly EntryDocument[]): Promise<ReadonlySet<number>> {
    try {
      await this.#store.log.insertMany(entries, { ordered: false });
      return new Set();
    } catch (error) {
      const refused = error instanceof MongoBulkWriteError && error.result.getWriteConcernError() === undefined ? error.result.getWriteErrors() : [];
      if (refused.length === 0 || refused.some(({ code }) => code !== DUPLICATE_KEY)) throw error;
      return new Set(refused.map(({ index }) => index));
    }
  }

  async #findOurs(entries: readonly EntryDocument[]): Promise<ReadonlySet<number>> {
    const found = await this.#store.log.find({ $or: entries.map(({ _id, w, n }) => ({ _id, w, n })) }, { projection: { _id: 1 } }).toArray();
    return new Set(found.map(({ _id }) => _id));
  }

  async #findHeads(lanes: readonly number[]): Promise<readonly HeadDocument[]> {
    const { connection, heads } = this.#store;
    const found = await connection.onceMore(() => heads.find({ _id: { $in: [...new Set(lanes.map(headId))] } }).toArray());
    const byId = new Map(found.map((head) => [head._id, head]));
    return lanes.map((lane) => {
      const head = byId.get(headId(lane));
      if (head === undefined) throw new CaudalError("corrupt", `${connection.place}: the document that says how far lane ${lane} is folded is gone`);
      return head;
    });
  }
}
