import { systemScope, type CollectionSpec, type DocumentCollection, type Documents } from "@caudal/core";

/** What is known of the last backup and the last drill that succeeded, and who tries next. Documents: `backup` and `drill`. */
export interface BackupNote {
  readonly name: string;
  readonly endedAtUs: number;
  readonly tookS: number;
  readonly ok: boolean;
  /** Differences that a drill found, or why it failed. */
  readonly trouble: string | null;
}

interface Attempt {
  /** Nobody else begins before. */
  readonly untilUs: number;
}

const noteCollection: CollectionSpec = { name: "backup-notes", tenant: false };
const attemptCollection: CollectionSpec = { name: "backup-attempts", tenant: false };
export type Kind = "backup" | "drill";

/** Notes over the documents, so that every process of a fleet sees the same. */
export class BackupNotes {
  readonly #notes: DocumentCollection<BackupNote>;
  readonly #attempts: DocumentCollection<Attempt>;

  private constructor(notes: DocumentCollection<BackupNote>, attempts: DocumentCollection<Attempt>) {
    this.#notes = notes;
    this.#attempts = attempts;
  }

  static async open(documents: Documents): Promise<BackupNotes> {
    return new BackupNotes(await documents.collection<BackupNote>(noteCollection), await documents.collection<Attempt>(attemptCollection));
  }

  async last(kind: Kind): Promise<BackupNote | undefined> {
    return (await this.#notes.get(systemScope, kind))?.body;
  }

  async note(kind: Kind, note: BackupNote): Promise<void> {
    await this.#notes.putMany(systemScope, [{ id: kind, body: note }]);
  }

  /** True for one of those who ask at once; the others may ask again after `forMs`. */
  async claim(kind: Kind, nowUs: number, forMs: number): Promise<boolean> {
    const body = { untilUs: nowUs + forMs * 1000 };
    const found = await this.#attempts.get(systemScope, kind);
    if (found !== undefined && found.body.untilUs > nowUs) return false;
    try {
      if (found === undefined) await this.#attempts.insert(systemScope, { id: kind, body });
      else await this.#attempts.replace(systemScope, { id: kind, body }, found.version);
      return true;
    } catch (error) {
      if (error instanceof Error && "code" in error && (error.code === "duplicate-key" || error.code === "version-conflict")) return false;
      throw error;
    }
  }

  /** While the work goes on. */
  async extend(kind: Kind, untilUs: number): Promise<void> {
    await this.#attempts.putMany(systemScope, [{ id: kind, body: { untilUs } }]);
  }
}
