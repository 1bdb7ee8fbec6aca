import { hasCode, systemScope, type CollectionSpec, type DecisionRecord, type DocumentCollection, type Documents, type Scope, type WordChange } from "@caudal/core";
import type { VerdictBody } from "./verdict.ts";

/** One thing that a person said of a count: what was asked of which kind of decision, and the word that followed from it. */
export interface SpokenWord {
  readonly asked: VerdictBody["verdict"];
  /** Kind of the decision that it was said of. */
  readonly of: string;
  /** null took back what was said before. */
  readonly verdict: string | null;
  readonly author: string;
  readonly reason: string;
  readonly atUs: number;
  readonly modulus?: number;
  readonly finalCount?: number;
  readonly initialCount?: number;
}

/** All that people said of one count, the newest last. Document id: `countIdOf`. */
interface SpokenRecord {
  readonly client: string;
  readonly point: string;
  readonly words: readonly SpokenWord[];
}

const spokenCollection: CollectionSpec = { name: "totaliser-words", tenant: true, indexes: [["client"], ["point"]] };
/** Of one count; the audit trail has all. */
const MOST_WORDS = 50;
const TRIES = 8;

type Count = Pick<DecisionRecord, "client" | "point" | "variable" | "instantUs">;

/** The same for every decision about one count. */
function countIdOf({ point, variable, instantUs }: Count): string {
  return `${point}/${variable}@${instantUs}`;
}

/**
 * Who said what of which count, and why. It is for people to read: what holds is decided by the events on caudal.points, which stand there before a word is kept here, so
 * after a crash between the two a decision may be a person's and not say whose; the next word tells.
 */
export class SpokenWords {
  readonly #records: DocumentCollection<SpokenRecord>;

  private constructor(records: DocumentCollection<SpokenRecord>) {
    this.#records = records;
  }

  static async open(documents: Documents): Promise<SpokenWords> {
    return new SpokenWords(await documents.collection<SpokenRecord>(spokenCollection));
  }

  /** Durable when it resolves. */
  async keep(count: Count, asked: Pick<SpokenWord, "asked" | "of" | "atUs">, word: WordChange): Promise<void> {
    const { variable: _, timeUs: __, ...said } = word;
    const id = countIdOf(count);
    for (let attempt = 1; ; attempt++) {
      const stored = await this.#records.get(systemScope, id);
      const words = [...(stored?.body.words ?? []), { ...asked, ...said }].slice(-MOST_WORDS);
      const body: SpokenRecord = { client: count.client, point: count.point, words };
      try {
        if (stored === undefined) await this.#records.insert(systemScope, { id, body });
        else await this.#records.replace(systemScope, { id, body }, stored.version);
        return;
      } catch (error) {
        if ((!hasCode(error, "duplicate-key") && !hasCode(error, "version-conflict")) || attempt >= TRIES) throw error;
      }
    }
  }

  /** What was said of the counts that decisions are about. */
  async of(scope: Scope, counts: readonly Count[]): Promise<(count: Count) => readonly SpokenWord[]> {
    const ids = [...new Set(counts.map(countIdOf))];
    const found = new Map(ids.length === 0 ? [] : (await this.#records.getMany(scope, ids)).map(({ id, body }) => [id, body.words]));
    return (count) => found.get(countIdOf(count)) ?? [];
  }
}
