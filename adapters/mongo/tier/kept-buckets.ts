import { FACT_BYTES, type FactList } from "@caudal/core";

/** Facts of a stretch of a point's time: all that are folded with fromUs <= instant < toUs. */
export interface Segment {
  readonly fromUs: number;
  readonly toUs: number;
  /** May hold more than the stretch; undefined where nothing is stored. */
  readonly bucket: FactList | undefined;
}

const MAX_BYTES = 8 * 1024 * 1024;

/** Buckets of one lane that short reads unpacked, those of the points read last within a bound of bytes. Right until somebody folds; then all of it is cleared. */
export class KeptBuckets {
  readonly #segments = new Map<string, readonly Segment[]>();
  #bytes = 0;

  /** Segments that cover the whole time, in order; undefined when they are not all here. */
  find(pointId: Buffer, fromUs: number, toUs: number): readonly Segment[] | undefined {
    const key = pointId.toString("latin1");
    const segments = this.#segments.get(key);
    if (segments === undefined) return undefined;
    const found: Segment[] = [];
    for (let at = fromUs; at < toUs; at = found.at(-1)!.toUs) {
      const next = segments.find((segment) => segment.fromUs <= at && at < segment.toUs);
      if (next === undefined) return undefined;
      found.push(next);
    }
    this.#segments.delete(key);
    this.#segments.set(key, segments);
    return found;
  }

  /** Takes segments instead of what it has of the same beginning. */
  keep(pointId: Buffer, segments: readonly Segment[]): void {
    const key = pointId.toString("latin1");
    const fresh = new Set(segments.map(({ fromUs }) => fromUs));
    const others = (this.#segments.get(key) ?? []).filter(({ fromUs }) => !fresh.has(fromUs));
    this.#forget(key);
    this.#segments.set(key, [...others, ...segments]);
    this.#bytes += bytesOf([...others, ...segments]);
    for (const oldest of this.#segments.keys()) {
      if (this.#bytes <= MAX_BYTES) break;
      this.#forget(oldest);
    }
  }

  clear(): void {
    this.#segments.clear();
    this.#bytes = 0;
  }

  #forget(key: string): void {
    this.#bytes -= bytesOf(this.#segments.get(key) ?? []);
    this.#segments.delete(key);
  }
}

function bytesOf(segments: readonly Segment[]): number {
  return segments.reduce((sum, { bucket }) => sum + 100 + (bucket?.capacity ?? 0) * FACT_BYTES, 0);
}
