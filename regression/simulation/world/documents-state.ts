import { CaudalError, type CollectionSpec, type FindQuery, type Place, type Scalar } from "@caudal/core";

/** A document as the disk has it. */
export interface KeptDocument {
  readonly id: string;
  readonly version: number;
  /** The body's client in a tenant collection; null elsewhere. */
  readonly client: string | null;
  /** The body as JSON, and its top-level fields for finding. */
  readonly text: string;
  readonly fields: Readonly<Record<string, unknown>>;
  readonly blob: Uint8Array | undefined;
}

/** null sees all clients. */
export type ScopeClients = readonly string[] | null;

/** What the simulated documents hold durably. */
export class DocumentsState {
  readonly collections = new Map<string, CollectionState>();

  declare(spec: CollectionSpec): CollectionState {
    const known = this.collections.get(spec.name);
    if (known !== undefined) {
      known.extend(spec);
      return known;
    }
    const made = new CollectionState(spec);
    this.collections.set(spec.name, made);
    return made;
  }
}

export class CollectionState {
  spec: CollectionSpec;
  readonly #documents = new Map<string, KeptDocument>();
  /** By list of fields: id by values. */
  readonly #unique = new Map<string, Map<string, string>>();

  constructor(spec: CollectionSpec) {
    this.spec = { ...spec, unique: [], indexes: [] };
    this.extend(spec);
  }

  extend({ indexes = [], unique = [] }: CollectionSpec): void {
    for (const fields of unique) {
      const name = fields.join("\0");
      if (this.#unique.has(name)) continue;
      this.#unique.set(name, new Map([...this.#documents.values()].flatMap((document) => keyOf(fields, document).map((key): [string, string] => [key, document.id]))));
    }
    this.spec = { ...this.spec, indexes: [...(this.spec.indexes ?? []), ...indexes], unique: [...(this.spec.unique ?? []), ...unique] };
  }

  get(id: string, clients: ScopeClients): KeptDocument | undefined {
    const document = this.#documents.get(id);
    return document === undefined || !isSeen(document, clients) ? undefined : document;
  }

  insert(document: Omit<KeptDocument, "version">): number {
    if (this.#documents.has(document.id)) throw new CaudalError("duplicate-key", `${this.spec.name}: document ${document.id} is there`);
    this.#put({ ...document, version: 1 });
    return 1;
  }

  replace(document: Omit<KeptDocument, "version">, expectedVersion: number, clients: ScopeClients): number {
    const found = this.get(document.id, clients);
    if (found?.version !== expectedVersion) throw new CaudalError("version-conflict", `${this.spec.name}: document ${document.id} is not at version ${expectedVersion}`);
    this.#put({ ...document, version: expectedVersion + 1 });
    return expectedVersion + 1;
  }

  /** Writes whatever is there; at the version given, or one more than the one before. */
  put(document: Omit<KeptDocument, "version">, version?: number): void {
    const found = this.#documents.get(document.id);
    if (found !== undefined && found.client !== document.client) throw new CaudalError("forbidden", `${this.spec.name}: document ${document.id} belongs to another client`);
    this.#put({ ...document, version: version ?? (found?.version ?? 0) + 1 });
  }

  remove(id: string, expectedVersion: number | undefined, clients: ScopeClients): boolean {
    const found = this.get(id, clients);
    if (found === undefined) return false;
    if (expectedVersion !== undefined && found.version !== expectedVersion) throw new CaudalError("version-conflict", `${this.spec.name}: document ${id} is not at version ${expectedVersion}`);
    this.#documents.delete(id);
    this.#forget(found);
    return true;
  }

  /** At most `limit` documents behind the place, in the order of the query. */
  find({ where = {}, range, orderBy, descending = false }: FindQuery, clients: ScopeClients, { after, limit }: { readonly after: Place | undefined; readonly limit: number }): KeptDocument[] {
    mustBeIndexed(this.spec, Object.keys(where), [range?.field, orderBy].filter((field) => field !== undefined));
    const way = descending ? -1 : 1;
    const compare = (a: KeptDocument, value: Scalar, id: string): number => way * ((orderBy === undefined ? 0 : compareScalars(fieldOf(a, orderBy), value)) || compareTexts(a.id, id));
    const found = this.#matching(where, clients).filter((document) => {
      if (range !== undefined && !isWithin(fieldOf(document, range.field), range)) return false;
      return after === undefined || compare(document, after[0], after[1]) > 0;
    });
    return found.sort((a, b) => compare(a, orderBy === undefined ? null : fieldOf(b, orderBy), b.id)).slice(0, limit);
  }

  count(where: Readonly<Record<string, Scalar>>, clients: ScopeClients): number {
    mustBeIndexed(this.spec, Object.keys(where), []);
    return this.#matching(where, clients).length;
  }

  all(): readonly KeptDocument[] {
    return [...this.#documents.values()];
  }

  #matching(where: Readonly<Record<string, Scalar>>, clients: ScopeClients): KeptDocument[] {
    const wanted = Object.entries(where);
    return [...this.#documents.values()].filter((document) => isSeen(document, clients) && wanted.every(([field, value]) => compareScalars(fieldOf(document, field), value) === 0));
  }

  #put(document: KeptDocument): void {
    const keys = (this.spec.unique ?? []).flatMap((fields) => keyOf(fields, document).map((key) => ({ index: this.#unique.get(fields.join("\0")), key })));
    for (const { index, key } of keys) {
      const holder = index?.get(key);
      if (holder !== undefined && holder !== document.id) throw new CaudalError("duplicate-key", `${this.spec.name}: document ${holder} has the unique key of ${document.id}`);
    }
    const before = this.#documents.get(document.id);
    if (before !== undefined) this.#forget(before);
    this.#documents.set(document.id, document);
    for (const { index, key } of keys) index?.set(key, document.id);
  }

  #forget(document: KeptDocument): void {
    for (const fields of this.spec.unique ?? []) for (const key of keyOf(fields, document)) this.#unique.get(fields.join("\0"))?.delete(key);
  }
}

function isSeen({ client }: KeptDocument, clients: ScopeClients): boolean {
  return clients === null || (client !== null && clients.includes(client));
}

/** The values of a unique key, as text; none where a field is absent or null. */
function keyOf(fields: readonly string[], document: KeptDocument): string[] {
  const values = fields.map((field) => fieldOf(document, field));
  return values.includes(null) ? [] : [JSON.stringify(values)];
}

export function fieldOf({ fields }: Pick<KeptDocument, "fields">, field: string): Scalar {
  const value = fields[field];
  return value === undefined || typeof value === "object" ? null : (value as Scalar);
}

/** Nothing comes first, then numbers (a truth is 0 or 1), then texts. */
function compareScalars(a: Scalar, b: Scalar): number {
  const [left, right] = [plain(a), plain(b)];
  if (typeof left === "number" && typeof right === "number") return left - right;
  if (typeof left === "string" && typeof right === "string") return compareTexts(left, right);
  return rankOf(left) - rankOf(right);
}

function plain(value: Scalar): string | number | null {
  return typeof value === "boolean" ? Number(value) : value;
}

function rankOf(value: string | number | null): number {
  return value === null ? 0 : typeof value === "number" ? 1 : 2;
}

function compareTexts(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function isWithin(value: Scalar, { from, to }: NonNullable<FindQuery["range"]>): boolean {
  if (value === null) return false;
  return (from === undefined || from === null || compareScalars(value, from) >= 0) && (to === undefined || to === null || compareScalars(value, to) < 0);
}

/** Fails with "bad-request" unless one declared index has the filtered fields first and then the field of range and order. */
function mustBeIndexed(spec: CollectionSpec, where: readonly string[], then: readonly string[]): void {
  const [next, ...others] = [...new Set(then)];
  if (others.length === 0 && where.length === 0 && next === undefined) return;
  const fits = others.length === 0 && [...(spec.indexes ?? []), ...(spec.unique ?? [])].some((fields) =>
    where.every((field) => fields.slice(0, where.length).includes(field)) && (next === undefined || fields[where.length] === next));
  if (!fits) throw new CaudalError("bad-request", `${spec.name} has no index on (${[...where, ...then].join(", ")})`);
}
