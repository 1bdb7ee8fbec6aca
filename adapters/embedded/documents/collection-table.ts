import { crc32 } from "node:zlib";
import type { StatementSync } from "node:sqlite";
import { CaudalError, type CollectionSpec, type Scalar } from "@caudal/core";
import { toCaudalError } from "../sqlite/failure.ts";
import type { Sqlite } from "../sqlite/database.ts";
import { afterSql, fieldSql, filterSql, indexStatements, mustBeIndexed, rangeSql, type Fragment } from "./index-sql.ts";
import type { DocumentsRequest, RestoredDocument, ScopeClients, StoredRow, WrittenDocument } from "./requests.ts";

type Find = Extract<DocumentsRequest, { kind: "find" }>;

const IDS_PER_READ = 500;
const columns = "id, version, client, body, blob, crc";

function joined(fragments: readonly Fragment[]): Fragment {
  return { sql: fragments.length === 0 ? "" : ` WHERE ${fragments.map(({ sql }) => sql).join(" AND ")}`, values: fragments.flatMap(({ values }) => values) };
}

/** Of all that a writer gave; the version is the table's own. */
function checksum(id: string, client: unknown, body: string, blob: unknown): number {
  const text = crc32(`${id}\0${typeof client === "string" ? client : ""}\0${body}`);
  return blob instanceof Uint8Array ? crc32(blob, text) : text;
}

/** Of a row with all its columns. Rows of an older release have no checksum, and pass. */
export function isAsWritten({ id, client, body, blob, crc }: Record<string, unknown>): boolean {
  return crc === null || crc === checksum(String(id), client, String(body), blob);
}

function rowOf(row: Record<string, unknown>, collection: string): StoredRow {
  const { blob } = row;
  if (!isAsWritten(row)) throw new CaudalError("corrupt", `${collection}: document ${String(row["id"])} is not what was written`);
  return { id: String(row["id"]), version: Number(row["version"]), body: String(row["body"]), blob: blob instanceof Uint8Array ? blob : null };
}

/** One collection's table, in the storage thread. Each write is one statement, so a refused one leaves the transaction as it was. */
export class CollectionTable {
  readonly #db: Sqlite;
  readonly #table: string;
  readonly #statements = new Map<string, StatementSync>();
  #spec: CollectionSpec;

  constructor(db: Sqlite, number: number, spec: CollectionSpec) {
    this.#db = db;
    this.#table = `documents_${number}`;
    this.#spec = spec;
    db.exec(`CREATE TABLE IF NOT EXISTS ${this.#table} (id TEXT PRIMARY KEY, version INTEGER NOT NULL, client TEXT, body TEXT NOT NULL, blob BLOB, crc INTEGER) STRICT`);
    if (db.prepare("SELECT 1 FROM pragma_table_info(?) WHERE name = 'crc'").get(this.#table) === undefined) db.exec(`ALTER TABLE ${this.#table} ADD COLUMN crc INTEGER`);
    if (spec.tenant) db.exec(`CREATE INDEX IF NOT EXISTS ${this.#table}_client ON ${this.#table} (client, id)`);
    this.extend(spec);
  }

  /** Makes the indexes that a newer spec adds. */
  extend(spec: CollectionSpec): void {
    for (const statement of indexStatements(this.#table, spec)) this.#db.exec(statement);
    this.#spec = { ...spec, indexes: [...(this.#spec.indexes ?? []), ...(spec.indexes ?? [])], unique: [...(this.#spec.unique ?? []), ...(spec.unique ?? [])] };
  }

  insert({ id, client, body, blob }: WrittenDocument): number {
    this.#run(`INSERT INTO ${this.#table} (id, version, client, body, blob, crc) VALUES (?, 1, ?, ?, ?, ?)`, [id, client, body, blob, checksum(id, client, body, blob)]);
    return 1;
  }

  replace({ id, client, body, blob }: WrittenDocument, expectedVersion: number, clients: ScopeClients): number {
    const { sql, values } = this.#scoped(clients);
    const changed = this.#run(`UPDATE ${this.#table} SET version = version + 1, client = ?, body = ?, blob = ?, crc = ? WHERE id = ? AND version = ?${sql}`, [client, body, blob, checksum(id, client, body, blob), id, expectedVersion, ...values]);
    if (changed === 0) throw new CaudalError("version-conflict", `${this.#spec.name}: document ${id} is not at version ${expectedVersion}`);
    return expectedVersion + 1;
  }

  put({ id, client, body, blob }: WrittenDocument): void {
    const changed = this.#run(
      `INSERT INTO ${this.#table} (id, version, client, body, blob, crc) VALUES (?, 1, ?, ?, ?, ?)
       ON CONFLICT (id) DO UPDATE SET version = version + 1, body = excluded.body, blob = excluded.blob, crc = excluded.crc WHERE client IS excluded.client`,
      [id, client, body, blob, checksum(id, client, body, blob)],
    );
    if (changed === 0) throw new CaudalError("forbidden", `${this.#spec.name}: document ${id} belongs to another client`);
  }

  restore({ id, version, client, body, blob }: RestoredDocument): void {
    const changed = this.#run(
      `INSERT INTO ${this.#table} (id, version, client, body, blob, crc) VALUES (?, ?, ?, ?, ?, ?)
       ON CONFLICT (id) DO UPDATE SET version = excluded.version, body = excluded.body, blob = excluded.blob, crc = excluded.crc WHERE client IS excluded.client`,
      [id, version, client, body, blob, checksum(id, client, body, blob)],
    );
    if (changed === 0) throw new CaudalError("forbidden", `${this.#spec.name}: document ${id} belongs to another client`);
  }

  remove(id: string, expectedVersion: number | undefined, clients: ScopeClients): boolean {
    const { sql, values } = this.#scoped(clients);
    if (expectedVersion === undefined) return this.#run(`DELETE FROM ${this.#table} WHERE id = ?${sql}`, [id, ...values]) > 0;
    if (this.#run(`DELETE FROM ${this.#table} WHERE id = ? AND version = ?${sql}`, [id, expectedVersion, ...values]) > 0) return true;
    if (this.#all(`SELECT 1 FROM ${this.#table} WHERE id = ?${sql}`, [id, ...values]).length === 0) return false;
    throw new CaudalError("version-conflict", `${this.#spec.name}: document ${id} is not at version ${expectedVersion}`);
  }

  get(ids: readonly string[], clients: ScopeClients): StoredRow[] {
    const rows: StoredRow[] = [];
    for (let start = 0; start < ids.length; start += IDS_PER_READ) {
      const some = ids.slice(start, start + IDS_PER_READ);
      const { sql, values } = joined([{ sql: `id IN (${some.map(() => "?").join(", ")})`, values: some }, ...filterSql(clients, {})]);
      rows.push(...this.#all(`SELECT ${columns} FROM ${this.#table}${sql}`, values).map((row) => rowOf(row, this.#spec.name)));
    }
    return rows;
  }

  /** At most `limit` rows in the order of the query. */
  find({ query, clients, after, limit }: Find): StoredRow[] {
    const { where = {}, range, orderBy, descending = false } = query;
    mustBeIndexed(this.#spec, Object.keys(where), [range?.field, orderBy].filter((field) => field !== undefined));
    const { sql, values } = joined([...filterSql(clients, where), ...(range === undefined ? [] : rangeSql(range)), ...(after === undefined ? [] : [afterSql(orderBy, descending, after)])]);
    const direction = descending ? "DESC" : "ASC";
    const order = orderBy === undefined ? `id ${direction}` : `${fieldSql(orderBy)} ${direction}, id ${direction}`;
    return this.#all(`SELECT ${columns} FROM ${this.#table}${sql} ORDER BY ${order} LIMIT ${limit}`, values).map((row) => rowOf(row, this.#spec.name));
  }

  count(where: Readonly<Record<string, Scalar>>, clients: ScopeClients): number {
    mustBeIndexed(this.#spec, Object.keys(where), []);
    const { sql, values } = joined(filterSql(clients, where));
    return Number(this.#all(`SELECT COUNT(*) AS documents FROM ${this.#table}${sql}`, values)[0]?.["documents"] ?? 0);
  }

  #scoped(clients: ScopeClients): Fragment {
    return clients === null ? { sql: "", values: [] } : { sql: ` AND client IN (${clients.map(() => "?").join(", ")})`, values: clients };
  }

  #run(sql: string, values: readonly (string | number | Uint8Array | null)[]): number {
    try {
      return Number(this.#prepared(sql).run(...values).changes);
    } catch (error) {
      throw toCaudalError(error, this.#spec.name);
    }
  }

  #all(sql: string, values: readonly (string | number | null)[]): Record<string, unknown>[] {
    try {
      return this.#prepared(sql).all(...values);
    } catch (error) {
      throw toCaudalError(error, this.#spec.name);
    }
  }

  /** Scopes and pages make few forms of a query; more than this many are made by something else, and are not kept. */
  #prepared(sql: string): StatementSync {
    const known = this.#statements.get(sql);
    if (known !== undefined) return known;
    const statement = this.#db.prepare(sql);
    if (this.#statements.size < 200) this.#statements.set(sql, statement);
    return statement;
  }
}
