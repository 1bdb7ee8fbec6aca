import {
  allows, CaudalError, fromCursor, toCursor, type CollectionSpec, type DeclaredCollection, type DocumentCollection, type Documents, type FindQuery, type NewDocument, type Page, type Scalar, type Scope, type StoredDocument,
} from "@caudal/core";
import { fieldOf, type CollectionState, type DocumentsState, type KeptDocument, type ScopeClients } from "./documents-state.ts";
import type { SimulatedProcess } from "./process.ts";
import type { Store } from "./store.ts";

const MAX_BODY_BYTES = 1024 * 1024;
const MAX_BLOB_BYTES = 8 * 1024 * 1024;
const MAX_LIMIT = 1000;

/** One process's way to the world's documents. */
export class SimulatedDocuments implements Documents {
  readonly #state: DocumentsState;
  readonly #store: Store;
  readonly #process: SimulatedProcess;
  closed = false;

  constructor(state: DocumentsState, store: Store, process: SimulatedProcess) {
    this.#state = state;
    this.#store = store;
    this.#process = process;
  }

  async collection<T extends object>(spec: CollectionSpec): Promise<DocumentCollection<T>> {
    this.#mustBeOpen();
    const collection = await this.#store.declare(this.#process, `collection(${spec.name})`, () => this.#state.declare(spec));
    return new SimulatedCollection<T>(this, collection, spec);
  }

  collections(): Promise<readonly DeclaredCollection[]> {
    return this.read("collections", () => [...this.#state.collections.values()].map(({ spec: { name, tenant } }) => ({ name, tenant })).sort((a, b) => (a.name < b.name ? -1 : 1)));
  }

  async read<T>(what: string, work: () => T): Promise<T> {
    this.#mustBeOpen();
    return this.#store.read(this.#process, what, work);
  }

  async write<T>(what: string, apply: () => T): Promise<T> {
    this.#mustBeOpen();
    return this.#store.write(this.#process, what, apply);
  }

  async close(): Promise<void> {
    this.closed = true;
  }

  #mustBeOpen(): void {
    if (this.closed) throw new CaudalError("closed", "the documents are closed");
  }
}

class SimulatedCollection<T extends object> implements DocumentCollection<T> {
  readonly #way: SimulatedDocuments;
  readonly #state: CollectionState;
  readonly #name: string;
  readonly #tenant: boolean;

  constructor(way: SimulatedDocuments, state: CollectionState, { name, tenant }: CollectionSpec) {
    this.#way = way;
    this.#state = state;
    this.#name = name;
    this.#tenant = tenant;
  }

  async insert(scope: Scope, document: NewDocument<T>): Promise<StoredDocument<T>> {
    const kept = this.#kept(scope, document);
    return { ...document, version: await this.#way.write(`insert(${this.#name} ${document.id})`, () => this.#state.insert(kept)) };
  }

  async get(scope: Scope, id: string): Promise<StoredDocument<T> | undefined> {
    return (await this.getMany(scope, [id]))[0];
  }

  async getMany(scope: Scope, ids: readonly string[]): Promise<readonly StoredDocument<T>[]> {
    const clients = this.#clients(scope);
    if (ids.length === 0) return [];
    return this.#way.read("getMany", () => ids.flatMap((id) => this.#state.get(id, clients) ?? []).map((kept) => this.#stored(kept)));
  }

  async replace(scope: Scope, document: NewDocument<T>, expectedVersion: number): Promise<StoredDocument<T>> {
    const clients = this.#clients(scope);
    const kept = this.#kept(scope, document);
    return { ...document, version: await this.#way.write(`replace(${this.#name} ${document.id} ${expectedVersion})`, () => this.#state.replace(kept, expectedVersion, clients)) };
  }

  async putMany(scope: Scope, documents: readonly NewDocument<T>[]): Promise<void> {
    await this.#put(scope, documents, () => undefined);
  }

  async restoreMany(scope: Scope, documents: readonly StoredDocument<T>[]): Promise<void> {
    await this.#put(scope, documents, (at) => documents[at]?.version);
  }

  async remove(scope: Scope, id: string, expectedVersion?: number): Promise<boolean> {
    const clients = this.#clients(scope);
    return this.#way.write(`remove(${this.#name} ${id})`, () => this.#state.remove(id, expectedVersion, clients));
  }

  async find(scope: Scope, query: FindQuery): Promise<Page<StoredDocument<T>>> {
    const { limit = 100, cursor, orderBy } = query;
    const clients = this.#clients(scope);
    if (!Number.isInteger(limit) || limit < 1 || limit > MAX_LIMIT) throw new CaudalError("bad-request", `a page holds 1 to ${MAX_LIMIT} documents, not ${limit}`);
    const after = cursor === undefined ? undefined : fromCursor(cursor);
    return this.#way.read(`find(${this.#name})`, () => {
      const found = this.#state.find(query, clients, { after, limit: limit + 1 });
      const last = found[limit - 1];
      const items = found.slice(0, limit).map((kept) => this.#stored(kept));
      return found.length <= limit || last === undefined ? { items } : { items, next: toCursor([orderBy === undefined ? null : fieldOf(last, orderBy), last.id]) };
    });
  }

  async count(scope: Scope, where: Readonly<Record<string, Scalar>> = {}): Promise<number> {
    const clients = this.#clients(scope);
    return this.#way.read(`count(${this.#name})`, () => this.#state.count(where, clients));
  }

  async #put(scope: Scope, documents: readonly NewDocument<T>[], versionOf: (at: number) => number | undefined): Promise<void> {
    if (documents.length === 0) return;
    const kept = documents.map((document, at) => {
      const version = versionOf(at);
      if (version !== undefined && (!Number.isSafeInteger(version) || version < 1)) throw new CaudalError("bad-request", `${this.#name}: document ${document.id} cannot have version ${version}`);
      return this.#kept(scope, document);
    });
    await this.#way.write(`putMany(${this.#name} ${kept.map(({ id }) => id).join()})`, () => kept.forEach((document, at) => this.#state.put(document, versionOf(at))));
  }

  #clients(scope: Scope): ScopeClients {
    if (scope.clients === "all") return null;
    if (!this.#tenant) throw new CaudalError("forbidden", `${this.#name} belongs to the installation`);
    return scope.clients;
  }

  #kept(scope: Scope, { id, body, blob }: NewDocument<T>): Omit<KeptDocument, "version"> {
    this.#clients(scope);
    const client = this.#tenant ? (body as { client?: unknown }).client : null;
    if (client !== null && typeof client !== "string") throw new CaudalError("bad-request", `${this.#name}: a document of a tenant names its client`);
    if (client !== null && !allows(scope, client)) throw new CaudalError("forbidden", `${this.#name}: the scope does not allow client ${client}`);
    const text = JSON.stringify(body);
    if (Buffer.byteLength(text) > MAX_BODY_BYTES) throw new CaudalError("too-large", `${this.#name}: the body of ${id} is over ${MAX_BODY_BYTES} bytes`);
    if (blob !== undefined && blob.length > MAX_BLOB_BYTES) throw new CaudalError("too-large", `${this.#name}: the blob of ${id} is over ${MAX_BLOB_BYTES} bytes`);
    return { id, client, text, fields: JSON.parse(text) as Record<string, unknown>, blob: blob === undefined ? undefined : Uint8Array.from(blob) };
  }

  #stored({ id, version, text, blob }: KeptDocument): StoredDocument<T> {
    const document = { id, version, body: JSON.parse(text) as T };
    return blob === undefined ? document : { ...document, blob };
  }
}
