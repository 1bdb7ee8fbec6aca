import type { PointKey } from "@caudal/core";
import { fromKey, keyOf, type KnownPoint } from "./known-point.ts";
import { NewestFacts } from "./newest-facts.ts";
import type { TierFile } from "./tier-file.ts";

/** The points in memory, read from the file when first asked for. */
export class KnownPoints {
  readonly #file: TierFile;
  readonly #points = new Map<string, KnownPoint>();
  #lastId: number;

  constructor(file: TierFile) {
    this.#file = file;
    this.#lastId = file.lastNumber("points");
  }

  /** Undefined for a point that the tier never saw. */
  find(key: PointKey): KnownPoint | undefined {
    const text = keyOf(key);
    const known = this.#points.get(text) ?? this.#file.point(key);
    if (known !== undefined) this.#points.set(text, known);
    return known;
  }

  /** The point by its packed key; a new one is not in the file until it is saved there. */
  findOrAdd(text: string): KnownPoint {
    const known = this.#points.get(text);
    if (known !== undefined) return known;
    const key = fromKey(text);
    const point = this.#file.point(key) ?? newPoint(key, ++this.#lastId);
    this.#points.set(text, point);
    return point;
  }

  /** Forgets points, oldest acquaintance first, down to `keep`; all of those that `mustStay` does not hold back. */
  shrink(keep: number, mustStay: (point: KnownPoint) => boolean): void {
    for (const [text, point] of this.#points) {
      if (this.#points.size <= keep) return;
      if (!mustStay(point)) this.#points.delete(text);
    }
  }

  forgetClient(client: string): void {
    for (const [text, point] of this.#points) if (point.client === client) this.#points.delete(text);
  }

  /** Drops a point that was added and never saved. */
  forget(key: PointKey): void {
    this.#points.delete(keyOf(key));
  }
}

function newPoint(key: PointKey, id: number): KnownPoint {
  return { ...key, id, floorUs: -Infinity, hasBegun: false, foldedSequence: 0, newest: new NewestFacts(), version: 0 };
}
