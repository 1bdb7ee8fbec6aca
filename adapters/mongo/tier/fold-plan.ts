import { encodeBucket, firstAt, mergeRuns, type FactRun, type Words } from "@caudal/core";
import type { BucketPlace, BucketPlaces } from "./bucket-places.ts";
import type { KnownPoint } from "./known-point.ts";

/** A bucket is read and written as a whole: larger ones are packed a little better, smaller ones are sooner written anew. */
const BUCKET_FACTS = 1024;
/** A document may have 16 MB. */
const BUCKET_BYTES = 8 * 1024 * 1024;

/** The server compresses what it writes to disk, several buckets at once. */
const uncompressed = { compressFromBytes: Infinity };

/** What is to become of a point's buckets. */
export interface FoldPlan {
  readonly point: KnownPoint;
  readonly replace: readonly { readonly startUs: number; readonly bytes: Buffer }[];
  readonly remove: readonly number[];
  /** Buckets that begin before this one lie under the floor. */
  readonly removeBeforeUs: number | undefined;
  /** Start of the point's last bucket afterwards. */
  readonly lastStartUs: number | undefined;
}

/** Merges a point's pending facts into the buckets that they fall into; one that grows too large is cut, each piece a bucket. */
export async function planFold(point: KnownPoint, places: BucketPlaces, words: Words): Promise<FoldPlan> {
  const { facts, end } = point.pending;
  const replace: { startUs: number; bytes: Buffer }[] = [];
  const remove: number[] = [];
  let lastStartUs = point.lastStartUs;
  for (let at = 0; at < end;) {
    const place = await places.find(point, facts.instants[at]!);
    const to = firstAt(facts, place.nextUs, at, end);
    const pieces = piecesOf(mergedFrom(place, { facts, start: at, end: to }, point.floorUs), place.startUs, words);
    replace.push(...pieces);
    if (place.nextUs === Infinity) lastStartUs = pieces.at(-1)?.startUs;
    at = to;
  }
  const floor = await planFloor(point, places);
  if (floor.isLastEmpty && end === 0) {
    remove.push(lastStartUs!);
    lastStartUs = undefined;
  }
  return { point, replace, remove, removeBeforeUs: floor.removeBeforeUs, lastStartUs };
}

function mergedFrom({ facts }: BucketPlace, pending: FactRun, floorUs: number): FactRun {
  const merged = mergeRuns(pending, { facts, start: 0, end: facts.length }, false);
  return { ...merged, start: firstAt(merged.facts, floorUs, merged.start, merged.end) };
}

/** The bucket with the floor in it stays until all of it lies under the floor; those before it can go. */
async function planFloor(point: KnownPoint, places: BucketPlaces): Promise<{ readonly removeBeforeUs: number | undefined; readonly isLastEmpty: boolean }> {
  if (point.floorUs === -Infinity || point.lastStartUs === undefined) return { removeBeforeUs: undefined, isLastEmpty: false };
  const { startUs, nextUs, facts, isStored } = await places.find(point, Math.ceil(point.floorUs));
  const isEmpty = isStored && nextUs === Infinity && firstAt(facts, point.floorUs, 0, facts.length) === facts.length;
  return { removeBeforeUs: isStored ? startUs : undefined, isLastEmpty: isEmpty };
}

/** The facts in buckets of a bounded size; no instant is split over two. The first begins where the bucket did, so that no time is without one. */
function piecesOf(run: FactRun, startUs: number, words: Words): { startUs: number; bytes: Buffer }[] {
  const pieces: { startUs: number; bytes: Buffer }[] = [];
  for (let at = run.start; at < run.end;) {
    const piece = { ...run, start: at, end: cutAfter(run, at, at + BUCKET_FACTS) };
    const bounded = encodeBounded(piece, words);
    pieces.push({ startUs: at === run.start ? startUs : run.facts.instants[at]!, bytes: bounded.bytes });
    at = bounded.end;
  }
  return pieces;
}

/** As much of the piece as a document can take, at least one instant. */
function encodeBounded(piece: FactRun, words: Words): { readonly bytes: Buffer; readonly end: number } {
  const bytes = encodeBucket(piece, words, uncompressed);
  if (bytes.length <= BUCKET_BYTES) return { bytes, end: piece.end };
  const half = cutAfter(piece, piece.start, piece.start + ((piece.end - piece.start) >>> 1));
  return half === piece.end ? { bytes, end: piece.end } : encodeBounded({ ...piece, end: half }, words);
}

/** The last place up to `most` where an instant ends; that of the first instant's end when it is longer. */
function cutAfter({ facts, end }: FactRun, start: number, most: number): number {
  if (most >= end) return end;
  const cut = firstAt(facts, facts.instants[most]!, start, end);
  return cut > start ? cut : firstAt(facts, facts.instants[start]! + 1, start, end);
}
