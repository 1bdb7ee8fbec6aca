import { FactList, type FactRun, firstAt, hasCode, mergeRuns } from "@caudal/core";
import type { BlockCache } from "./block-cache.ts";
import type { KnownPoint } from "./known-point.ts";
import type { BlockMeta, TierFile } from "./tier-file.ts";

/** Facts of one block at most, unless one instant alone has more. */
export const MAX_BLOCK_FACTS = 16_384;
/** Neighbours of this many in a row are made one. */
const FAN_IN = 4;
const SMALLEST_TIER_FACTS = 64;
const WINDOW = 16;

/**
 * Folds a point's pending facts into its blocks. Blocks of a point do not overlap: facts within a block's time rewrite that block, all others
 * make new ones, and small neighbours of like size are merged, so that a fact is rewritten a few times in its life however slowly it came.
 */
export class Folder {
  readonly #file: TierFile;
  readonly #cache: BlockCache;
  readonly #keepAll: boolean;

  constructor(file: TierFile, cache: BlockCache, keepAll: boolean) {
    this.#file = file;
    this.#cache = cache;
    this.#keepAll = keepAll;
  }

  /** Belongs into a transaction; the facts are in order. */
  fold(point: KnownPoint, { facts, start, end }: FactRun): void {
    for (let at = start; at < end;) {
      const instantUs = facts.instants[at]!;
      const block = this.#file.blocksAt(point.id, instantUs)[0];
      if (block !== undefined && instantUs <= block.lastUs) {
        const to = firstAt(facts, block.lastUs + 1, at, end);
        this.#rewrite(point, block, { facts, start: at, end: to });
        at = to;
      } else {
        const to = firstAt(facts, this.#file.blockAfter(point.id, instantUs)?.firstUs ?? Infinity, at, end);
        this.#addBlocks(point, { facts, start: at, end: to });
        at = to;
      }
    }
    if (end > start) this.#mergeSmall(point, facts.instants[end - 1]!);
  }

  #rewrite(point: KnownPoint, block: BlockMeta, run: FactRun): void {
    let stored: FactList;
    try {
      stored = this.#cache.facts(point, block);
    } catch (error) {
      if (!hasCode(error, "corrupt")) throw error;
      // These facts are acknowledged: they wait beside the damaged block instead of being lost with it.
      this.#file.addBlock(point.id, run, true);
      return;
    }
    const merged = mergeRuns(run, { facts: stored, start: 0, end: stored.length }, this.#keepAll);
    const kept = firstAt(merged.facts, point.floorUs, merged.start, merged.end);
    this.#remove(block);
    this.#addBlocks(point, { ...merged, start: kept });
  }

  /** Writes the run as blocks of about equal size, never splitting an instant. */
  #addBlocks(point: KnownPoint, { facts, start, end }: FactRun): void {
    const pieces = Math.ceil((end - start) / MAX_BLOCK_FACTS);
    const size = Math.ceil((end - start) / pieces);
    for (let from = start; from < end;) {
      let to = Math.min(end, from + size);
      while (to < end && facts.instants[to] === facts.instants[to - 1]) to += 1;
      this.#file.addBlock(point.id, { facts, start: from, end: to });
      from = to;
    }
  }

  #mergeSmall(point: KnownPoint, instantUs: number): void {
    for (;;) {
      const window = this.#file.blocksAt(point.id, instantUs, WINDOW).toReversed();
      const group = smallNeighbours(window);
      if (group === undefined || !this.#mergeBlocks(point, group)) return;
    }
  }

  /** False when one of them cannot be read; they stay as they are. */
  #mergeBlocks(point: KnownPoint, blocks: readonly BlockMeta[]): boolean {
    const all = new FactList(blocks.reduce((sum, block) => sum + block.facts, 0));
    try {
      for (const block of blocks) {
        const facts = this.#cache.facts(point, block);
        all.addRun(facts, firstAt(facts, point.floorUs, 0, facts.length), facts.length);
      }
    } catch (error) {
      if (hasCode(error, "corrupt")) return false;
      throw error;
    }
    for (const block of blocks) this.#remove(block);
    this.#addBlocks(point, { facts: all, start: 0, end: all.length });
    return true;
  }

  #remove(block: BlockMeta): void {
    this.#file.removeBlock(block.id);
    this.#cache.forget(block.id);
  }
}

/** The first run of at least FAN_IN neighbours of the smallest size there is such a run of; what fits in one block. */
export function smallNeighbours(blocks: readonly BlockMeta[]): readonly BlockMeta[] | undefined {
  for (let limit = SMALLEST_TIER_FACTS * FAN_IN; limit <= MAX_BLOCK_FACTS; limit *= FAN_IN) {
    let run: BlockMeta[] = [];
    let facts = 0;
    for (const block of blocks) {
      if (block.stranded || block.facts >= limit || facts + block.facts > MAX_BLOCK_FACTS) {
        if (run.length >= FAN_IN) return run;
        run = [];
        facts = 0;
      }
      if (block.stranded || block.facts >= limit) continue;
      run.push(block);
      facts += block.facts;
    }
    if (run.length >= FAN_IN) return run;
  }
  return undefined;
}

