import type { FactRun } from "@caudal/core";
import type { BlockCache } from "./block-cache.ts";
import { Folder } from "./folder.ts";
import type { KnownPoint } from "./known-point.ts";
import { PendingFacts } from "./pending-facts.ts";
import type { TierFile } from "./tier-file.ts";
import type { StoredWords } from "./stored-words.ts";

export interface StageParts {
  readonly file: TierFile;
  readonly cache: BlockCache;
  readonly words: StoredWords;
  readonly keepAll: boolean;
  /** Pending facts, or points with any, after which they are folded. */
  readonly maxPendingFacts: number;
  /** Told after each slice, when blocks may have changed. */
  onFolded(): void;
}

/** A call waits for one slice at most: a few milliseconds. */
const SLICE_FACTS = 4096;
const SLICE_POINTS = 64;

/**
 * Pending facts in two stages: `active` takes what is written; when it has enough it becomes `frozen` and is folded into blocks, a slice and a
 * transaction at a time. With the last slice go the incoming batches that the frozen facts came from; until then each point remembers up to
 * which batch it is folded, so that opening after a crash passes over what is in blocks.
 */
export class PendingStages {
  active = new PendingFacts();
  frozen = new PendingFacts();
  readonly #parts: StageParts;
  readonly #folder: Folder;
  /** Points of `frozen` that are not folded yet; undefined when there is nothing to fold. */
  #rest: Iterator<KnownPoint> | undefined;
  #foldedPoints = 0;
  /** A fold that failed is not tried again by itself. */
  #isStalled = false;

  constructor(parts: StageParts) {
    this.#parts = parts;
    this.#folder = new Folder(parts.file, parts.cache, parts.keepAll);
  }

  /** Newest first. */
  readonly both = (): readonly PendingFacts[] => [this.active, this.frozen];

  /**
   * Freezes the active facts when they are many. A fold under way is brought as far as the active facts are full, so that a flood of
   * writes is slowed evenly and never waits for a whole fold. Fails like a write ("storage-full").
   */
  makeRoom(): void {
    const { length, pointCount } = this.active;
    const fullness = Math.max(length, pointCount) / this.#parts.maxPendingFacts;
    while (this.#rest !== undefined && this.#foldedPoints < fullness * this.frozen.pointCount) this.#foldSlice();
    if (fullness < 1) return;
    this.#finishFold();
    this.#freeze();
  }

  /** Folds everything. */
  foldAll(): void {
    this.#finishFold();
    this.#freeze();
    this.#finishFold();
  }

  /** Folds a slice when there is one to fold; true while there is more. A failure waits for the next write that needs room. */
  idle(): boolean {
    if (this.#rest === undefined || this.#isStalled) return false;
    try {
      this.#foldSlice();
    } catch {
      this.#isStalled = true;
    }
    return this.#rest !== undefined && !this.#isStalled;
  }

  #finishFold(): void {
    while (this.#rest !== undefined) this.#foldSlice();
  }

  #freeze(): void {
    [this.active, this.frozen] = [this.frozen, this.active];
    this.#startFold();
  }

  #startFold(): void {
    this.#rest = this.frozen.points[Symbol.iterator]();
    this.#foldedPoints = 0;
  }

  #foldSlice(): void {
    const { file, cache, words } = this.#parts;
    const { isLast, points } = this.#nextSlice();
    try {
      file.transaction(() => {
        file.saveWords(words);
        for (const { point, run } of points) {
          this.#folder.fold(point, run);
          file.savePoint({ ...point, foldedSequence: this.frozen.lastSequence });
        }
        if (isLast) file.trimIncoming(this.frozen.lastSequence);
      });
    } catch (error) {
      // Nothing of the slice is in the file, though the cache may think so. The next try begins with the first point again.
      this.#startFold();
      cache.clear();
      throw error;
    }
    words.markStored();
    for (const { point } of points) point.foldedSequence = this.frozen.lastSequence;
    this.#foldedPoints += points.length;
    this.#isStalled = false;
    if (isLast) {
      this.#rest = undefined;
      this.frozen.clear();
    }
    this.#parts.onFolded();
  }

  #nextSlice(): { readonly isLast: boolean; readonly points: readonly { readonly point: KnownPoint; readonly run: FactRun }[] } {
    const points: { readonly point: KnownPoint; readonly run: FactRun }[] = [];
    for (let facts = 0; facts < SLICE_FACTS && points.length < SLICE_POINTS;) {
      const next = this.#rest?.next();
      if (next === undefined || next.done === true) return { isLast: true, points };
      const run = this.frozen.collect(next.value, next.value.floorUs);
      points.push({ point: next.value, run });
      facts += run.end;
    }
    return { isLast: false, points };
  }
}
