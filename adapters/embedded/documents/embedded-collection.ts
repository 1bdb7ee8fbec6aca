import { allows, CaudalError, type CollectionSpec, type DocumentCollection, type FindQuery, fromCursor, type NewDocument, type Page, type Scalar, type Scope, type StoredDocument, toCursor } from "@caudal/core";
import type { WorkerCalls } from "../worker/worker-calls.ts";
import type { DocumentsRequest, ScopeClients, StoredRow, WrittenDocument } from "./requests.ts";

const MAX_BODY_BYTES = 1024 * 1024;
const MAX_BLOB_BYTES = 8 * 1024 * 1024;
const DEFAULT_LIMIT = 100;
const MAX_LIMIT = 1000;

/** One collection as the main thread sees it: checks scopes and sizes, turns bodies into text and back. */
export class EmbeddedCollection<T extends object> implements DocumentCollection<T> {
  readonly #calls: WorkerCalls;
  readonly #spec: CollectionSpec;
  readonly #isClosed: () => boolean;

  constructor(calls: WorkerCalls, spec: CollectionSpec, isClosed: () => boolean) {
    this.#calls = calls;
    this.#spec = spec;
    this.#isClosed = isClosed;
  }

  async insert(scope: Scope, document: NewDocument<T>): Promise<StoredDocument<T>> {
    const version = await this.#ask<number>({ kind: "insert", collection: this.#spec.name, document: this.#written(scope, document) });
    return { ...document, version };
  }

  async get(scope: Scope, id: string): Promise<StoredDocument<T> | undefined> {
    return (await this.getMany(scope, [id]))[0];
  }

  async getMany(scope: Scope, ids: readonly string[]): Promise<readonly StoredDocument<T>[]> {
    const clients = this.#clients(scope);
    if (ids.length === 0) return [];
    const rows = await this.#ask<StoredRow[]>({ kind: "get", collection: this.#spec.name, clients, ids: [...new Set(ids)] });
    const byId = new Map(rows.map((row) => [row.id, row]));
    return ids.flatMap((id) => {
      const row = byId.get(id);
      return row === undefined ? [] : [this.#stored(row)];
    });
  }

  async replace(scope: Scope, document: NewDocument<T>, expectedVersion: number): Promise<StoredDocument<T>> {
    const clients = this.#clients(scope);
    const version = await this.#ask<number>({ kind: "replace", collection: this.#spec.name, clients, document: this.#written(scope, document), expectedVersion });
    return { ...document, version };
  }

  async putMany(scope: Scope, documents: readonly NewDocument<T>[]): Promise<void> {
    if (documents.length === 0) return;
    await this.#ask({ kind: "put", collection: this.#spec.name, documents: documents.map((document) => this.#written(scope, document)) });
  }

  async restoreMany(scope: Scope, documents: readonly StoredDocument<T>[]): Promise<void> {
    if (documents.length === 0) return;
    const restored = documents.map((document) => ({ ...this.#written(scope, document), version: versionOf(this.#spec, document) }));
    await this.#ask({ kind: "restore", collection: this.#spec.name, documents: restored });
  }

  remove(scope: Scope, id: string, expectedVersion?: number): Promise<boolean> {
    return this.#ask<boolean>({ kind: "remove", collection: this.#spec.name, clients: this.#clients(scope), id, expectedVersion });
  }

  async find(scope: Scope, query: FindQuery): Promise<Page<StoredDocument<T>>> {
    const limit = query.limit ?? DEFAULT_LIMIT;
    if (!Number.isInteger(limit) || limit < 1 || limit > MAX_LIMIT) throw new CaudalError("bad-request", `a page holds 1 to ${MAX_LIMIT} documents, not ${limit}`);
    const after = query.cursor === undefined ? undefined : fromCursor(query.cursor);
    // One more than asked tells whether there is a next page.
    const rows = await this.#ask<StoredRow[]>({ kind: "find", collection: this.#spec.name, clients: this.#clients(scope), query, after, limit: limit + 1 });
    const items = rows.slice(0, limit).map((row) => this.#stored(row));
    const last = items.at(-1);
    if (rows.length <= limit || last === undefined) return { items };
    return { items, next: toCursor([placeOf(last.body, query.orderBy), last.id]) };
  }

  count(scope: Scope, where: Readonly<Record<string, Scalar>> = {}): Promise<number> {
    return this.#ask<number>({ kind: "count", collection: this.#spec.name, clients: this.#clients(scope), where });
  }

  async #ask<R>(request: DocumentsRequest): Promise<R> {
    if (this.#isClosed()) throw new CaudalError("closed", "the documents are closed");
    return this.#calls.call<R>(request);
  }

  #clients(scope: Scope): ScopeClients {
    if (scope.clients === "all") return null;
    if (!this.#spec.tenant) throw new CaudalError("forbidden", `${this.#spec.name} belongs to the installation`);
    return scope.clients;
  }

  #written(scope: Scope, { id, body, blob }: NewDocument<T>): WrittenDocument {
    this.#clients(scope);
    const client = this.#spec.tenant ? (body as { client?: unknown }).client : null;
    if (client !== null && typeof client !== "string") throw new CaudalError("bad-request", `${this.#spec.name}: a document of a tenant names its client`);
    if (client !== null && !allows(scope, client)) throw new CaudalError("forbidden", `${this.#spec.name}: the scope does not allow client ${client}`);
    const text = JSON.stringify(body);
    if (Buffer.byteLength(text) > MAX_BODY_BYTES) throw new CaudalError("too-large", `${this.#spec.name}: the body of ${id} is over ${MAX_BODY_BYTES} bytes`);
    if (blob !== undefined && blob.length > MAX_BLOB_BYTES) throw new CaudalError("too-large", `${this.#spec.name}: the blob of ${id} is over ${MAX_BLOB_BYTES} bytes`);
    return { id, client, body: text, blob: blob ?? null };
  }

  #stored({ id, version, body, blob }: StoredRow): StoredDocument<T> {
    const document = { id, version, body: JSON.parse(body) as T };
    return blob === null ? document : { ...document, blob };
  }
}

function versionOf(spec: CollectionSpec, { id, version }: { readonly id: string; readonly version: number }): number {
  if (Number.isSafeInteger(version) && version > 0) return version;
  throw new CaudalError("bad-request", `${spec.name}: ${version} is no version of document ${id}`);
}

function placeOf(body: object, orderBy: string | undefined): Scalar {
  const value = orderBy === undefined ? null : (body as Record<string, unknown>)[orderBy];
  return value === undefined || (typeof value === "object" && value !== null) ? null : (value as Scalar);
}
