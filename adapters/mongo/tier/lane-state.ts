import type { Words } from "@caudal/core";
import { BucketPlaces } from "./bucket-places.ts";
import { decodeEntry, type PointEntry } from "./log-entry.ts";
import { pointIdOf } from "./keys.ts";
import { KnownPoint } from "./known-point.ts";
import { KeptBuckets, type Segment } from "./kept-buckets.ts";
import type { SeriesSource } from "./series-reader.ts";
import type { EntryDocument, TierStore } from "./tier-store.ts";

const POINTS_FETCHED = 1000;

/** What this process knows of a lane: the state of its log's last known entry. */
export class LaneState {
  readonly places: BucketPlaces;
  readonly #kept = new KeptBuckets();
  readonly #store: TierStore;
  readonly #words: Words;
  readonly #points = new Map<string, KnownPoint>();
  readonly #erased = new Set<string>();
  /** Of the lane's document, as it was read or written last. */
  turn = 0;
  folded = 0;
  /** The last entry that is part of this state. */
  last = 0;
  pendingFacts = 0;
  dirtyPoints = 0;

  constructor(store: TierStore, words: Words) {
    this.#store = store;
    this.#words = words;
    this.places = new BucketPlaces(store, words);
  }

  get entries(): number {
    return this.last - this.folded;
  }

  /** Clients that the log erases; what the points' collection says of them does not hold any more. */
  get erased(): ReadonlySet<string> {
    return this.#erased;
  }

  point(text: string): KnownPoint | undefined {
    return this.#points.get(text);
  }

  *points(): Iterable<KnownPoint> {
    yield* this.#points.values();
  }

  /** The point as it is to be read now; what is written later does not change that. */
  source({ id, floorUs, pending, lastStartUs }: KnownPoint): SeriesSource {
    const { turn } = this;
    const keep = (segments: readonly Segment[]): void => {
      if (this.turn === turn) this.#kept.keep(id, segments);
    };
    return { id, floorUs, pending, lastStartUs, kept: { keep, find: (fromUs, toUs) => this.#kept.find(id, fromUs, toUs) } };
  }

  /** Reads what the store says of points that are not known yet. */
  async know(texts: Iterable<string>): Promise<void> {
    const unknown = [...new Set(texts)].filter((text) => !this.#points.has(text)).map((text) => ({ text, id: pointIdOf(text) }));
    for (let at = 0; at < unknown.length; at += POINTS_FETCHED) {
      const some = unknown.slice(at, at + POINTS_FETCHED);
      const documents = await this.#store.connection.onceMore(() => this.#store.points.find({ _id: { $in: some.map(({ id }) => id) } }).toArray());
      for (const document of documents) {
        const point = KnownPoint.fromDocument(document, this.#words);
        if (!this.#erased.has(point.client)) this.#points.set(`${point.client}\0${point.point}`, point);
      }
      for (const { text, id } of some) if (!this.#points.has(text)) this.#points.set(text, newPoint(text, id));
    }
  }

  /** Takes the entry that follows the last one, as the store gave it. */
  async take(entry: EntryDocument): Promise<void> {
    if (entry.e === undefined) {
      const points = decodeEntry(entry, this.#words);
      await this.know(points.map(({ text }) => text));
      this.apply(points);
    } else this.eraseClient(entry.e);
  }

  /** Takes what the next entry says; its points are known. */
  apply(points: readonly PointEntry[]): void {
    this.last += 1;
    for (const { text, floorUs, begins = false, run } of points) {
      const point = this.#points.get(text)!;
      if (!point.isDirty) this.dirtyPoints += 1;
      if (floorUs !== undefined) this.pendingFacts -= point.raise(floorUs, begins);
      if (run !== undefined) this.pendingFacts += point.add(run, this.#words);
    }
  }

  /** Takes the next entry, which erases a client. */
  eraseClient(client: string): void {
    this.last += 1;
    this.#erased.add(client);
    for (const [text, point] of this.#points) {
      if (point.client !== client) continue;
      this.pendingFacts -= point.pendingFacts;
      if (point.isDirty) this.dirtyPoints -= 1;
      this.#points.delete(text);
      this.places.forget(point);
    }
  }

  /** How many points a client has in the lane. */
  async countPoints(client: string, lane: number): Promise<number> {
    const known = Array.from(this.#points.values()).filter((point) => point.client === client && point.exists).map((point) => point.point);
    if (this.#erased.has(client)) return known.length;
    const { connection, points } = this.#store;
    const stored = await connection.onceMore(() => points.find({ c: client, l: lane }, { projection: { _id: 0, p: 1 } }).toArray());
    return new Set([...known, ...stored.map(({ p }) => p)]).size;
  }

  /** All that was known is in the buckets now. */
  markFolded(turn: number): void {
    this.turn = turn;
    this.folded = this.last;
    this.pendingFacts = 0;
    this.dirtyPoints = 0;
    this.#erased.clear();
    this.#kept.clear();
  }

  /** Begins anew, before the log is read from its first entry that is not folded. */
  reset({ turn, folded }: { readonly turn: number; readonly folded: number }): void {
    this.turn = turn;
    this.folded = folded;
    this.last = folded;
    this.pendingFacts = 0;
    this.dirtyPoints = 0;
    this.#points.clear();
    this.#erased.clear();
    this.places.clear();
    this.#kept.clear();
  }

  /** Forgets points that the store knows all about, oldest acquaintance first, down to `most`. */
  shrink(most: number): void {
    for (const [text, point] of this.#points) {
      if (this.#points.size <= most) return;
      if (point.isDirty) continue;
      this.#points.delete(text);
      this.places.forget(point);
    }
  }
}

function newPoint(text: string, id: Buffer): KnownPoint {
  const split = text.indexOf("\0");
  return new KnownPoint({ client: text.slice(0, split), point: text.slice(split + 1) }, id);
}
