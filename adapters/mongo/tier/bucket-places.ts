import { FACT_BYTES, FactList, decodeBucket, type Words } from "@caudal/core";
import type { KnownPoint } from "./known-point.ts";
import { bucketId, bucketStartUs } from "./keys.ts";
import type { BucketDocument, TierStore } from "./tier-store.ts";

/** The bucket that an instant falls into: it holds all folded facts of a point with startUs <= instant < nextUs. */
export interface BucketPlace {
  readonly startUs: number;
  readonly nextUs: number;
  readonly facts: FactList;
  /** False where the store has no such bucket yet. */
  readonly isStored: boolean;
}

const CACHE_BYTES = 8 * 1024 * 1024;
const FETCHED_AT_ONCE = 128;

/**
 * Buckets of one lane, the ones used last within a bound of bytes. What it holds is right as long as nobody else folds, so the lane forgets all of it
 * when its turn has changed.
 */
export class BucketPlaces {
  readonly #store: TierStore;
  readonly #words: Words;
  /** By point, the one used last at the end. */
  readonly #places = new Map<KnownPoint, BucketPlace[]>();
  #bytes = 0;
  /** How often the store was asked or a known place was used: then what follows from it hangs on the lane's turn. */
  looks = 0;

  constructor(store: TierStore, words: Words) {
    this.#store = store;
    this.#words = words;
  }

  clear(): void {
    this.#places.clear();
    this.#bytes = 0;
  }

  forget(point: KnownPoint): void {
    for (const { facts } of this.#places.get(point) ?? []) this.#bytes -= facts.capacity * FACT_BYTES;
    this.#places.delete(point);
  }

  async find(point: KnownPoint, instantUs: number): Promise<BucketPlace> {
    this.looks += 1;
    return this.#known(point, instantUs) ?? this.#keep(point, await this.#load(point, instantUs));
  }

  /** Fetches the last buckets of points in few queries, since most facts fall there. */
  async fetchLast(points: readonly KnownPoint[]): Promise<void> {
    const wanted = new Map(points.filter((point) => point.lastStartUs !== undefined && this.#known(point, point.lastStartUs) === undefined).map((point) => [point.id.toString("latin1"), point]));
    const all = [...wanted.values()];
    for (let at = 0; at < all.length; at += FETCHED_AT_ONCE) {
      const ids = all.slice(at, at + FETCHED_AT_ONCE).map(({ id, lastStartUs }) => bucketId(id, lastStartUs!));
      for (const document of await this.#store.connection.onceMore(() => this.#store.buckets.find({ _id: { $in: ids } }).toArray())) {
        const point = wanted.get(document._id.subarray(0, 16).toString("latin1"));
        if (point !== undefined) this.#keep(point, this.#placeOf(document, Infinity));
      }
    }
  }

  #known(point: KnownPoint, instantUs: number): BucketPlace | undefined {
    const places = this.#places.get(point);
    const place = places?.find(({ startUs, nextUs }) => startUs <= instantUs && instantUs < nextUs);
    if (places === undefined || place === undefined) return undefined;
    this.#places.delete(point);
    this.#places.set(point, places);
    return place;
  }

  #keep(point: KnownPoint, place: BucketPlace): BucketPlace {
    const places = this.#places.get(point) ?? [];
    this.#places.delete(point);
    this.#places.set(point, [...places, place]);
    this.#bytes += place.facts.capacity * FACT_BYTES;
    for (const oldest of this.#places.keys()) {
      if (this.#bytes <= CACHE_BYTES || oldest === point) break;
      this.forget(oldest);
    }
    return place;
  }

  async #load(point: KnownPoint, instantUs: number): Promise<BucketPlace> {
    const none: BucketPlace = { startUs: -Infinity, nextUs: Infinity, facts: new FactList(0), isStored: false };
    if (point.lastStartUs === undefined) return none;
    const { buckets, connection } = this.#store;
    const [least, most] = [bucketId(point.id, -Infinity), bucketId(point.id, instantUs)];
    const [before] = await connection.onceMore(() => buckets.find({ _id: { $gte: least, $lte: most } }).sort({ _id: -1 }).limit(1).toArray());
    if (before !== undefined && bucketStartUs(before._id) === point.lastStartUs) return this.#placeOf(before, Infinity);
    const after = await connection.onceMore(() => buckets.find({ _id: { $gt: most, $lte: bucketId(point.id, Infinity) } }, { projection: { _id: 1 } }).sort({ _id: 1 }).limit(1).next());
    const nextUs = after === null ? Infinity : bucketStartUs(after._id);
    return before === undefined ? { ...none, nextUs } : this.#placeOf(before, nextUs);
  }

  #placeOf({ _id, f }: BucketDocument, nextUs: number): BucketPlace {
    return { startUs: bucketStartUs(_id), nextUs, facts: decodeBucket(f, this.#words), isStored: true };
  }
}
