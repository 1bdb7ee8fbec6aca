import { hasCode, systemScope, type CollectionSpec, type DocumentCollection, type Documents, type PointKey, type Scope, type StoredDocument } from "@caudal/core";
import type { Mark } from "./marks.ts";

/** What must still be computed of a point. Document id: the point's id. */
export interface MarkRecord extends PointKey {
  readonly partition: number;
  /** False when nothing is marked. */
  readonly pending: boolean;
  /** From, to and offset of each mark. */
  readonly marks: readonly (readonly [from: number, to: number, offset: number])[];
}

const markCollection: CollectionSpec = { name: "rollup-marks", tenant: true, indexes: [["client"], ["partition", "pending"]] };
const PAGE = 500;

export type StoredMarks = StoredDocument<MarkRecord>;

/** Marks as they are kept; every write compares and sets. */
export class MarkStore {
  readonly #records: DocumentCollection<MarkRecord>;

  private constructor(records: DocumentCollection<MarkRecord>) {
    this.#records = records;
  }

  static async open(documents: Documents): Promise<MarkStore> {
    return new MarkStore(await documents.collection<MarkRecord>(markCollection));
  }

  /** Points of a partition that have marks. */
  async *pending(partition: number): AsyncGenerator<StoredMarks> {
    let cursor: string | undefined;
    do {
      const page = await this.#records.find(systemScope, { where: { partition, pending: true }, limit: PAGE, ...(cursor === undefined ? {} : { cursor }) });
      yield* page.items;
      cursor = page.next;
    } while (cursor !== undefined);
  }

  get(scope: Scope, point: string): Promise<StoredMarks | undefined> {
    return this.#records.get(scope, point);
  }

  getMany(points: readonly string[]): Promise<readonly StoredMarks[]> {
    return this.#records.getMany(systemScope, points);
  }

  /** The new version, or undefined when another wrote meanwhile. */
  async put(key: PointKey, partition: number, marks: readonly Mark[], version: number): Promise<number | undefined> {
    const body: MarkRecord = { ...key, partition, pending: marks.length > 0, marks: marks.map(({ from, to, offset }) => [from, to, offset]) };
    try {
      const stored = version === 0
        ? await this.#records.insert(systemScope, { id: key.point, body })
        : await this.#records.replace(systemScope, { id: key.point, body }, version);
      return stored.version;
    } catch (error) {
      if (hasCode(error, "version-conflict") || hasCode(error, "duplicate-key")) return undefined;
      throw error;
    }
  }

  async eraseClient(client: string): Promise<void> {
    for (;;) {
      const page = await this.#records.find({ clients: [client] }, { where: { client }, limit: 1000 });
      if (page.items.length === 0) return;
      for (const { id } of page.items) await this.#records.remove({ clients: [client] }, id);
    }
  }
}

export function marksOf({ body }: StoredMarks): Mark[] {
  return body.marks.map(([from, to, offset]) => ({ from, to, offset }));
}
