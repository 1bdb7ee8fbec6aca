import type { CollectionSpec, DeclaredCollection, DocumentCollection, Documents, FindQuery, NewDocument, Page, Scalar, Scope, StoredDocument } from "@caudal/core";
import type { Random } from "../simulation/time/random.ts";
import type { VirtualTime } from "../simulation/time/virtual-time.ts";
import { forever, type SimulatedProcess } from "../simulation/world/process.ts";
import type { Store } from "../simulation/world/store.ts";

type Kind = Parameters<Store["carry"]>[3];
type Call<T extends object> = <R>(what: string, kind: Kind, work: (collection: DocumentCollection<T>) => Promise<R>) => Promise<R>;

export interface RealWay {
  /** Whose calls these are: once it has ended nobody is answered. */
  readonly process: SimulatedProcess;
  /** The real ones, as they are open now. */
  readonly source: () => Documents;
  /** Moods of the way to them. */
  readonly store: Store;
  readonly time: VirtualTime;
  readonly random: Random;
  readonly onEntry: (id: string) => void;
}

/** Virtual milliseconds of a write's way to the store. */
const WAY_MS = 3;

/** One simulated process's way to documents of a real engine: the calls are real, only that virtual time waits for them. What was on its way when the process ended may arrive or not. */
export class RealDocuments implements Documents {
  readonly #way: RealWay;
  readonly #collections = new WeakMap<Documents, Map<string, Promise<DocumentCollection<object>>>>();

  constructor(way: RealWay) {
    this.#way = way;
  }

  async collection<T extends object>(spec: CollectionSpec): Promise<DocumentCollection<T>> {
    await this.#carry(`collection(${spec.name})`, "declare", () => this.#opened(spec));
    const call: Call<T> = (what, kind, work) =>
      this.#carry(`${what}(${spec.name})`, kind, async () => work((await this.#opened(spec)) as unknown as DocumentCollection<T>));
    return new RealCollection<T>(call, spec.name === "ledger" ? this.#way.onEntry : () => undefined);
  }

  collections(): Promise<readonly DeclaredCollection[]> {
    return this.#carry("collections", "read", () => this.#way.source().collections());
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  #carry<T>(what: string, kind: Kind, work: () => Promise<T>): Promise<T> {
    const { process, store, time, random } = this.#way;
    return store.carry(process, what, async () => {
      if (kind === "write") await new Promise((resolve) => void setTimeout(resolve, random.between(1, WAY_MS)));
      if (!process.alive && (kind !== "write" || random.chance(0.5))) return forever();
      return time.machine(work);
    }, kind);
  }

  #opened(spec: CollectionSpec): Promise<DocumentCollection<object>> {
    const source = this.#way.source();
    const known = this.#collections.get(source) ?? new Map<string, Promise<DocumentCollection<object>>>();
    this.#collections.set(source, known);
    const key = JSON.stringify(spec);
    const opened = known.get(key) ?? source.collection(spec);
    known.set(key, opened);
    opened.catch(() => known.delete(key));
    return opened;
  }
}

class RealCollection<T extends object> implements DocumentCollection<T> {
  readonly #call: Call<T>;
  readonly #onInsert: (id: string) => void;

  constructor(call: Call<T>, onInsert: (id: string) => void) {
    this.#call = call;
    this.#onInsert = onInsert;
  }

  insert(scope: Scope, document: NewDocument<T>): Promise<StoredDocument<T>> {
    return this.#call("insert", "write", async (collection) => {
      const stored = await collection.insert(scope, document);
      this.#onInsert(document.id);
      return stored;
    });
  }

  get(scope: Scope, id: string): Promise<StoredDocument<T> | undefined> {
    return this.#call("get", "read", (collection) => collection.get(scope, id));
  }

  getMany(scope: Scope, ids: readonly string[]): Promise<readonly StoredDocument<T>[]> {
    return this.#call("getMany", "read", (collection) => collection.getMany(scope, ids));
  }

  replace(scope: Scope, document: NewDocument<T>, expectedVersion: number): Promise<StoredDocument<T>> {
    return this.#call("replace", "write", (collection) => collection.replace(scope, document, expectedVersion));
  }

  putMany(scope: Scope, documents: readonly NewDocument<T>[]): Promise<void> {
    return this.#call("putMany", "write", (collection) => collection.putMany(scope, documents));
  }

  restoreMany(scope: Scope, documents: readonly StoredDocument<T>[]): Promise<void> {
    return this.#call("restoreMany", "write", (collection) => collection.restoreMany(scope, documents));
  }

  remove(scope: Scope, id: string, expectedVersion?: number): Promise<boolean> {
    return this.#call("remove", "write", (collection) => collection.remove(scope, id, expectedVersion));
  }

  find(scope: Scope, query: FindQuery): Promise<Page<StoredDocument<T>>> {
    return this.#call("find", "read", (collection) => collection.find(scope, query));
  }

  count(scope: Scope, where?: Readonly<Record<string, Scalar>>): Promise<number> {
    return this.#call("count", "read", (collection) => collection.count(scope, where));
  }
}
