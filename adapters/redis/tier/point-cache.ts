import type { PointState } from "./point-state.ts";

/** Points by their name, the ones used last, within a bound of bytes. */
export class PointCache {
  readonly #maxBytes: number;
  readonly #points = new Map<string, { readonly point: PointState; readonly bytes: number }>();
  #bytes = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** Takes the point out: whoever has it changes it, and puts it back when Redis has the change too. */
  take(name: string): PointState | undefined {
    const entry = this.#points.get(name);
    if (entry === undefined) return undefined;
    this.#points.delete(name);
    this.#bytes -= entry.bytes;
    return entry.point;
  }

  put(point: PointState): void {
    point.trim();
    const { bytes } = point;
    this.take(point.name);
    this.#points.set(point.name, { point, bytes });
    this.#bytes += bytes;
    for (const name of this.#points.keys()) {
      if (this.#bytes <= this.#maxBytes) break;
      this.take(name);
    }
  }
}
