import { hasCode, systemScope, type DocumentCollection, type Page, type Scope, type StoredDocument } from "@caudal/core";
import type { Obra } from "./obra.ts";

const PAGE = 500;

/** Numbers of six digits, so that ids sort by version. */
function versionId(work: string, version: number): string {
  return `${work}/${String(version).padStart(6, "0")}`;
}

/** Versions of works, and the step from a version to the work's own document, which only ever goes forward. */
export class VersionShelf {
  readonly #obras: DocumentCollection<Obra>;
  readonly #versions: DocumentCollection<Obra>;

  constructor(obras: DocumentCollection<Obra>, versions: DocumentCollection<Obra>) {
    this.#obras = obras;
    this.#versions = versions;
  }

  /** False when somebody else has the version's number. */
  async claim(obra: Obra): Promise<boolean> {
    try {
      await this.#versions.insert(systemScope, { id: versionId(obra.work, obra.version), body: obra });
      return true;
    } catch (error) {
      if (hasCode(error, "duplicate-key")) return false;
      throw error;
    }
  }

  /** Makes the work's document this version, unless it is that or a later one. */
  async advance(obra: Obra): Promise<void> {
    for (;;) {
      const stored = await this.#obras.get(systemScope, obra.work);
      if (stored !== undefined && stored.body.version >= obra.version) return;
      try {
        if (stored === undefined) await this.#obras.insert(systemScope, { id: obra.work, body: obra });
        else await this.#obras.replace(systemScope, { id: obra.work, body: obra }, stored.version);
        return;
      } catch (error) {
        // Another writer brought it forward, here or further: each round ends nearer to the newest.
        if (!hasCode(error, "version-conflict") && !hasCode(error, "duplicate-key")) throw error;
      }
    }
  }

  /** Finishes what the writer of this version may have left. */
  async bringForward(work: string, version: number): Promise<void> {
    const stored = await this.#versions.get(systemScope, versionId(work, version));
    if (stored !== undefined) await this.advance(stored.body);
  }

  /** Finishes what a crash left: a version is written just before its work's document. */
  async catchUp(): Promise<void> {
    for await (const obras of pages(this.#obras, {})) {
      const ahead = await this.#versions.getMany(systemScope, obras.map(({ body: { work, version } }) => versionId(work, version + 1)));
      for (const { body } of ahead) await this.advance(body);
    }
    for await (const firsts of pages(this.#versions, { version: 1 })) {
      const there = new Set((await this.#obras.getMany(systemScope, firsts.map(({ body }) => body.work))).map(({ id }) => id));
      for (const { body } of firsts) if (!there.has(body.work)) await this.advance(body);
    }
  }

  /** Oldest first. */
  async of(scope: Scope, work: string): Promise<readonly Obra[]> {
    const versions: Obra[] = [];
    let cursor: string | undefined;
    do {
      const page: Page<StoredDocument<Obra>> = await this.#versions.find(scope, { where: { work }, orderBy: "version", limit: PAGE, ...(cursor === undefined ? {} : { cursor }) });
      versions.push(...page.items.map(({ body }) => body));
      cursor = page.next;
    } while (cursor !== undefined);
    return versions;
  }
}

async function* pages(collection: DocumentCollection<Obra>, where: Readonly<Record<string, number>>): AsyncGenerator<readonly StoredDocument<Obra>[]> {
  let cursor: string | undefined;
  do {
    const page: Page<StoredDocument<Obra>> = await collection.find(systemScope, { where, limit: PAGE, ...(cursor === undefined ? {} : { cursor }) });
    yield page.items;
    cursor = page.next;
  } while (cursor !== undefined);
}
