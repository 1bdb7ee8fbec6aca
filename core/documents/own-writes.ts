import { isDeepStrictEqual } from "node:util";
import { systemScope } from "../access/principal.ts";
import { CaudalError, hasCode } from "../errors.ts";
import type { DocumentCollection } from "../ports/documents.ts";

/** Tries whose answers were lost, one after the other, that an owner remembers. */
const MOST_UNANSWERED = 8;

/**
 * Compare-and-set of a document by its one owner. A write whose answer was lost may stand all the same; the next one then meets another version
 * than expected, and must not take its owner's own write for that of somebody else.
 */
export class OwnWrites<T extends object> {
  readonly #collection: DocumentCollection<T>;
  readonly #id: string;
  #version: number;
  /** Bodies that were tried on top of the version. */
  #unanswered: T[] = [];

  /** `version` is what the document has now, by an answer. */
  constructor(collection: DocumentCollection<T>, id: string, version: number) {
    this.#collection = collection;
    this.#id = id;
    this.#version = version;
  }

  /** Durable when it resolves; rejects with "version-conflict" when what stands is nobody's but another owner's. One at a time. */
  async replace(body: T): Promise<void> {
    for (;;) {
      try {
        this.#met((await this.#collection.replace(systemScope, { id: this.#id, body }, this.#version)).version);
        return;
      } catch (error) {
        if (error instanceof CaudalError && error.retry === "unknown") this.#unanswered = [...this.#unanswered, plain(body)].slice(-MOST_UNANSWERED);
        if (!hasCode(error, "version-conflict") || this.#unanswered.length === 0) throw error;
        const found = await this.#collection.get(systemScope, this.#id);
        if (found?.version !== this.#version + 1 || !this.#unanswered.some((own) => isDeepStrictEqual(own, plain(found.body)))) throw error;
        this.#met(found.version);
      }
    }
  }

  #met(version: number): void {
    this.#version = version;
    this.#unanswered = [];
  }
}

/** As a store gives it back. */
function plain<T>(body: T): T {
  return JSON.parse(JSON.stringify(body)) as T;
}
