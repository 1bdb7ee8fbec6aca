import { KeyMemory } from "./key-memory.ts";
import { Shelf } from "./shelf.ts";

/** Source times this much older than a device's newest are no longer remembered: such a sample goes on and merges. */
export const REMEMBERED_US = 7 * 24 * 3600 * 1_000_000;
/** Times kept at hand for a device, over all its keys; when there are more they are sealed into a shelf. */
export const OPEN_TIMES = 512;
/** Shelves of a device; the oldest makes room. So at most 524,288 times are remembered, a week of one key every 1.15 s. */
export const MAX_SHELVES = 1024;

/** What a shelf covers. */
export interface ShelfSpan {
  readonly seq: number;
  readonly fromUs: number;
  readonly toUs: number;
}

/** Gives a shelf that is in memory. */
export type ShelfAt = (seq: number) => Shelf | undefined;

/** Which source times of a device are known, each with its newest value. */
export class DuplicateMemory {
  readonly keys = new Map<string, KeyMemory>();
  spans: ShelfSpan[] = [];
  nextSeq = 0;
  newestUs = NaN;
  /** Shelves that are sealed and not yet stored. */
  readonly sealed = new Map<number, Shelf>();
  #open = 0;

  get bytes(): number {
    let total = 200 + this.spans.length * 56 + this.sealed.size * OPEN_TIMES * 16;
    for (const memory of this.keys.values()) total += 150 + memory.bytes;
    return total;
  }

  /** True when the sample is new: an unknown time, or another value than the newest known. It is remembered then. */
  admit(key: string, timeUs: number, value: number, shelfAt: ShelfAt): boolean {
    let memory = this.keys.get(key);
    if (memory === undefined) {
      memory = new KeyMemory();
      this.keys.set(key, memory);
    }
    if (timeUs <= memory.newestUs) {
      if (timeUs < this.newestUs - REMEMBERED_US) return true;
      const known = memory.valueAt(timeUs) ?? this.#shelved(key, timeUs, shelfAt);
      // Object.is would tell 0 from -0; a source that sends both means one.
      if (known === value) return false;
    }
    const before = memory.count;
    memory.put(timeUs, value);
    this.#open += memory.count - before;
    if (!(timeUs <= this.newestUs)) this.newestUs = timeUs;
    if (this.#open >= OPEN_TIMES) this.#seal();
    return true;
  }

  /** Shelves that have to be in memory before a sample of this time can be admitted. */
  wants(key: string, timeUs: number): readonly number[] {
    const memory = this.keys.get(key);
    if (memory === undefined || !(timeUs < memory.newestUs) || timeUs < this.newestUs - REMEMBERED_US) return [];
    if (this.spans.length === 0 || memory.valueAt(timeUs) !== undefined) return [];
    return this.spans.filter(({ fromUs, toUs }) => fromUs <= timeUs && timeUs <= toUs).map(({ seq }) => seq);
  }

  /** Counts what is open after the keys were filled from a document. */
  recount(): void {
    this.#open = 0;
    for (const memory of this.keys.values()) this.#open += memory.count;
  }

  #shelved(key: string, timeUs: number, shelfAt: ShelfAt): number | undefined {
    for (let index = this.spans.length - 1; index >= 0; index--) {
      const span = this.spans[index];
      if (span === undefined || timeUs < span.fromUs || timeUs > span.toUs) continue;
      const value = (this.sealed.get(span.seq) ?? shelfAt(span.seq))?.valueAt(key, timeUs);
      if (value !== undefined) return value;
    }
    return undefined;
  }

  #seal(): void {
    const horizonUs = this.newestUs - REMEMBERED_US;
    const kept = new Map<string, KeyMemory>();
    let fromUs = Infinity;
    let toUs = -Infinity;
    for (const [key, memory] of this.keys) {
      if (memory.count === 0) continue;
      const timesUs = memory.timesUs;
      const moved = new KeyMemory();
      moved.fill(timesUs, memory.values);
      kept.set(key, moved);
      fromUs = Math.min(fromUs, timesUs[0] ?? Infinity);
      toUs = Math.max(toUs, timesUs[timesUs.length - 1] ?? -Infinity);
      memory.clear();
    }
    const seq = this.nextSeq++;
    this.sealed.set(seq, new Shelf(seq, kept));
    this.spans = this.spans.filter((span) => span.toUs >= horizonUs && span.seq > seq - MAX_SHELVES);
    this.spans.push({ seq, fromUs, toUs });
    this.#open = 0;
  }
}
