import { CaudalError, type CollectionSpec, type DeclaredCollection } from "@caudal/core";
import { openSqlite, type Sqlite } from "../sqlite/database.ts";
import { toCaudalError } from "../sqlite/failure.ts";
import type { Call } from "../worker/answer-calls.ts";
import { checkDocuments } from "./check-documents.ts";
import { CollectionTable } from "./collection-table.ts";
import { writes, type DocumentsRequest } from "./requests.ts";

const migrations = ["CREATE TABLE collections (number INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, tenant INTEGER NOT NULL) STRICT"];

/** Failures of one document; any other means that the transaction is lost for all. */
const ofOneCall: readonly string[] = ["duplicate-key", "version-conflict", "forbidden", "bad-request", "setting", "not-found"];

/** All collections, in the storage thread. Writes that come together share one transaction and one fsync. */
export class DocumentFile {
  readonly #db: Sqlite;
  readonly #tables = new Map<string, CollectionTable>();

  constructor(path: string, maxFileBytes?: number) {
    this.#db = openSqlite({ path, migrations, ...(maxFileBytes === undefined ? {} : { maxFileBytes }) });
    // What was removed must not lie about in the file: somebody may have asked for it to be erased.
    this.#db.exec("PRAGMA secure_delete=ON");
  }

  /** Answers each call once; the answers of writes wait for the commit. */
  handle(calls: readonly Call<DocumentsRequest>[]): void {
    const settle: (() => void)[] = [];
    const work = (): void => {
      for (const call of calls) {
        try {
          const answer = this.#answer(call.body);
          settle.push(() => call.answer(answer));
        } catch (error) {
          // A read that meets damage fails alone, whatever is written beside it.
          if (!(error instanceof CaudalError && (ofOneCall.includes(error.code) || !writes(call.body)))) throw error;
          settle.push(() => call.fail(error));
        }
      }
    };
    try {
      if (calls.some(({ body }) => writes(body))) this.#db.transaction(work);
      else work();
    } catch (error) {
      const failure = toCaudalError(error, this.#db.path);
      for (const call of calls) call.fail(failure);
      return;
    }
    for (const each of settle) each();
  }

  #answer(request: DocumentsRequest): unknown {
    switch (request.kind) {
      case "declare": return this.#declare(request.spec);
      case "insert": return this.#table(request.collection).insert(request.document);
      case "replace": return this.#table(request.collection).replace(request.document, request.expectedVersion, request.clients);
      case "put": return request.documents.forEach((document) => this.#table(request.collection).put(document));
      case "restore": return request.documents.forEach((document) => this.#table(request.collection).restore(document));
      case "collections": return this.#collections();
      case "check": return checkDocuments(this.#db, request.after);
      case "rebuild-indexes": return this.#db.exec("REINDEX");
      case "remove": return this.#table(request.collection).remove(request.id, request.expectedVersion, request.clients);
      case "get": return this.#table(request.collection).get(request.ids, request.clients);
      case "find": return this.#table(request.collection).find(request);
      case "count": return this.#table(request.collection).count(request.where, request.clients);
      case "close": return this.#db.close();
    }
  }

  #collections(): DeclaredCollection[] {
    return this.#db.prepare("SELECT name, tenant FROM collections ORDER BY name").all().map((row) => ({ name: String(row["name"]), tenant: row["tenant"] === 1 }));
  }

  #declare(spec: CollectionSpec): void {
    const known = this.#tables.get(spec.name);
    if (known !== undefined) return known.extend(spec);
    const row = this.#db.prepare("SELECT number, tenant FROM collections WHERE name = ?").get(spec.name);
    if (row !== undefined && (row["tenant"] === 1) !== spec.tenant) throw new CaudalError("setting", `collection ${spec.name} exists ${spec.tenant ? "without" : "with"} tenants`);
    const number = row?.["number"] ?? this.#db.prepare("INSERT INTO collections (name, tenant) VALUES (?, ?)").run(spec.name, Number(spec.tenant)).lastInsertRowid;
    this.#tables.set(spec.name, new CollectionTable(this.#db, Number(number), spec));
  }

  #table(name: string): CollectionTable {
    const table = this.#tables.get(name);
    if (table === undefined) throw new CaudalError("setting", `collection ${name} was not declared`);
    return table;
  }
}
