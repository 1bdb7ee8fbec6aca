import { compareFacts, compareRevisionsAt, FactList, firstAt, type FactArrays, type FactRun, type Words } from "@caudal/core";
import type { Measurement } from "@caudal/schemas";
import type { BucketPlaces } from "./bucket-places.ts";
import type { KnownPoint } from "./known-point.ts";
import type { PointEntry } from "./log-entry.ts";

/** Facts counted by what became of them. */
export interface FactCounts {
  stored: number;
  superseded: number;
  duplicate: number;
  belowFloor: number;
}

/** One measurement and where its facts are counted. */
export interface CountedMeasurement {
  readonly measurement: Measurement;
  readonly counts: FactCounts;
}

export interface DraftParts {
  readonly words: Words;
  readonly places: BucketPlaces;
  /** Microseconds; Infinity keeps for ever. */
  readonly retentionUs: number;
}

/**
 * What batches would change of points, as the lane knows them now; nothing is changed yet, because another writer may have been first. Points are
 * judged one after the other; a point's measurements come in the order of the batch, and each is judged against those before it.
 */
export class BatchDraft {
  readonly #parts: DraftParts;
  /** What changes of all points, one after the other. */
  readonly #fresh = new FactList(256);
  readonly #incoming = new FactList(1);
  /** Of the point that is being judged: where it begins in #fresh, and its newest instants there by variable. */
  #start = 0;
  readonly #lastUs = new Map<number, number>();
  /** Where its facts stand in #fresh, by instant and variable; made when the first comes that is not newer than all others. */
  #slots: Map<string, number> | undefined;

  constructor(parts: DraftParts) {
    this.#parts = parts;
    this.#incoming.length = 1;
  }

  /** What the log must say of the point; undefined when the batch changes nothing of it. */
  async judge(text: string, point: KnownPoint, batch: readonly CountedMeasurement[]): Promise<PointEntry | undefined> {
    this.#start = this.#fresh.length;
    this.#lastUs.clear();
    this.#slots = undefined;
    const begins = !point.hasBegun;
    const floorUs = begins ? Math.max(point.floorUs, batch[0]!.measurement.receivedAtUs - this.#parts.retentionUs) : point.floorUs;
    for (const one of batch) {
      if (one.measurement.instantUs < floorUs) one.counts.belowFloor += one.measurement.facts.length;
      else await this.#mergeMeasurement(point, one);
    }
    if (!begins && this.#fresh.length === this.#start) return undefined;
    return { text, ...(begins ? { floorUs, begins } : {}), ...(this.#fresh.length === this.#start ? {} : { run: this.#finish() }) };
  }

  async #mergeMeasurement(point: KnownPoint, { measurement, counts }: CountedMeasurement): Promise<void> {
    const { words } = this.#parts;
    const incoming = this.#incoming;
    incoming.instants[0] = measurement.instantUs;
    incoming.authorities[0] = measurement.authority;
    incoming.knownAts[0] = measurement.knownAtUs;
    for (const { variable, value, flag, reasons } of measurement.facts) {
      const id = words.idOf(variable);
      incoming.variables[0] = id;
      incoming.values[0] = value ?? NaN;
      incoming.flags[0] = flag;
      incoming.reasons[0] = words.idOfReasons(reasons);
      if (measurement.instantUs > (this.#lastUs.get(id) ?? point.newest.lastUs(id))) this.#add(point, counts);
      else await this.#mergeLate(point, counts);
    }
  }

  #add(point: KnownPoint, counts: FactCounts): void {
    const incoming = this.#incoming;
    const [instantUs, variable] = [incoming.instants[0]!, incoming.variables[0]!];
    this.#lastUs.set(variable, Math.max(instantUs, this.#lastUs.get(variable) ?? point.newest.lastUs(variable)));
    const slot = this.#fresh.add(incoming, 0);
    this.#slots?.set(slotKey(instantUs, variable), slot);
    counts.stored += 1;
  }

  /** A fact that is not newer than all of its variable: one of the same key may be there already. */
  async #mergeLate(point: KnownPoint, counts: FactCounts): Promise<void> {
    const incoming = this.#incoming;
    const slot = this.#slotsOfPoint().get(slotKey(incoming.instants[0]!, incoming.variables[0]!));
    if (slot !== undefined) {
      const order = compareRevisionsAt(incoming, 0, this.#fresh, slot);
      if (order > 0) this.#fresh.set(slot, incoming, 0);
      count(counts, order);
      return;
    }
    const order = (await this.#orderAgainstStored(point)) ?? 1;
    if (order > 0) this.#add(point, counts);
    else count(counts, order);
  }

  /** The incoming revision against the one of its key that the lane has; undefined when it has none. */
  async #orderAgainstStored(point: KnownPoint): Promise<number | undefined> {
    const pending = point.pending;
    const inPending = findKey(pending, this.#incoming);
    if (inPending !== undefined) return compareRevisionsAt(this.#incoming, 0, pending.facts, inPending);
    if (point.lastStartUs === undefined) return undefined;
    const { facts } = await this.#parts.places.find(point, this.#incoming.instants[0]!);
    const inBucket = findKey({ facts, start: 0, end: facts.length }, this.#incoming);
    return inBucket === undefined ? undefined : compareRevisionsAt(this.#incoming, 0, facts, inBucket);
  }

  #slotsOfPoint(): Map<string, number> {
    if (this.#slots !== undefined) return this.#slots;
    this.#slots = new Map();
    for (let i = this.#start; i < this.#fresh.length; i++) this.#slots.set(slotKey(this.#fresh.instants[i]!, this.#fresh.variables[i]!), i);
    return this.#slots;
  }

  /** The point's facts, put in order. */
  #finish(): FactRun {
    const facts = this.#fresh;
    const [start, end] = [this.#start, facts.length];
    let isInOrder = true;
    for (let i = start + 1; i < end && isInOrder; i++) isInOrder = compareFacts(facts, i - 1, facts, i) < 0;
    if (!isInOrder) {
      const order = Array.from({ length: end - start }, (_, i) => start + i).sort((a, b) => compareFacts(facts, a, facts, b));
      const sorted = new FactList(order.length);
      for (const index of order) sorted.add(facts, index);
      for (let i = 0; i < sorted.length; i++) facts.set(start + i, sorted, i);
    }
    return { facts, start, end };
  }
}

function slotKey(instantUs: number, variable: number): string {
  return `${instantUs} ${variable}`;
}

function count(counts: FactCounts, order: number): void {
  if (order > 0) counts.stored += 1;
  else if (order < 0) counts.superseded += 1;
  else counts.duplicate += 1;
}

/** Index of the fact in the run that has the key of `key[0]`. */
function findKey({ facts, start, end }: FactRun, key: FactArrays): number | undefined {
  const instantUs = key.instants[0]!;
  for (let i = firstAt(facts, instantUs, start, end); i < end && facts.instants[i] === instantUs; i++) if (facts.variables[i] === key.variables[0]) return i;
  return undefined;
}
