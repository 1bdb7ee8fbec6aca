import { decodeBucket, emptyRun, firstAt, mergeRuns, selectRows, type FactList, type FactRun, type RowQuery, type RowSelection, type Words } from "@caudal/core";
import { bucketId, bucketStartUs } from "./keys.ts";
import type { Segment } from "./kept-buckets.ts";
import type { BucketDocument, TierStore } from "./tier-store.ts";

/** Buckets that one query fetches, at first and at most: who wants one row must not wait for many, and no read holds more of them. */
const FIRST_PAGE = 8;
const LARGEST_PAGE = 16;

/** As many buckets are fetched from the end of a short time before its beginning is looked for. */
const FEW_BUCKETS = 8;

/** A point as it is to be read: what its lane knew when the read began. */
export interface SeriesSource {
  readonly id: Buffer;
  readonly floorUs: number;
  /** Facts that are not, or not yet known to be, in buckets. */
  readonly pending: FactRun;
  /** Start of its last bucket; undefined without any. */
  readonly lastStartUs: number | undefined;
  /** What earlier reads left in memory, as far as it still holds. */
  readonly kept: { find(fromUs: number, toUs: number): readonly Segment[] | undefined; keep(segments: readonly Segment[]): void };
}

interface Page {
  readonly segments: readonly Segment[];
  /** The time that the segments cover. */
  readonly fromUs: number;
  readonly toUs: number;
}

/**
 * Reads a point's facts from its buckets, a few a query, each with the pending facts of its time. Buckets are read after the log was: what is folded
 * meanwhile is then seen twice, which changes nothing, and never missed.
 */
export class SeriesReader {
  readonly #store: TierStore;
  readonly #words: Words;

  constructor(store: TierStore, words: Words) {
    this.#store = store;
    this.#words = words;
  }

  /** Rows that hold, block after block, at most `maxRows` in all. */
  async *rows(source: SeriesSource, query: RowQuery): AsyncGenerator<RowSelection> {
    let rowsLeft = query.maxRows;
    for await (const page of this.#pages(source, query)) {
      let rest: RowSelection["rest"] = page;
      while (rest.fromUs < rest.toUs && rowsLeft > 0) {
        const selection = selectRows(runsOf(page.segments, source.pending, rest), this.#words, { ...query, ...rest, maxRows: rowsLeft });
        rowsLeft -= selection.rows;
        rest = selection.rest;
        if (selection.rows > 0) yield selection;
      }
      if (rowsLeft <= 0) return;
    }
  }

  /** All facts of a time in order, each at its greatest revision, withdrawn ones included. */
  async *runs(source: SeriesSource, fromUs: number, toUs: number): AsyncGenerator<FactRun> {
    for await (const page of this.#pages(source, { fromUs, toUs, descending: false })) yield* runsOf(page.segments, source.pending, page);
  }

  #pages(source: SeriesSource, { fromUs, toUs, descending }: Pick<RowQuery, "fromUs" | "toUs" | "descending">): AsyncGenerator<Page> {
    const range = { fromUs: Math.max(fromUs, Math.ceil(source.floorUs)), toUs };
    if (!(range.fromUs < toUs)) return none();
    if (source.lastStartUs === undefined) return one({ segments: [{ ...range, bucket: undefined }], ...range });
    return descending ? this.#downwards(source.id, range) : this.#upwards(source, range);
  }

  async *#upwards(source: SeriesSource, { fromUs, toUs }: RowSelection["rest"]): AsyncGenerator<Page> {
    const { id } = source;
    const few = fromUs === -Infinity ? undefined : (source.kept.find(fromUs, toUs) ?? (await this.#fewSegments(source, fromUs, toUs)));
    if (few !== undefined) return yield { segments: few, fromUs, toUs };
    let start = fromUs === -Infinity ? bucketId(id, -Infinity) : await this.#idAtOrBefore(id, fromUs);
    let from = fromUs;
    for (let size = FIRST_PAGE; from < toUs; size = Math.min(size * 2, LARGEST_PAGE)) {
      const filter = { _id: { $gte: start, $lt: bucketId(id, toUs) } };
      const documents = await this.#store.connection.onceMore(() => this.#store.buckets.find(filter).sort({ _id: 1 }).limit(size).toArray());
      const isLast = documents.length < size;
      // Where a bucket ends is known by the next one: the last of a full page only says where the one before it ends.
      const used = isLast ? documents : documents.slice(0, -1);
      const end = isLast ? toUs : bucketStartUs(documents.at(-1)!._id);
      yield { segments: this.#segments(used, from, end), fromUs: from, toUs: end };
      from = end;
      if (!isLast) start = documents.at(-1)!._id;
    }
  }

  /** A short time, whose buckets are found in one query from its end; undefined when there are more. */
  async #fewSegments({ id, kept, lastStartUs = -Infinity }: SeriesSource, fromUs: number, toUs: number): Promise<readonly Segment[] | undefined> {
    // From the last bucket on, all that there is: then it is known to be the last, also for who reads a little further next time.
    const endUs = toUs > lastStartUs ? Infinity : toUs;
    const filter = { _id: { $gte: bucketId(id, -Infinity), $lt: bucketId(id, endUs) } };
    const documents = await this.#store.connection.onceMore(() => this.#store.buckets.find(filter).sort({ _id: -1 }).limit(FEW_BUCKETS).toArray());
    if (documents.length === FEW_BUCKETS && bucketStartUs(documents.at(-1)!._id) > fromUs) return undefined;
    const used = documents.filter((_, i) => i === 0 || bucketStartUs(documents[i - 1]!._id) > fromUs).toReversed();
    const starts = used.map(({ _id }) => bucketStartUs(_id));
    const segments = used.map(({ f }, i): Segment => ({ fromUs: starts[i]!, toUs: starts[i + 1] ?? endUs, bucket: decodeBucket(f, this.#words) }));
    kept.keep(segments);
    const firstUs = starts[0] ?? toUs;
    return firstUs > fromUs ? [{ fromUs, toUs: firstUs, bucket: undefined }, ...segments] : segments;
  }

  async *#downwards(id: Buffer, { fromUs, toUs }: RowSelection["rest"]): AsyncGenerator<Page> {
    for (let to = toUs, size = 1; fromUs < to; size = Math.min(size * 2, LARGEST_PAGE)) {
      const filter = { _id: { $gte: bucketId(id, -Infinity), $lt: bucketId(id, to) } };
      const documents = await this.#store.connection.onceMore(() => this.#store.buckets.find(filter).sort({ _id: -1 }).limit(size).toArray());
      const used = documents.toReversed();
      const from = documents.length < size ? fromUs : Math.max(fromUs, bucketStartUs(used[0]!._id));
      yield { segments: this.#segments(used, from, to).toReversed(), fromUs: from, toUs: to };
      to = from;
    }
  }

  /** Id of the bucket that the instant falls into; of the least possible one when there is none. */
  async #idAtOrBefore(id: Buffer, instantUs: number): Promise<BucketDocument["_id"]> {
    const least = bucketId(id, -Infinity);
    const filter = { _id: { $gte: least, $lte: bucketId(id, instantUs) } };
    const found = await this.#store.connection.onceMore(() => this.#store.buckets.find(filter, { projection: { _id: 1 } }).sort({ _id: -1 }).limit(1).next());
    return found?._id ?? least;
  }

  /** Time from `fromUs` to `toUs` cut by the buckets, which come in order; before the first of them there may be time without one. */
  #segments(buckets: readonly BucketDocument[], fromUs: number, toUs: number): Segment[] {
    const starts = buckets.map(({ _id }) => bucketStartUs(_id));
    const firstUs = starts[0] ?? toUs;
    const before: Segment[] = firstUs > fromUs ? [{ fromUs, toUs: Math.min(firstUs, toUs), bucket: undefined }] : [];
    const words = this.#words;
    const segments = buckets.map((document, i): Segment => {
      let unpacked: FactList | undefined;
      return {
        fromUs: Math.max(starts[i]!, fromUs), toUs: Math.min(starts[i + 1] ?? toUs, toUs),
        get bucket() {
          return (unpacked ??= decodeBucket(document.f, words));
        },
      };
    });
    return [...before, ...segments].filter((segment) => segment.fromUs < segment.toUs);
  }
}

async function* none(): AsyncGenerator<Page> {
  // A range without time has no page.
}

async function* one(page: Page): AsyncGenerator<Page> {
  yield page;
}

/** The segments' facts within the range, in the order of the segments. */
function* runsOf(segments: readonly Segment[], pending: FactRun, range: RowSelection["rest"]): Generator<FactRun> {
  for (const segment of segments) {
    const [fromUs, toUs] = [Math.max(segment.fromUs, range.fromUs), Math.min(segment.toUs, range.toUs)];
    if (fromUs >= toUs) continue;
    const stored = segment.bucket === undefined ? emptyRun : clip({ facts: segment.bucket, start: 0, end: segment.bucket.length }, fromUs, toUs);
    const run = mergeRuns(clip(pending, fromUs, toUs), stored, false);
    if (run.start < run.end) yield run;
  }
}

function clip({ facts, start, end }: FactRun, fromUs: number, toUs: number): FactRun {
  return { facts, start: firstAt(facts, fromUs, start, end), end: firstAt(facts, toUs, start, end) };
}
