import { compareFacts, compareRevisionsAt, type FactArrays, FactList, type FactRun } from "@caudal/core";
import type { KnownPoint } from "./known-point.ts";

const NONE = -1;
/** Half as many facts as places in the table are taken at most. */
const FIRST_SLOTS = 1024;
const hashDouble = new Float64Array(1);
const hashWords = new Int32Array(hashDouble.buffer);

/**
 * Facts that are durable as incoming batches and not yet in blocks: one set of arrays for all points, found by (point, instant, variable)
 * through a hash table. The table names a fact's greatest revision, `#older` the next one down.
 */
export class PendingFacts {
  readonly #facts = new FactList(FIRST_SLOTS);
  #points = new Uint32Array(FIRST_SLOTS);
  /** Next fact of the same point, whatever its key. */
  #next = new Int32Array(FIRST_SLOTS);
  #older = new Int32Array(FIRST_SLOTS);
  #table = new Int32Array(FIRST_SLOTS * 2).fill(NONE);
  readonly #heads = new Map<KnownPoint, number>();
  /** Greatest sequence number of the batches in here. */
  lastSequence = 0;

  get length(): number {
    return this.#facts.length;
  }

  get facts(): FactArrays {
    return this.#facts;
  }

  /** Points with facts here, or whose floor began with a fact that was not kept. */
  get points(): Iterable<KnownPoint> {
    return this.#heads.keys();
  }

  get pointCount(): number {
    return this.#heads.size;
  }

  /** Sees to it that the point is stored with the next fold, even without facts. */
  touch(point: KnownPoint): void {
    if (!this.#heads.has(point)) this.#heads.set(point, NONE);
  }

  has(point: KnownPoint): boolean {
    return this.#heads.has(point);
  }

  /** Slot of the fact's greatest revision; negative when it is not here. */
  find(point: KnownPoint, instantUs: number, variable: number): number {
    return this.#table[this.#bucketOf(point.id, instantUs, variable)]!;
  }

  /** Slot of the next revision down; negative at the end. */
  olderThan(slot: number): number {
    return this.#older[slot]!;
  }

  /** Takes a fact whose key is not here. */
  add(point: KnownPoint, from: FactArrays, index: number): void {
    const slot = this.#append(point, from, index);
    this.#table[this.#bucketOf(point.id, from.instants[index]!, from.variables[index]!)] = slot;
  }

  /** Puts a greater revision in the place of the one in `slot`. */
  overwrite(slot: number, from: FactArrays, index: number): void {
    this.#facts.set(slot, from, index);
  }

  /** Adds a revision beside those of its key, which is here. */
  addRevision(point: KnownPoint, from: FactArrays, index: number): void {
    const slot = this.#append(point, from, index);
    const bucket = this.#bucketOf(point.id, from.instants[index]!, from.variables[index]!);
    let above = NONE;
    let below = this.#table[bucket]!;
    while (below !== NONE && compareRevisionsAt(this.#facts, below, from, index) > 0) {
      above = below;
      below = this.#older[below]!;
    }
    this.#older[slot] = below;
    if (above === NONE) this.#table[bucket] = slot;
    else this.#older[above] = slot;
  }

  /** The point's facts at or after `floorUs`, in order. */
  collect(point: KnownPoint, floorUs: number): FactRun {
    const slots: number[] = [];
    for (let slot = this.#heads.get(point) ?? NONE; slot !== NONE; slot = this.#next[slot]!) {
      if (this.#facts.instants[slot]! >= floorUs) slots.push(slot);
    }
    slots.reverse();
    if (!this.#areInOrder(slots)) slots.sort((a, b) => compareFacts(this.#facts, a, this.#facts, b));
    const facts = new FactList(slots.length);
    for (const slot of slots) facts.add(this.#facts, slot);
    return { facts, start: 0, end: facts.length };
  }

  /** Lets go of everything and keeps the memory for the next facts. */
  clear(): void {
    this.#facts.length = 0;
    this.#heads.clear();
    this.#table.fill(NONE);
    this.lastSequence = 0;
  }

  #append(point: KnownPoint, from: FactArrays, index: number): number {
    if ((this.#facts.length + 1) * 2 > this.#table.length) this.#grow();
    const slot = this.#facts.add(from, index);
    this.#points[slot] = point.id;
    this.#next[slot] = this.#heads.get(point) ?? NONE;
    this.#older[slot] = NONE;
    this.#heads.set(point, slot);
    return slot;
  }

  /** Where the key is in the table, or the free place where it would go. */
  #bucketOf(pointId: number, instantUs: number, variable: number): number {
    hashDouble[0] = instantUs;
    let hash = Math.imul(pointId, 0x9e3779b1) ^ Math.imul(variable + 1, 0x85ebca6b) ^ Math.imul(hashWords[0]!, 0xc2b2ae35) ^ Math.imul(hashWords[1]!, 0x27d4eb2f);
    hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
    const mask = this.#table.length - 1;
    let bucket = (hash ^ (hash >>> 13)) & mask;
    for (;;) {
      const slot = this.#table[bucket]!;
      if (slot === NONE || (this.#points[slot] === pointId && this.#facts.instants[slot] === instantUs && this.#facts.variables[slot] === variable)) return bucket;
      bucket = (bucket + 1) & mask;
    }
  }

  #grow(): void {
    const heads = this.#table.filter((slot) => slot !== NONE);
    const slots = this.#table.length;
    this.#points = widened(this.#points, new Uint32Array(slots));
    this.#next = widened(this.#next, new Int32Array(slots));
    this.#older = widened(this.#older, new Int32Array(slots));
    this.#table = new Int32Array(slots * 2).fill(NONE);
    for (const slot of heads) this.#table[this.#bucketOf(this.#points[slot]!, this.#facts.instants[slot]!, this.#facts.variables[slot]!)] = slot;
  }

  #areInOrder(slots: readonly number[]): boolean {
    return slots.every((slot, i) => i === 0 || compareFacts(this.#facts, slots[i - 1]!, this.#facts, slot) < 0);
  }
}

function widened<T extends { set(from: T): void }>(old: T, wider: T): T {
  wider.set(old);
  return wider;
}
