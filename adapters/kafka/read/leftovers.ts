import type { FetchedRecords } from "../records/fetched-records.ts";

export interface Leftover {
  readonly fetched: FetchedRecords;
  readonly endOffset: number;
}

const MAX_KEPT = 8;
/** Longer, and what was trimmed by another process would still be read here. */
const KEEP_MS = 2000;

/** What fetches brought beyond what was asked for, for the reader that comes back for the next page. */
export class Leftovers {
  readonly #kept = new Map<string, Leftover & { readonly untilMs: number }>();

  keep(topic: string, partition: number, leftover: Leftover): void {
    this.#kept.delete(`${topic}/${partition}`);
    this.#kept.set(`${topic}/${partition}`, { ...leftover, untilMs: performance.now() + KEEP_MS });
    const [oldest] = this.#kept.keys();
    if (this.#kept.size > MAX_KEPT && oldest !== undefined) this.#kept.delete(oldest);
  }

  /** Takes it away when it goes on at the offset; without an offset, whatever it is. */
  take(topic: string, partition: number, fromOffset?: number): Leftover | undefined {
    const place = `${topic}/${partition}`;
    const found = this.#kept.get(place);
    if (found === undefined) return undefined;
    if (performance.now() > found.untilMs) this.#kept.delete(place);
    else if (fromOffset === undefined || found.fetched.nextOffset === fromOffset) {
      this.#kept.delete(place);
      return found;
    }
    return undefined;
  }
}
