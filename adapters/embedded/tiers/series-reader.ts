import { emptyRun, type FactRun, firstAt, mergeRuns } from "@caudal/core";
import type { BlockCache } from "./block-cache.ts";
import type { KnownPoint } from "./known-point.ts";
import type { PendingFacts } from "./pending-facts.ts";
import type { BlockMeta, TierFile } from "./tier-file.ts";

const REMEMBERED_POINTS = 4;

export interface SeriesSources {
  readonly file: TierFile;
  readonly cache: BlockCache;
  /** Newest first: a revision that stands in several is taken from the first. */
  readonly pending: () => readonly PendingFacts[];
  readonly keepAll: boolean;
}

/** Reads a point's facts from blocks and pending facts as if they were one ordered list. */
export class SeriesReader {
  readonly #sources: SeriesSources;
  /** Sorting a point's pending facts costs; a stream of blocks asks for them again and again. */
  readonly #sorted = new Map<KnownPoint, { readonly version: number; readonly run: FactRun }>();

  constructor(sources: SeriesSources) {
    this.#sources = sources;
  }

  /**
   * Runs of facts in order (each revision of a fact where all are kept) with floor and fromUs <= instant < toUs, whole microseconds.
   * No instant is split over two runs. Descending gives the latest run first; within a run the order stays.
   * Fails with "corrupt" at the block that is. To be used up at once, before the tier changes.
   */
  *runs(point: KnownPoint, fromUs: number, toUs: number, descending = false): Generator<FactRun> {
    const from = Math.max(fromUs, Math.ceil(point.floorUs));
    if (descending) yield* this.#downwards(point, from, toUs);
    else yield* this.#upwards(point, from, toUs);
  }

  *#upwards(point: KnownPoint, fromUs: number, toUs: number): Generator<FactRun> {
    let block = this.#sources.file.blocksAt(point.id, fromUs)[0];
    for (let from = fromUs; from < toUs;) {
      const after = this.#sources.file.blockAfter(point.id, from);
      const to = Math.min(toUs, after?.firstUs ?? Infinity);
      yield this.#segment(point, block, from, to);
      block = after;
      from = to;
    }
  }

  *#downwards(point: KnownPoint, fromUs: number, toUs: number): Generator<FactRun> {
    for (let to = toUs; to > fromUs;) {
      const block = this.#sources.file.blocksAt(point.id, to - 1)[0];
      const from = Math.max(fromUs, block?.firstUs ?? -Infinity);
      yield this.#segment(point, block, from, to);
      to = from;
    }
  }

  /** Facts of one block and the pending ones from it to where the next block begins. */
  #segment(point: KnownPoint, block: BlockMeta | undefined, fromUs: number, toUs: number): FactRun {
    const isNeeded = block !== undefined && (block.lastUs >= fromUs || block.stranded);
    const stored = isNeeded ? wholeRun(this.#sources.cache.facts(point, block)) : emptyRun;
    return mergeRuns(clip(this.#pending(point), fromUs, toUs), clip(stored, fromUs, toUs), this.#sources.keepAll);
  }

  #pending(point: KnownPoint): FactRun {
    const known = this.#sorted.get(point);
    if (known?.version === point.version) return known.run;
    const runs = this.#sources.pending().map((facts) => facts.collect(point, point.floorUs));
    const run = runs.reduce((merged, next) => mergeRuns(merged, next, this.#sources.keepAll), emptyRun);
    this.#sorted.delete(point);
    this.#sorted.set(point, { version: point.version, run });
    for (const oldest of this.#sorted.keys()) if (this.#sorted.size > REMEMBERED_POINTS) this.#sorted.delete(oldest);
    return run;
  }
}

function wholeRun(facts: { readonly length: number } & FactRun["facts"]): FactRun {
  return { facts, start: 0, end: facts.length };
}

function clip({ facts, start, end }: FactRun, fromUs: number, toUs: number): FactRun {
  return { facts, start: firstAt(facts, fromUs, start, end), end: firstAt(facts, toUs, start, end) };
}
