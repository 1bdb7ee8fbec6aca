import type { CollectionSpec, FindQuery, Place, Scalar } from "@caudal/core";
import { CollectionState, DocumentsState, fieldOf, type KeptDocument, type ScopeClients } from "../simulation/world/documents-state.ts";

type NewKept = Omit<KeptDocument, "version">;

/** The simulated documents with real indexes: a year of slots is too long for a look through all of them at each question. */
export class IndexedDocuments extends DocumentsState {
  /** Told of each document of the ledger when it is durable. */
  readonly #onEntry: (id: string) => void;

  constructor(onEntry: (id: string) => void) {
    super();
    this.#onEntry = onEntry;
  }

  override declare(spec: CollectionSpec): CollectionState {
    const known = this.collections.get(spec.name);
    if (known !== undefined) return super.declare(spec);
    const made = new IndexedCollection(spec, spec.name === "ledger" ? this.#onEntry : () => undefined);
    this.collections.set(spec.name, made);
    return made;
  }
}

interface Entry {
  readonly value: Scalar;
  readonly document: KeptDocument;
}

/** Documents of one index whose first fields are the same, in order of the last. */
type Shelf = Entry[];

class IndexedCollection extends CollectionState {
  readonly #indexes: readonly (readonly string[])[];
  readonly #wanted: ReadonlySet<string>;
  readonly #shelves = new Map<string, Shelf>();
  /** All documents in order of ids, for questions without a field. */
  readonly #byId: Shelf = [];
  readonly #onInsert: (id: string) => void;

  constructor(spec: CollectionSpec, onInsert: (id: string) => void) {
    super(spec);
    // The beginning of an index answers too.
    const all = [...(spec.indexes ?? []), ...(spec.unique ?? [])].flatMap((fields) => [fields, ...Array.from({ length: Math.max(0, fields.length - 2) }, (_, at) => fields.slice(0, at + 2))]);
    this.#indexes = [...new Map(all.map((fields) => [fields.join(), fields])).values()];
    this.#wanted = new Set([...this.#indexes.flat()]);
    this.#onInsert = onInsert;
  }

  override insert(document: NewKept): number {
    const version = super.insert(this.#light(document));
    this.#add(document.id);
    this.#onInsert(document.id);
    return version;
  }

  override replace(document: NewKept, expectedVersion: number, clients: ScopeClients): number {
    const before = super.get(document.id, null);
    const version = super.replace(this.#light(document), expectedVersion, clients);
    this.#move(before, document.id);
    return version;
  }

  override put(document: NewKept, version?: number): void {
    const before = super.get(document.id, null);
    super.put(this.#light(document), version);
    this.#move(before, document.id);
  }

  override remove(id: string, expectedVersion: number | undefined, clients: ScopeClients): boolean {
    const before = super.get(id, null);
    const isGone = super.remove(id, expectedVersion, clients);
    if (isGone && before !== undefined) this.#drop(before);
    return isGone;
  }

  override find(query: FindQuery, clients: ScopeClients, page: { readonly after: Place | undefined; readonly limit: number }): KeptDocument[] {
    const { where = {}, range, orderBy, descending = false } = query;
    const names = Object.keys(where);
    const equal = orderBy === undefined && range === undefined && page.after === undefined && !descending ? this.#indexes.find((fields) => fields.length === names.length && fields.every((field) => names.includes(field))) : undefined;
    if (equal !== undefined) return this.#equal(equal, where, clients, page.limit);
    const isPlain = names.length === 0 && range === undefined && orderBy === undefined;
    const index = this.#indexes.find((fields) => fields.length === names.length + 1 && fields.slice(0, -1).every((field) => names.includes(field)) && fields.at(-1) === orderBy);
    if (!isPlain && (index === undefined || orderBy === undefined || (range !== undefined && range.field !== orderBy))) return super.find(query, clients, page);
    const shelf = isPlain || index === undefined ? this.#byId : (this.#shelves.get(keyOf(index, (field) => where[field] ?? null)) ?? []);
    const from = typeof range?.from === "number" ? placeOf(shelf, range.from, "") : 0;
    const to = typeof range?.to === "number" ? placeOf(shelf, range.to, "") : shelf.length;
    const found: KeptDocument[] = [];
    const take = (at: number): boolean => {
      const { document } = shelf[at]!;
      if (clients === null || (document.client !== null && clients.includes(document.client))) found.push(document);
      return found.length < page.limit;
    };
    if (descending) {
      const start = page.after === undefined ? to : Math.min(to, placeOf(shelf, page.after[0], page.after[1]));
      for (let at = start - 1; at >= from && take(at); at -= 1);
    } else {
      let start = from;
      if (page.after !== undefined) {
        start = Math.max(from, placeOf(shelf, page.after[0], page.after[1]));
        if (shelf[start]?.document.id === page.after[1]) start += 1;
      }
      for (let at = start; at < to && take(at); at += 1);
    }
    return found;
  }

  /** Those of one value of the last field too, in order of ids. */
  #equal(index: readonly string[], where: Readonly<Record<string, Scalar>>, clients: ScopeClients, limit: number): KeptDocument[] {
    const shelf = this.#shelves.get(keyOf(index, (field) => where[field] ?? null)) ?? [];
    const value = where[index.at(-1)!] ?? null;
    const found: KeptDocument[] = [];
    for (let at = placeOf(shelf, value, ""); at < shelf.length && shelf[at]!.value === value && found.length < limit; at += 1) {
      const { document } = shelf[at]!;
      if (clients === null || (document.client !== null && clients.includes(document.client))) found.push(document);
    }
    return found;
  }

  /** Only what is asked for by is kept beside the text. */
  #light(document: NewKept): NewKept {
    return { ...document, fields: Object.fromEntries([...this.#wanted].map((field) => [field, document.fields[field] ?? null])) };
  }

  #move(before: KeptDocument | undefined, id: string): void {
    if (before !== undefined) this.#drop(before);
    this.#add(id);
  }

  #add(id: string): void {
    const document = super.get(id, null)!;
    for (const index of this.#indexes) {
      const key = keyOf(index, (field) => fieldOf(document, field));
      const value = fieldOf(document, index.at(-1)!);
      let shelf = this.#shelves.get(key);
      if (shelf === undefined) this.#shelves.set(key, (shelf = []));
      shelve(shelf, { value, document });
    }
    shelve(this.#byId, { value: null, document });
  }

  #drop(document: KeptDocument): void {
    for (const index of this.#indexes) {
      unshelve(this.#shelves.get(keyOf(index, (field) => fieldOf(document, field))) ?? [], fieldOf(document, index.at(-1)!), document.id);
    }
    unshelve(this.#byId, null, document.id);
  }
}

function shelve(shelf: Shelf, entry: Entry): void {
  const at = placeOf(shelf, entry.value, entry.document.id);
  if (at === shelf.length) shelf.push(entry);
  else shelf.splice(at, 0, entry);
}

function unshelve(shelf: Shelf, value: Scalar, id: string): void {
  const at = placeOf(shelf, value, id);
  if (shelf[at]?.document.id === id) shelf.splice(at, 1);
}

function keyOf(index: readonly string[], of: (field: string) => Scalar): string {
  return `${index.join()}\n${index.slice(0, -1).map((field) => String(of(field))).join("\n")}`;
}

/** First place whose value and id are not before these. */
function placeOf(shelf: Shelf, value: Scalar, id: string): number {
  let [low, high] = [0, shelf.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    const entry = shelf[middle]!;
    if (isBefore(entry.value, value) || (entry.value === value && entry.document.id < id)) low = middle + 1;
    else high = middle;
  }
  return low;
}

function isBefore(a: Scalar, b: Scalar): boolean {
  if (typeof a === "number" && typeof b === "number") return a < b;
  return String(a ?? "") < String(b ?? "");
}
