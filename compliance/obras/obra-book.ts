import { isDeepStrictEqual } from "node:util";
import { allows, CaudalError, systemScope, type DocumentCollection, type Documents, type Page, type Scope } from "@caudal/core";
import { siftPage } from "@caudal/runtime";
import type { ObraDraft } from "./draft.ts";
import { RefusedObra, type ObraFinding } from "./findings.ts";
import { obraCollection, obraVersionCollection, type Obra, type RegulatorName } from "./obra.ts";
import { contentOf, settled, type SettledObra } from "./settled.ts";
import { VersionShelf } from "./version-shelf.ts";

/** Works that one installation may have. */
const MAX_OBRAS = 20_000;
const CACHE_US = 1_000_000;
const PAGE = 1000;
const TRIES = 8;
const MAX_REASON_CHARACTERS = 1000;

/** Why a work may not be live just now; undefined when it may. */
export type LiveGate = (obra: SettledObra) => Promise<ObraFinding | undefined>;

export interface ObraBookOptions {
  /** Asked before a work is written whose mode is live. Absent: every work may be. */
  readonly liveGate?: LiveGate;
  /** Clients that are being or were erased: `all` leaves their works out, so that nothing begins for them any more. */
  readonly erased?: () => Promise<ReadonlyMap<string, unknown>>;
}

export interface PutOptions {
  /** Of who asks; the installation's when absent. */
  readonly scope?: Scope;
  /** The version that the change was decided on, 0 for a new work. Another one fails with "version-conflict". Absent: whatever is there. */
  readonly version?: number | undefined;
}

/**
 * The works that report. A change is one document of `obra_versions` under the next number, which only one writer gets; the work's own document follows it,
 * and is brought there by whoever comes next when its writer died in between.
 */
export class ObraBook {
  readonly #obras: DocumentCollection<Obra>;
  readonly #shelf: VersionShelf;
  readonly #nowUs: () => number;
  readonly #liveGate: LiveGate | undefined;
  readonly #erased: (() => Promise<ReadonlyMap<string, unknown>>) | undefined;
  #cached: { readonly atUs: number; readonly obras: Promise<readonly Obra[]> } | undefined;

  private constructor(obras: DocumentCollection<Obra>, shelf: VersionShelf, nowUs: () => number, { liveGate, erased }: ObraBookOptions) {
    this.#obras = obras;
    this.#shelf = shelf;
    this.#nowUs = nowUs;
    this.#liveGate = liveGate;
    this.#erased = erased;
  }

  static async open(documents: Documents, nowUs: () => number, options: ObraBookOptions = {}): Promise<ObraBook> {
    const obras = await documents.collection<Obra>(obraCollection);
    const shelf = new VersionShelf(obras, await documents.collection<Obra>(obraVersionCollection));
    await shelf.catchUp();
    return new ObraBook(obras, shelf, nowUs, options);
  }

  /** Every work in order of its name at its regulator, as of a second ago at most; what this book wrote is seen at once. */
  async all(): Promise<readonly Obra[]> {
    const nowUs = this.#nowUs();
    const cached = this.#cached;
    if (cached !== undefined && Math.abs(nowUs - cached.atUs) < CACHE_US) return cached.obras;
    const obras = this.#readAll();
    this.#cached = { atUs: nowUs, obras };
    obras.catch(() => this.#forget());
    return obras;
  }

  /** `work` is `regulator/code`. Undefined where there is none, or none that the scope may see. */
  async get(scope: Scope, work: string): Promise<Obra | undefined> {
    return (await this.#obras.get(scope, work))?.body;
  }

  /** In order of `work`. Throws Problem "invalid-cursor". */
  async list(scope: Scope, { client, regulator, limit, cursor }: { readonly client?: string | undefined; readonly regulator?: RegulatorName | undefined; readonly limit: number; readonly cursor?: string | undefined }): Promise<Page<Obra>> {
    const where: Record<string, string> = client !== undefined ? { client } : regulator !== undefined ? { regulator } : {};
    const fits = client !== undefined && regulator !== undefined ? ({ body }: { readonly body: Obra }): boolean => body.regulator === regulator : undefined;
    const page = await siftPage({ limit, cursor, fits }, (at) => this.#obras.find(scope, { where, ...at }));
    return { ...page, items: page.items.map(({ body }) => body) };
  }

  /**
   * The work as it is now; what changes nothing makes no version. Fails with RefusedObra (code "bad-request", all findings), "forbidden" (a client outside the scope), "version-conflict",
   * "duplicate-key" (the code belongs to a work outside the scope), "too-large" (`MAX_OBRAS`).
   */
  async put(author: string, draft: ObraDraft, reason: string, { scope = systemScope, version }: PutOptions = {}): Promise<Obra> {
    const content = await this.check(draft, { scope });
    if (reason.trim() === "" || reason.length > MAX_REASON_CHARACTERS) throw new RefusedObra([{ path: ["reason"], text: { en: `a reason of 1 to ${MAX_REASON_CHARACTERS} characters is required`, es: `se requiere un motivo de 1 a ${MAX_REASON_CHARACTERS} caracteres` } }]);
    for (let tries = 0; tries < TRIES; tries++) {
      const held = await this.#heldAt(content.work, version);
      if (held !== undefined && isDeepStrictEqual(contentOf(held), content)) return held;
      if (held === undefined && (await this.#obras.count(systemScope)) >= MAX_OBRAS) throw new CaudalError("too-large", `there are ${MAX_OBRAS} works already`);
      const obra = this.#next(content, held, { author, reason });
      if (await this.#shelf.claim(obra)) {
        await this.#shelf.advance(obra);
        this.#forget();
        return obra;
      }
      await this.#shelf.bringForward(obra.work, obra.version);
      this.#forget();
    }
    throw new CaudalError("version-conflict", `${content.work} is being changed by others`);
  }

  /** The work as `put` would leave it; fails as `put` does, but for the reason, and writes nothing. */
  async preview(author: string, draft: ObraDraft, { reason = "", scope = systemScope, version }: PutOptions & { readonly reason?: string | undefined } = {}): Promise<Obra> {
    const content = await this.check(draft, { scope });
    const held = await this.#heldAt(content.work, version);
    return held !== undefined && isDeepStrictEqual(contentOf(held), content) ? held : this.#next(content, held, { author, reason });
  }

  /** What the draft would be as a work; fails as `put` does, and writes nothing. */
  async check(draft: ObraDraft, { scope = systemScope }: { readonly scope?: Scope } = {}): Promise<SettledObra> {
    const content = settled(draft);
    if (!allows(scope, content.client)) throw new CaudalError("forbidden", `${content.client} is outside the scope`);
    const held = (await this.#obras.get(systemScope, content.work))?.body;
    if (held !== undefined && !allows(scope, held.client)) throw new CaudalError("duplicate-key", `${content.work} is taken`);
    if (held !== undefined && held.client !== content.client) {
      throw new RefusedObra([{ path: ["client"], text: { en: `the work belongs to ${held.client}, and so do its slots; it cannot be given to another`, es: `la obra pertenece a ${held.client}, igual que sus envíos; no puede pasar a otro` } }]);
    }
    const closed = content.mode === "live" ? await this.#liveGate?.(content) : undefined;
    if (closed !== undefined) throw new RefusedObra([closed]);
    return content;
  }

  /** Oldest first. Empty where there is no such work. */
  async versions(scope: Scope, work: string): Promise<readonly Obra[]> {
    return this.#shelf.of(scope, work);
  }

  /** The work as it was at the instant; before its first version as that one says. Undefined where there is none. */
  async inForce(work: string, atUs: number): Promise<Obra | undefined> {
    const versions = await this.#shelf.of(systemScope, work);
    return versions.findLast(({ changedAtUs }) => changedAtUs <= atUs) ?? versions[0];
  }

  /** The work as it is; another version than the one that was named fails with "version-conflict". */
  async #heldAt(work: string, version: number | undefined): Promise<Obra | undefined> {
    const held = (await this.#obras.get(systemScope, work))?.body;
    if (version !== undefined && version !== (held?.version ?? 0)) throw new CaudalError("version-conflict", `${work} is at version ${held?.version ?? 0}, not ${version}`);
    return held;
  }

  /** The instants of a work's versions grow even when the clock was set back, so that each holds from one instant on. */
  #next(content: SettledObra, held: Obra | undefined, { author, reason }: { readonly author: string; readonly reason: string }): Obra {
    return { ...content, version: (held?.version ?? 0) + 1, changedBy: author, changedAtUs: Math.max(this.#nowUs(), (held?.changedAtUs ?? -1) + 1), reason: reason.trim() };
  }

  async #readAll(): Promise<readonly Obra[]> {
    const obras: Obra[] = [];
    let cursor: string | undefined;
    do {
      const page: Page<{ readonly body: Obra }> = await this.#obras.find(systemScope, { limit: PAGE, ...(cursor === undefined ? {} : { cursor }) });
      obras.push(...page.items.map(({ body }) => body));
      cursor = page.next;
    } while (cursor !== undefined);
    const erased = await this.#erased?.();
    return erased === undefined || erased.size === 0 ? obras : obras.filter(({ client }) => !erased.has(client));
  }

  #forget(): void {
    this.#cached = undefined;
  }
}

