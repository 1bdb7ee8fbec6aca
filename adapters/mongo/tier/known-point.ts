import { FactList, firstAt, mergeRuns, type FactArrays, type FactRun, type PointKey, type Words } from "@caudal/core";
import { NewestFacts } from "./newest-facts.ts";
import type { PointDocument } from "./tier-store.ts";

const FIRST_FACTS = 32;
/** Up to this many facts are sooner copied one by one than as a run. */
const FEW_FACTS = 16;
/** Most points have none pending; never changed. */
const noFacts = new FactList(0);

/** What a lane knows of a point: what its document says, and what the log says since. */
export class KnownPoint implements PointKey {
  readonly client: string;
  readonly point: string;
  readonly id: Buffer;
  floorUs = -Infinity;
  /** False until the first fact came, which begins the floor; a floor may have been raised before. */
  hasBegun = false;
  /** The tier has seen it. */
  exists = false;
  /** Its document or buckets are behind the log. */
  isDirty = false;
  newest = new NewestFacts();
  /** Start of its last bucket; undefined without any. */
  lastStartUs: number | undefined;
  #pending = noFacts;

  constructor({ client, point }: PointKey, id: Buffer) {
    this.client = client;
    this.point = point;
    this.id = id;
  }

  static fromDocument(document: PointDocument, words: Words): KnownPoint {
    const point = new KnownPoint({ client: document.c, point: document.p }, document._id);
    point.floorUs = document.floor;
    point.hasBegun = document.begun;
    point.exists = true;
    point.newest = NewestFacts.fromDocument(document, words);
    point.lastStartUs = document.last ?? undefined;
    return point;
  }

  toDocument(lane: number, words: Words): PointDocument {
    const { client, point, floorUs, hasBegun, lastStartUs } = this;
    return { _id: this.id, c: client, p: point, l: lane, floor: floorUs, begun: hasBegun, last: lastStartUs ?? null, ...this.newest.toDocument(words) };
  }

  /** Facts of the log that are not in the buckets yet, in order. What was given stays as it is when more come. */
  get pending(): FactRun {
    return { facts: this.#pending, start: 0, end: this.#pending.length };
  }

  get pendingFacts(): number {
    return this.#pending.length;
  }

  /** Takes facts of the log, in order, each a greatest revision; gives how many more are pending. */
  add({ facts, start, end }: FactRun, words: Words): number {
    const before = this.#pending.length;
    const last = before === 0 ? -Infinity : this.#pending.instants[before - 1]!;
    if (last < facts.instants[start]!) this.#append(facts, start, end);
    else this.#replacePending(mergeRuns({ facts, start, end }, this.pending, false));
    for (let i = start; i < end; i++) this.newest.note(facts, i, words.isWithdrawn(facts.reasons[i]!));
    this.exists = true;
    this.isDirty = true;
    return this.#pending.length - before;
  }

  /** Raises the floor; gives how many pending facts that forgets. */
  raise(floorUs: number, begins: boolean): number {
    this.exists = true;
    this.isDirty = true;
    this.hasBegun ||= begins;
    this.floorUs = Math.max(this.floorUs, floorUs);
    const { facts, end } = this.pending;
    const start = firstAt(facts, this.floorUs, 0, end);
    if (start > 0) this.#replacePending({ facts, start, end });
    return start;
  }

  /** Pending facts are in the buckets now, and the document says the same as this. */
  markFolded(): void {
    this.#pending = noFacts;
    this.isDirty = false;
  }

  #append(facts: FactArrays, start: number, end: number): void {
    if (this.#pending === noFacts) this.#pending = new FactList(FIRST_FACTS);
    const pending = this.#pending;
    if (end - start > FEW_FACTS) pending.addRun(facts, start, end);
    else for (let i = start; i < end; i++) pending.add(facts, i);
  }

  #replacePending({ facts, start, end }: FactRun): void {
    const pending = new FactList(end - start);
    pending.addRun(facts, start, end);
    this.#pending = pending;
  }
}
