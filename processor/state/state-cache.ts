import { systemScope, type DocumentCollection, type NewDocument, type StoredDocument } from "@caudal/core";

/** What a cache keeps: something with an id and an estimate of its memory. */
export interface Kept {
  readonly id: string;
  readonly bytes: number;
  /** Somebody goes on with this object: it is not forgotten meanwhile. */
  readonly isPinned?: boolean;
}

/** How a state becomes a document and comes back. */
export interface StateForm<S extends Kept, B extends object> {
  toDocument(state: S): NewDocument<B>;
  fromDocument(document: StoredDocument<B>): S;
}

export interface StateCacheOptions<S extends Kept, B extends object> {
  readonly collection: DocumentCollection<B>;
  readonly form: StateForm<S, B>;
  /** States beyond either are written if need be, and forgotten, the longest unused first. */
  readonly maxStates: number;
  readonly maxBytes: number;
  /** Stores what stands beside the states, before they are written. */
  readonly writeFirst?: (states: readonly S[]) => Promise<void>;
}

const LOAD_IDS = 500;
const WRITE_DOCUMENTS = 500;
/** Evicting makes room for a while, so that it does not run with each batch. */
const EVICT_TO = 0.75;

interface Slot<S> {
  readonly state: S;
  used: number;
  dirty: boolean;
}

/** States of one partition in memory, loaded and written in bulk. Not for two tasks at once: the partition's `Serial` sees to that. */
export class StateCache<S extends Kept, B extends object> {
  readonly #options: StateCacheOptions<S, B>;
  readonly #slots = new Map<string, Slot<S>>();
  #turn = 0;

  constructor(options: StateCacheOptions<S, B>) {
    this.#options = options;
  }

  get size(): number {
    return this.#slots.size;
  }

  /** The state when it is in memory. */
  get(id: string): S | undefined {
    const slot = this.#slots.get(id);
    if (slot === undefined) return undefined;
    slot.used = this.#turn;
    return slot.state;
  }

  /** Begins a turn of work: what is used from here on counts as newer. */
  turn(): void {
    this.#turn++;
  }

  /** Brings the states of these ids into memory where they exist. */
  async load(ids: Iterable<string>): Promise<void> {
    const missing: string[] = [];
    for (const id of ids) if (!this.#slots.has(id)) missing.push(id);
    for (let from = 0; from < missing.length; from += LOAD_IDS) {
      const found = await this.#options.collection.getMany(systemScope, missing.slice(from, from + LOAD_IDS));
      for (const document of found) this.#slots.set(document.id, { state: this.#options.form.fromDocument(document), used: this.#turn, dirty: false });
    }
  }

  add(state: S): void {
    this.#slots.set(state.id, { state, used: this.#turn, dirty: true });
  }

  /** Says that the state differs from its document. */
  changed(state: S): void {
    const slot = this.#slots.get(state.id);
    if (slot !== undefined) slot.dirty = true;
  }

  /** Writes the states given, or all that differ from their documents. They must reflect outputs that are durable. */
  async write(only?: Iterable<S>): Promise<void> {
    const slots = only === undefined ? [...this.#slots.values()] : [...only].map((state) => this.#slots.get(state.id)).filter((slot) => slot !== undefined);
    const dirty = slots.filter((slot) => slot.dirty);
    for (let from = 0; from < dirty.length; from += WRITE_DOCUMENTS) {
      const part = dirty.slice(from, from + WRITE_DOCUMENTS);
      await this.#options.writeFirst?.(part.map((slot) => slot.state));
      await this.#options.collection.putMany(systemScope, part.map((slot) => this.#options.form.toDocument(slot.state)));
      for (const slot of part) slot.dirty = false;
    }
  }

  /** Lets go of states that are stored and match. */
  forget(matches: (state: S) => boolean): void {
    for (const { state, dirty } of [...this.#slots.values()]) if (!dirty && matches(state)) this.#slots.delete(state.id);
  }

  /** Keeps memory within its bounds. Between batches only: a state that was forgotten is another object when it comes back. */
  async evict(): Promise<void> {
    const { maxStates, maxBytes } = this.#options;
    let bytes = 0;
    for (const { state } of this.#slots.values()) bytes += state.bytes;
    if (this.#slots.size <= maxStates && bytes <= maxBytes) return;
    const oldest = [...this.#slots.values()].sort((a, b) => a.used - b.used);
    const gone: Slot<S>[] = [];
    let count = oldest.length;
    for (const slot of oldest) {
      if (count <= maxStates * EVICT_TO && bytes <= maxBytes * EVICT_TO) break;
      if (slot.state.isPinned === true) continue;
      gone.push(slot);
      count--;
      bytes -= slot.state.bytes;
    }
    await this.write(gone.map((slot) => slot.state));
    for (const { state } of gone) this.#slots.delete(state.id);
  }
}
