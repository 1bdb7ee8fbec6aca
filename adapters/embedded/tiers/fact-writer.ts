import { compareRevisionsAt, FactList, firstAt, hasCode, type Words } from "@caudal/core";
import type { BlockCache } from "./block-cache.ts";
import type { KnownPoint } from "./known-point.ts";
import type { KnownPoints } from "./known-points.ts";
import type { PendingFacts } from "./pending-facts.ts";
import type { BlockMeta, TierFile } from "./tier-file.ts";
import type { UnpackedBatch } from "./write-batch.ts";

/** Facts counted by what became of them; `failed` by index within the batch. */
export interface BatchCounts {
  stored: number;
  superseded: number;
  duplicate: number;
  belowFloor: number;
  readonly failed: { readonly index: number; readonly error: unknown }[];
}

export interface WriterParts {
  readonly file: TierFile;
  readonly cache: BlockCache;
  readonly points: KnownPoints;
  readonly words: Words;
  readonly keepAll: boolean;
  /** Microseconds; Infinity keeps for ever. */
  readonly retentionUs: number;
}

/** Merges batches, which are durable already, into pending facts. */
export class FactWriter {
  readonly #parts: WriterParts;
  /** The revisions found below pending facts for one key, greatest first. */
  readonly #lower = new FactList(4);
  readonly #incoming = new FactList(1);
  /** Where the last late fact fell: series come in runs. */
  #place: { readonly pointId: number; readonly fromUs: number; readonly toUs: number; readonly block: BlockMeta | undefined } | undefined;

  constructor(parts: WriterParts) {
    this.#parts = parts;
    this.#incoming.length = 1;
  }

  /** Must be called whenever blocks changed. */
  forgetPlaces(): void {
    this.#place = undefined;
  }

  /** Merges a batch, measurement by measurement in order, fact by fact; one whose block is damaged fails alone. */
  merge({ sequence, batch, active, frozen, isReplay }: BatchToMerge): BatchCounts {
    const counts: BatchCounts = { stored: 0, superseded: 0, duplicate: 0, belowFloor: 0, failed: [] };
    const points = new Array<KnownPoint | undefined>(batch.texts.length);
    const words = new Array<number>(batch.texts.length);
    const wordOf = (text: number): number => (words[text] ??= this.#parts.words.idOf(batch.texts[text]!));
    let fact = 0;
    for (let index = 0; index < batch.instants.length; index++) {
      const end = fact + batch.factCounts[index]!;
      try {
        if (end > fact) {
          const point = (points[batch.points[index]!] ??= this.#parts.points.findOrAdd(batch.texts[batch.points[index]!]!));
          // Happens in a replay: the point's share of this batch was folded before the tier ended.
          if (sequence <= point.foldedSequence) continue;
          this.#begin(point, batch.receivedAts[index]!, active);
          if (batch.instants[index]! < point.floorUs) counts.belowFloor += end - fact;
          else this.#mergeMeasurement({ batch, index, fact, end, point, active, frozen, isReplay, counts, wordOf });
        }
      } catch (error) {
        counts.failed.push({ index, error });
      } finally {
        fact = end;
      }
    }
    return counts;
  }

  /** The point's first fact begins its floor. */
  #begin(point: KnownPoint, receivedAtUs: number, active: PendingFacts): void {
    if (point.hasBegun) return;
    point.hasBegun = true;
    point.floorUs = Math.max(point.floorUs, receivedAtUs - this.#parts.retentionUs);
    active.touch(point);
  }

  #mergeMeasurement(measurement: MeasurementToMerge): void {
    const { batch, index, fact, end, point, isReplay, wordOf } = measurement;
    const instantUs = batch.instants[index]!;
    let isLate = false;
    for (let i = fact; i < end; i++) isLate ||= instantUs <= point.newest.lastInstantUs(wordOf(batch.variables[i]!));
    // A damaged block must fail the measurement before any of its facts is in; but one that was acknowledged must be kept whatever happened.
    const block = isLate ? this.#blockAt(point, instantUs, isReplay) : undefined;
    point.version += 1;
    const incoming = this.#incoming;
    incoming.instants[0] = instantUs;
    incoming.authorities[0] = batch.authorities[index]!;
    incoming.knownAts[0] = batch.knownAts[index]!;
    for (let i = fact; i < end; i++) {
      incoming.variables[0] = wordOf(batch.variables[i]!);
      incoming.values[0] = batch.values[i]!;
      incoming.flags[0] = batch.flags[i]!;
      incoming.reasons[0] = batch.reasons[i] === 0 ? 0 : wordOf(batch.reasons[i]!);
      this.#mergeFact(measurement, block);
    }
  }

  #mergeFact({ point, active, frozen, counts }: MeasurementToMerge, block: FactList | undefined): void {
    const { keepAll, words } = this.#parts;
    const incoming = this.#incoming;
    const variable = incoming.variables[0]!;
    const slot = active.find(point, incoming.instants[0]!, variable);
    let order = 1;
    if (slot >= 0) {
      order = compareRevisionsAt(incoming, 0, active.facts, slot);
      for (let older = active.olderThan(slot); order < 0 && older >= 0; older = active.olderThan(older)) {
        if (compareRevisionsAt(incoming, 0, active.facts, older) === 0) order = 0;
      }
    } else if (incoming.instants[0]! <= point.newest.lastInstantUs(variable)) {
      this.#findLower(point, frozen, block);
      if (this.#lower.length > 0) order = compareRevisionsAt(incoming, 0, this.#lower, 0);
      for (let i = 1; i < this.#lower.length && order < 0; i++) if (compareRevisionsAt(incoming, 0, this.#lower, i) === 0) order = 0;
    } else {
      this.#lower.length = 0;
    }
    if (order === 0) {
      counts.duplicate += 1;
      return;
    }
    if (order < 0) counts.superseded += 1;
    else counts.stored += 1;
    if (order < 0 && !keepAll) return;
    if (slot >= 0) {
      if (keepAll) active.addRevision(point, incoming, 0);
      else active.overwrite(slot, incoming, 0);
    } else if (!keepAll || this.#lower.length === 0) {
      active.add(point, incoming, 0);
    } else {
      // The pending facts must know every revision of a key that they know at all, else the next one would be judged against some of them.
      active.add(point, this.#lower, 0);
      for (let i = 1; i < this.#lower.length; i++) active.addRevision(point, this.#lower, i);
      active.addRevision(point, incoming, 0);
    }
    if (order > 0) point.newest.note(incoming, 0, words.isWithdrawn(incoming.reasons[0]!));
  }

  /** Fills #lower with the revisions of the incoming fact's key in the frozen facts and the block. */
  #findLower(point: KnownPoint, frozen: PendingFacts, block: FactList | undefined): void {
    const lower = this.#lower;
    const instantUs = this.#incoming.instants[0]!;
    const variable = this.#incoming.variables[0]!;
    lower.length = 0;
    for (let slot = frozen.find(point, instantUs, variable); slot >= 0; slot = frozen.olderThan(slot)) lower.add(frozen.facts, slot);
    if (block === undefined) return;
    const fromFrozen = lower.length;
    for (let i = firstAt(block, instantUs, 0, block.length); i < block.length && block.instants[i] === instantUs; i++) {
      // The frozen facts hold all revisions of a key where all are kept, and the greatest where only that is.
      if (fromFrozen === 0 && block.variables[i] === variable) lower.add(block, i);
    }
  }

  /** The block whose time the instant falls into; fails with "corrupt" unless that is to be passed over. */
  #blockAt(point: KnownPoint, instantUs: number, passDamaged: boolean): FactList | undefined {
    const place = this.#place;
    if (place === undefined || place.pointId !== point.id || instantUs < place.fromUs || instantUs >= place.toUs) this.#findPlace(point, instantUs);
    const block = this.#place?.block;
    if (block === undefined || (!block.stranded && instantUs > block.lastUs)) return undefined;
    try {
      return this.#parts.cache.facts(point, block);
    } catch (error) {
      if (passDamaged && hasCode(error, "corrupt")) return undefined;
      throw error;
    }
  }

  #findPlace(point: KnownPoint, instantUs: number): void {
    const block = this.#parts.file.blocksAt(point.id, instantUs)[0];
    const toUs = this.#parts.file.blockAfter(point.id, instantUs)?.firstUs ?? Infinity;
    this.#place = { pointId: point.id, fromUs: block?.firstUs ?? -Infinity, toUs, block };
  }
}

export interface BatchToMerge {
  /** Of the batch in the file; greater than any before. */
  readonly sequence: number;
  readonly batch: UnpackedBatch;
  readonly active: PendingFacts;
  readonly frozen: PendingFacts;
  /** The batch was acknowledged before the tier was opened. */
  readonly isReplay: boolean;
}

interface MeasurementToMerge extends Omit<BatchToMerge, "sequence"> {
  readonly index: number;
  /** First fact of the measurement in the batch. */
  readonly fact: number;
  readonly end: number;
  readonly point: KnownPoint;
  readonly counts: BatchCounts;
  readonly wordOf: (text: number) => number;
}
