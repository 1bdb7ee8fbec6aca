import type { Collection } from "mongodb";
import { CaudalError, type CollectionSpec, type DocumentCollection, type FindQuery, fromCursor, type NewDocument, type Page, type Scalar, type Scope, type StoredDocument, toCursor } from "@caudal/core";
import { isDuplicateKey, troubleOf } from "../connection/failure.ts";
import type { MongoConnection } from "../connection/open-mongo.ts";
import { clientsOf, rowsOf } from "./declaration.ts";
import { putAll } from "./put-many.ts";
import { equalities, findFilter, findSort, mustBeIndexed, scopeFilter } from "./query.ts";
import { contentOf, orderValueOf, storedOf, type DocumentRow } from "./row.ts";
import { byId, confirmed, judge, TOKENS_KEPT, type WriteTokens } from "./write-token.ts";

const DEFAULT_LIMIT = 100;
const MAX_LIMIT = 1000;
const IDS_PER_READ = 500;
/** Names what is wanted, for that is the server's quickest projection; and bodies are long texts of our own, in which nobody need look for bad UTF-8. */
const reading = { projection: { version: 1, body: 1, blob: 1 }, enableUtf8Validation: false } as const;

/** One collection. A write whose answer was lost is sent again under its token, and known again by it. */
export class MongoCollection<T extends object> implements DocumentCollection<T> {
  readonly #mongo: MongoConnection;
  readonly #rows: Collection<DocumentRow>;
  readonly #spec: () => CollectionSpec;
  readonly #tokens: WriteTokens;

  /** `spec` gives what was declared so far: it may grow. */
  constructor(mongo: MongoConnection, spec: () => CollectionSpec, tokens: WriteTokens) {
    this.#mongo = mongo;
    this.#spec = spec;
    this.#rows = rowsOf(mongo, spec().name);
    this.#tokens = tokens;
  }

  async insert(scope: Scope, document: NewDocument<T>): Promise<StoredDocument<T>> {
    const spec = this.#spec();
    clientsOf(spec, scope);
    const content = contentOf(spec, scope, document);
    const token = this.#tokens.next();
    await this.#decide(async (attempt) => {
      try {
        await this.#rows.insertOne({ _id: document.id, version: 1, tokens: [token], ...content });
      } catch (error) {
        if (!isDuplicateKey(error)) throw error;
        const verdict = attempt === 1 ? "not-ours" : judge(await confirmed(this.#rows, document.id), token, 1);
        if (verdict === "ours") return;
        if (verdict === "unknown") throw lostTrack(spec, document.id);
        throw new CaudalError("duplicate-key", `${spec.name}: the id ${document.id} or a unique key of its body is taken`, { cause: error });
      }
    });
    return { ...document, version: 1 };
  }

  async get(scope: Scope, id: string): Promise<StoredDocument<T> | undefined> {
    const clients = clientsOf(this.#spec(), scope);
    // An id alone takes the server's shortest way, which a hint would bar.
    const options = clients === null ? reading : { ...reading, ...byId };
    const row = await this.#mongo.onceMore(() => this.#rows.findOne({ _id: String(id), ...scopeFilter(clients) }, options));
    return row === null ? undefined : storedOf<T>(row);
  }

  async getMany(scope: Scope, ids: readonly string[]): Promise<readonly StoredDocument<T>[]> {
    const within = scopeFilter(clientsOf(this.#spec(), scope));
    const wanted = [...new Set(ids)].map(String);
    const found = new Map<string, DocumentRow>();
    for (let start = 0; start < wanted.length; start += IDS_PER_READ) {
      const some = wanted.slice(start, start + IDS_PER_READ);
      const rows = await this.#mongo.onceMore(() => this.#rows.find({ _id: { $in: some }, ...within }, { ...reading, ...byId, batchSize: some.length + 1 }).toArray());
      for (const row of rows) found.set(row._id, row);
    }
    return ids.flatMap((id) => {
      const row = found.get(id);
      return row === undefined ? [] : [storedOf<T>(row)];
    });
  }

  async replace(scope: Scope, document: NewDocument<T>, expectedVersion: number): Promise<StoredDocument<T>> {
    const spec = this.#spec();
    const clients = clientsOf(spec, scope);
    const { blob, ...content } = contentOf(spec, scope, document);
    const token = this.#tokens.next();
    const version = expectedVersion + 1;
    const update = {
      $set: { ...content, ...(blob === undefined ? {} : { blob }) }, ...(blob === undefined ? { $unset: { blob: "" as const } } : {}),
      $inc: { version: 1 }, $push: { tokens: { $each: [token], $position: 0, $slice: TOKENS_KEPT } },
    };
    await this.#decide(async (attempt) => {
      const { matchedCount } = await this.#rows.updateOne({ _id: document.id, version: expectedVersion, ...scopeFilter(clients) }, update, byId);
      if (matchedCount > 0) return;
      const verdict = attempt === 1 ? "not-ours" : judge(await confirmed(this.#rows, document.id), token, version);
      if (verdict === "not-ours") throw new CaudalError("version-conflict", `${spec.name}: document ${document.id} is not at version ${expectedVersion}`);
      if (verdict === "unknown") throw lostTrack(spec, document.id);
    });
    return { ...document, version };
  }

  async putMany(scope: Scope, documents: readonly NewDocument<T>[]): Promise<void> {
    const spec = this.#spec();
    clientsOf(spec, scope);
    const puts = documents.map((document) => ({ id: document.id, content: contentOf(spec, scope, document), token: this.#tokens.next() }));
    await putAll(this.#mongo, this.#rows, spec, puts);
  }

  async restoreMany(scope: Scope, documents: readonly StoredDocument<T>[]): Promise<void> {
    const spec = this.#spec();
    clientsOf(spec, scope);
    const puts = documents.map(({ version, ...document }) => {
      if (!Number.isSafeInteger(version) || version < 1) throw new CaudalError("bad-request", `${spec.name}: ${version} is no version of document ${document.id}`);
      return { id: document.id, content: contentOf(spec, scope, document), token: this.#tokens.next(), version };
    });
    await putAll(this.#mongo, this.#rows, spec, puts);
  }

  async remove(scope: Scope, id: string, expectedVersion?: number): Promise<boolean> {
    const spec = this.#spec();
    const filter = { _id: String(id), ...scopeFilter(clientsOf(spec, scope)) };
    return this.#decide(async (attempt) => {
      const { deletedCount } = await this.#rows.deleteOne(expectedVersion === undefined ? filter : { ...filter, version: expectedVersion }, byId);
      if (deletedCount > 0) return true;
      const there = expectedVersion !== undefined && (await this.#rows.countDocuments(filter, { limit: 1 })) > 0;
      if (there) throw new CaudalError("version-conflict", `${spec.name}: document ${id} is not at version ${expectedVersion}`);
      // It is gone, which was asked; only who compares versions may ask whose doing that was.
      if (attempt > 1 && expectedVersion !== undefined) throw lostTrack(spec, id);
      return attempt > 1;
    });
  }

  async find(scope: Scope, query: FindQuery): Promise<Page<StoredDocument<T>>> {
    const spec = this.#spec();
    const clients = clientsOf(spec, scope);
    const limit = query.limit ?? DEFAULT_LIMIT;
    if (!Number.isInteger(limit) || limit < 1 || limit > MAX_LIMIT) throw new CaudalError("bad-request", `a page holds 1 to ${MAX_LIMIT} documents, not ${limit}`);
    const after = query.cursor === undefined ? undefined : fromCursor(query.cursor);
    mustBeIndexed(spec, Object.keys(query.where ?? {}), [query.range?.field, query.orderBy].filter((field) => field !== undefined));
    const filter = findFilter(clients, query, after);
    // One more than asked tells whether there is a next page.
    const options = { ...reading, sort: findSort(query), limit: limit + 1, batchSize: limit + 2 };
    const rows = await this.#mongo.onceMore(() => this.#rows.find(filter, options).toArray());
    const items = rows.slice(0, limit).map((row) => storedOf<T>(row));
    const last = items.at(-1);
    if (rows.length <= limit || last === undefined) return { items };
    return { items, next: toCursor([orderValueOf(last.body, query.orderBy), last.id]) };
  }

  async count(scope: Scope, where: Readonly<Record<string, Scalar>> = {}): Promise<number> {
    const spec = this.#spec();
    const clients = clientsOf(spec, scope);
    mustBeIndexed(spec, Object.keys(where), []);
    const filter = equalities(clients, where);
    const hint = Object.keys(filter).length === 0 ? { hint: "_id_" } : {};
    return this.#mongo.onceMore(() => this.#rows.countDocuments(filter, hint));
  }

  /** As `onceMore`, for a write that a caller cannot simply repeat: where an answer was lost, the last word is "unknown", not "try again". */
  async #decide<R>(work: (attempt: number) => Promise<R>): Promise<R> {
    let sent = false;
    try {
      return await this.#mongo.onceMore((attempt) => work(attempt).catch((error: unknown) => {
        sent ||= troubleOf(error) === "unknown";
        throw error;
      }));
    } catch (error) {
      if (!sent || !(error instanceof CaudalError) || error.code !== "unavailable") throw error;
      throw new CaudalError("unavailable", error.message, { cause: error.cause, retry: "unknown" });
    }
  }
}

function lostTrack(spec: CollectionSpec, id: string): CaudalError {
  return new CaudalError("timeout", `${spec.name}: the answer of a write of document ${id} was lost, and others wrote it since; nobody knows whether it was done`);
}
