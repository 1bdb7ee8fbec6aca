import { CaudalError, type CollectionSpec, type FindQuery, type Scalar } from "@caudal/core";
import type { ScopeClients } from "./requests.ts";

/** SQL with its parameters, in order. */
export interface Fragment {
  readonly sql: string;
  readonly values: readonly (string | number | null)[];
}

const FIELD = /^[A-Za-z][A-Za-z0-9_]*$/;

/** A top-level body field in SQL. CaudalError "bad-request" for a name that could mean anything else. */
export function fieldSql(field: string): string {
  if (!FIELD.test(field)) throw new CaudalError("bad-request", `${JSON.stringify(field)} is not a field name`);
  return `json_extract(body, '$.${field}')`;
}

/** Scalars as SQLite compares them with what json_extract gives. */
export function sqlValue(value: Scalar): string | number | null {
  return typeof value === "boolean" ? Number(value) : value;
}

/** Statements that make the indexes of a spec on a table; each is harmless when the index is there. */
export function indexStatements(table: string, spec: CollectionSpec): string[] {
  const named = (kind: string, fields: readonly string[]): string => `"${table}_${kind}_${fields.join("_")}"`;
  const plain = (spec.indexes ?? []).map((fields) => `CREATE INDEX IF NOT EXISTS ${named("by", fields)} ON ${table} (${fields.map(fieldSql).join(", ")}, id)`);
  // A unique key with an absent field is not enforced: partial index.
  const unique = (spec.unique ?? []).map((fields) =>
    `CREATE UNIQUE INDEX IF NOT EXISTS ${named("unique", fields)} ON ${table} (${fields.map(fieldSql).join(", ")}) WHERE ${fields.map((field) => `${fieldSql(field)} IS NOT NULL`).join(" AND ")}`);
  return [...plain, ...unique];
}

/** Fails with "bad-request" unless one declared index has the filtered fields first and then the field of range and order. */
export function mustBeIndexed(spec: CollectionSpec, where: readonly string[], then: readonly string[]): void {
  const [next, ...others] = [...new Set(then)];
  if (others.length > 0) throw new CaudalError("bad-request", `${spec.name}: range and order name different fields (${then.join(", ")})`);
  if (where.length === 0 && next === undefined) return;
  const lists = [...(spec.indexes ?? []), ...(spec.unique ?? [])];
  const fits = lists.some((fields) => new Set(where).size === where.length && where.every((field) => fields.slice(0, where.length).includes(field)) && (next === undefined || fields[where.length] === next));
  if (!fits) throw new CaudalError("bad-request", `${spec.name} has no index on (${[...where, ...(next === undefined ? [] : [next])].join(", ")})`);
}

function equals(field: string, value: Scalar): Fragment {
  return value === null ? { sql: `${fieldSql(field)} IS NULL`, values: [] } : { sql: `${fieldSql(field)} = ?`, values: [sqlValue(value)] };
}

/** What a scope and the equalities of a query let through. */
export function filterSql(clients: ScopeClients, where: Readonly<Record<string, Scalar>>): Fragment[] {
  const scope: Fragment[] = clients === null ? [] : [{ sql: `client IN (${clients.map(() => "?").join(", ")})`, values: clients }];
  return [...scope, ...Object.entries(where).map(([field, value]) => equals(field, value))];
}

export function rangeSql({ field, from, to }: NonNullable<FindQuery["range"]>): Fragment[] {
  const bound = (operator: string, value: Scalar | undefined): Fragment[] => (value === undefined || value === null ? [] : [{ sql: `${fieldSql(field)} ${operator} ?`, values: [sqlValue(value)] }]);
  return [...bound(">=", from), ...bound("<", to)];
}

/** What comes after (value, id) in the order of the query; absent values come first, as SQLite sorts them. */
export function afterSql(orderBy: string | undefined, descending: boolean, [value, id]: readonly [Scalar, string]): Fragment {
  const beyond = descending ? "<" : ">";
  if (orderBy === undefined) return { sql: `id ${beyond} ?`, values: [id] };
  const field = fieldSql(orderBy);
  if (value === null) {
    const same = `(${field} IS NULL AND id ${beyond} ?)`;
    return { sql: descending ? same : `(${same} OR ${field} IS NOT NULL)`, values: [id] };
  }
  const next = `${field} ${beyond} ? OR (${field} = ? AND id ${beyond} ?)`;
  return { sql: descending ? `(${next} OR ${field} IS NULL)` : `(${next})`, values: [sqlValue(value), sqlValue(value), id] };
}
