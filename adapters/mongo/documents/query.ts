import type { Filter, Sort } from "mongodb";
import { CaudalError, type CollectionSpec, type FindQuery, type Place, type Scalar } from "@caudal/core";
import { FIELD, indexed, type DocumentRow } from "./row.ts";

type Conditions = Record<string, unknown>;

/** null sees all clients. */
export type ScopeClients = readonly string[] | null;

/** Path of a top-level body field. CaudalError "bad-request" for a name that could mean anything else. */
export function pathOf(field: string): string {
  if (!FIELD.test(field)) throw new CaudalError("bad-request", `${JSON.stringify(field)} is not a field name`);
  return `fields.${field}`;
}

/** Fails with "bad-request" unless one declared index has the filtered fields first and then the field of range and order. */
export function mustBeIndexed(spec: CollectionSpec, where: readonly string[], then: readonly string[]): void {
  const [next, ...others] = [...new Set(then)];
  if (others.length > 0) throw new CaudalError("bad-request", `${spec.name}: range and order name different fields (${then.join(", ")})`);
  if (where.length === 0 && next === undefined) return;
  const lists = [...(spec.indexes ?? []), ...(spec.unique ?? [])];
  const fits = lists.some((fields) => where.every((field) => fields.slice(0, where.length).includes(field)) && (next === undefined || fields[where.length] === next));
  if (!fits) throw new CaudalError("bad-request", `${spec.name} has no index on (${[...where, ...(next === undefined ? [] : [next])].join(", ")})`);
}

/** An object here would be an operator of MongoDB's, put there by whoever wrote the query. */
function mustBeScalar(field: string, value: unknown): void {
  if (value === null || typeof value === "string" || typeof value === "boolean" || (typeof value === "number" && Number.isFinite(value))) return;
  throw new CaudalError("bad-request", `the value of ${field} is no text, number, truth or null`);
}

export function scopeFilter(clients: ScopeClients): Conditions {
  return clients === null ? {} : { client: clients.length === 1 ? clients[0] : { $in: clients } };
}

/** The scope and the equalities of a query. Null is not stored, so it is asked for as absence. */
export function equalities(clients: ScopeClients, where: Readonly<Record<string, Scalar>>): Conditions {
  const filter = scopeFilter(clients);
  for (const [field, value] of Object.entries(where)) {
    mustBeScalar(field, value);
    filter[pathOf(field)] = value === null ? { $exists: false } : { $eq: indexed(value) };
  }
  return filter;
}

/**
 * What lies beyond a value that is there, as the embedded engine sorts: absent, numbers, texts. MongoDB's operators stay within the type
 * of their operand, so that the other types are named.
 */
function beyond(value: string | number, descending: boolean): readonly unknown[] {
  if (descending) return [{ $lt: value }, ...(typeof value === "string" ? [{ $lte: Infinity }] : []), { $exists: false }];
  return [{ $gt: value }, ...(typeof value === "number" ? [{ $gte: "" }] : [])];
}

/** Ways to lie in from <= field < to; each an interval of one type. */
function intervals({ field, from, to }: NonNullable<FindQuery["range"]>): readonly unknown[] {
  for (const bound of [from, to]) if (bound !== undefined) mustBeScalar(field, bound);
  const low = from === undefined || from === null ? undefined : indexed(from);
  const high = to === undefined || to === null ? undefined : indexed(to);
  if (low === undefined && high === undefined) return [];
  const numbers = typeof low === "string" ? [] : [{ $gte: low ?? -Infinity, ...(typeof high === "number" ? { $lt: high } : {}) }];
  const texts = typeof high === "number" ? [] : [{ $gte: typeof low === "string" ? low : "", ...(typeof high === "string" ? { $lt: high } : {}) }];
  return [...numbers, ...texts];
}

/** Each way a document may come after `place`, with its conditions on the order's field and the id. */
function ways(path: string | undefined, descending: boolean, place: Place | undefined): Conditions[] {
  if (place === undefined) return [{}];
  const [value, id] = place;
  const next = descending ? { $lt: id } : { $gt: id };
  if (path === undefined) return [{ _id: next }];
  if (value === null) return [{ [path]: { $exists: false }, _id: next }, ...(descending ? [] : [{ [path]: { $gte: -Infinity } }, { [path]: { $gte: "" } }])];
  const known = indexed(value);
  return [{ [path]: { $eq: known }, _id: next }, ...beyond(known, descending).map((condition) => ({ [path]: condition }))];
}

/**
 * One branch for each way after the cursor and each interval of the range, every branch with all conditions: so each is one stretch of
 * the index, and the server merges them in order without sorting.
 */
export function findFilter(clients: ScopeClients, { where = {}, range, orderBy, descending = false }: FindQuery, after: Place | undefined): Filter<DocumentRow> {
  const equal = equalities(clients, where);
  const rangePath = range === undefined ? undefined : pathOf(range.field);
  const within = range === undefined ? [] : intervals(range);
  const branches: Conditions[] = ways(orderBy === undefined ? undefined : pathOf(orderBy), descending, after).flatMap((way) => {
    if (rangePath === undefined || within.length === 0) return [way];
    // A way may bind the same field: both conditions hold.
    return within.map((interval) => (way[rangePath] === undefined ? { ...way, [rangePath]: interval } : { $and: [way, { [rangePath]: interval }] }));
  });
  const [only] = branches;
  return (branches.length === 1 ? { ...equal, ...only } : { $or: branches.map((branch) => ({ ...equal, ...branch })) }) as Filter<DocumentRow>;
}

export function findSort({ orderBy, descending = false }: FindQuery): Sort {
  const direction = descending ? -1 : 1;
  return orderBy === undefined ? { _id: direction } : { [pathOf(orderBy)]: direction, _id: direction };
}
