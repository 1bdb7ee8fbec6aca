import { CaudalError, type PointKey } from "@caudal/core";
import { quarterUs } from "./level.ts";
import { marksOf, type MarkStore } from "./mark-store.ts";
import { addMark, clearMarks, isMarked, type Mark, type Marks } from "./marks.ts";

export interface MarkedPoint extends PointKey {
  readonly marks: Marks;
}

interface Entry extends PointKey {
  marks: Marks;
  /** Of the document; 0 when there is none. */
  version: number;
  /** True until this owner wrote the document as it must stand: from then on a former owner can no longer clear what is marked here. */
  isDirty: boolean;
  /** One write of a point at a time. */
  writing: Promise<unknown>;
}

/** What a batch touches of a point. */
export interface Touch extends PointKey {
  readonly marks: readonly Mark[];
}

const TRIES = 8;
const MOST_IDLE = 20_000;

/**
 * The marks of one partition's points while this process owns it: in memory exact, in the documents enough to begin again from. A document
 * is written when buckets become marked that were not, and when marks are cleared; the offsets in between stand in memory alone, because
 * whoever takes over reads the log from the committed offset and lets every mark wait for that.
 */
export class MarkedPoints {
  readonly #store: MarkStore;
  readonly #partition: number;
  readonly #entries = new Map<string, Entry>();
  /** Marks of all entries. */
  #count = 0;
  /** Offset after the newest record that was marked. */
  #handled: number;

  private constructor(store: MarkStore, partition: number, committed: number) {
    this.#store = store;
    this.#partition = partition;
    this.#handled = committed;
  }

  /** `committed` is the offset that the group goes on from. */
  static async load(store: MarkStore, partition: number, committed: number): Promise<MarkedPoints> {
    const points = new MarkedPoints(store, partition, committed);
    for await (const stored of store.pending(partition)) {
      const marks = points.#waiting(marksOf(stored));
      const { client, point } = stored.body;
      points.#add({ client, point, marks, version: stored.version, isDirty: true, writing: Promise.resolve() });
    }
    return points;
  }

  get handled(): number {
    return this.#handled;
  }

  /** How many marks there are, without a look at any. */
  get count(): number {
    return this.#count;
  }

  marksOf(point: string): Marks {
    return this.#entries.get(point)?.marks ?? [];
  }

  /** Points with marks, now. */
  marked(): MarkedPoint[] {
    return [...this.#entries.values()].filter(({ marks }) => marks.length > 0);
  }

  /** Durable when it resolves. `nextOffset` follows the batch that touched these. */
  async touch(touches: readonly Touch[], nextOffset: number): Promise<void> {
    await this.#know(touches);
    const writes: Promise<unknown>[] = [];
    for (const { point, marks } of touches) {
      const entry = this.#entries.get(point)!;
      for (const mark of marks) {
        if (!isMarked(entry.marks, mark.from, mark.to)) entry.isDirty = true;
        this.#setMarks(entry, addMark(entry.marks, mark));
      }
      if (entry.isDirty) writes.push(this.#alone(entry, () => this.#save(entry)));
    }
    await Promise.all(writes);
    this.#handled = Math.max(this.#handled, nextOffset);
  }

  /** Clears what was computed from facts below `beforeOffset`; what was marked by a later fact stays. */
  async clear(point: string, spans: readonly { readonly from: number; readonly to: number }[], beforeOffset: number): Promise<void> {
    const entry = this.#entries.get(point);
    if (entry === undefined) return;
    await this.#alone(entry, async () => {
      const before = entry.marks;
      const without = (marks: Marks): Marks => spans.reduce((left, span) => clearMarks(left, { ...span, offset: beforeOffset - 1 }), marks);
      // What is marked anew from here on must be written again, though it was marked before.
      entry.isDirty = true;
      const version = await this.#store.put(entry, this.#partition, without(before), entry.version);
      if (version === undefined) return this.#takeIn(entry);
      entry.isDirty = entry.marks !== before;
      this.#setMarks(entry, without(entry.marks));
      entry.version = version;
    });
    if (entry.marks.length === 0 && this.#entries.size > MOST_IDLE) this.#remove(entry);
  }

  forget(client: string): void {
    for (const entry of this.#entries.values()) if (entry.client === client) this.#remove(entry);
  }

  /** A former owner may have marked by later records than it wrote down, but by none that it had not committed. */
  #waiting(marks: Marks): Marks {
    return marks.map((mark) => ({ ...mark, offset: Math.max(mark.offset, this.#handled - 1) }));
  }

  #add(entry: Entry): void {
    const before = this.#entries.get(entry.point);
    if (before !== undefined) this.#remove(before);
    this.#entries.set(entry.point, entry);
    this.#count += entry.marks.length;
  }

  #remove(entry: Entry): void {
    // One that a client's erasure took away meanwhile is counted no more.
    if (this.#entries.get(entry.point) !== entry) return;
    this.#entries.delete(entry.point);
    this.#count -= entry.marks.length;
  }

  #setMarks(entry: Entry, marks: Marks): void {
    if (this.#entries.get(entry.point) === entry) this.#count += marks.length - entry.marks.length;
    entry.marks = marks;
  }

  async #know(touches: readonly Touch[]): Promise<void> {
    const unknown = touches.filter(({ point }) => !this.#entries.has(point));
    if (unknown.length === 0) return;
    const stored = new Map((await this.#store.getMany(unknown.map(({ point }) => point))).map((document) => [document.id, document]));
    for (const { client, point } of unknown) {
      const document = stored.get(point);
      this.#add({
        client, point, marks: document === undefined ? [] : this.#waiting(marksOf(document)), version: document?.version ?? 0, isDirty: true, writing: Promise.resolve(),
      });
    }
  }

  #alone(entry: Entry, write: () => Promise<void>): Promise<void> {
    const written = entry.writing.then(write);
    entry.writing = written.catch(() => undefined);
    return written;
  }

  /** Another wrote the document meanwhile: its marks hold too, and it must be written again before anything rests on it. */
  async #takeIn(entry: Entry): Promise<void> {
    const [stored] = await this.#store.getMany([entry.point]);
    entry.isDirty = true;
    entry.version = stored?.version ?? 0;
    for (const mark of stored === undefined ? [] : marksOf(stored)) this.#setMarks(entry, addMark(entry.marks, mark));
  }

  async #save(entry: Entry): Promise<void> {
    for (let attempt = 1; attempt <= TRIES; attempt++) {
      const { marks } = entry;
      const version = await this.#store.put(entry, this.#partition, marks, entry.version);
      if (version === undefined) {
        await this.#takeIn(entry);
        continue;
      }
      entry.version = version;
      // What was marked while it was written is written by whoever marked it.
      entry.isDirty &&= entry.marks !== marks;
      return;
    }
    throw new CaudalError("version-conflict", `the marks of point ${entry.point} change faster than they can be written`, { retry: "yes" });
  }
}

/** Number of the 15-minute bucket that holds the instant. */
export function quarterOf(timeUs: number): number {
  return Math.floor(timeUs / quarterUs);
}
