import { CaudalError, decodeBucket, emptyRun, encodeBucket, mergeRuns, type FactArrays, type FactRun, type Words } from "@caudal/core";
import { decodePlain, encodePlain, MOST_PLAIN } from "./plain-facts.ts";
import type { Scratch } from "./scratch.ts";

/** A chunk: its length without this header (uint32, little-endian), how its facts are written, and they. */
const HEADER_BYTES = 5;
const BUCKET = 0;
const PLAIN = 1;

/**
 * A stored hour is chunks one after the other; a fact's greatest revision holds, in whatever chunk it is. This is one chunk of facts in order after
 * the byte that says what to do with it; few facts are written plainly.
 */
export function encodeChunk(step: number, facts: FactArrays, indexes: readonly number[], { words, scratch }: { readonly words: Words; readonly scratch: Scratch }): Buffer {
  if (indexes.length <= MOST_PLAIN) return chunkOf(step, PLAIN, encodePlain(facts, indexes, words, scratch));
  const run = scratch.facts;
  run.length = 0;
  for (const index of indexes) run.add(facts, index);
  return encodeWhole(step, { facts: run, start: 0, end: run.length }, words, false);
}

/** The one chunk of an hour that is written whole. An hour that is past is compressed: it is hardly written again. */
export function encodeWhole(step: number, run: FactRun, words: Words, isPast: boolean): Buffer {
  return chunkOf(step, BUCKET, encodeBucket(run, words, isPast ? {} : { compressFromBytes: Infinity }));
}

export interface StoredHour {
  /** In order, each fact at its greatest revision. */
  readonly run: FactRun;
  /** Bytes of its first chunk. */
  readonly firstBytes: number;
}

/** Fails with "corrupt" on bytes that are no chunks. */
export function decodeHour(bytes: Buffer, words: Words): StoredHour {
  const runs: FactRun[] = [];
  let firstBytes = 0;
  for (let at = 0; at < bytes.length;) {
    const end = at + HEADER_BYTES <= bytes.length ? at + HEADER_BYTES + bytes.readUInt32LE(at) : Infinity;
    if (end > bytes.length) throw new CaudalError("corrupt", "an hour of facts in the hot tier is cut off");
    const body = bytes.subarray(at + HEADER_BYTES, end);
    const facts = bytes[at + 4] === PLAIN ? decodePlain(body, words) : decodeBucket(body, words);
    runs.push({ facts, start: 0, end: facts.length });
    if (at === 0) firstBytes = end;
    at = end;
  }
  return { run: merged(runs), firstBytes };
}

/** Pairs first, so that many small chunks are not copied again for each of them. */
function merged(runs: readonly FactRun[]): FactRun {
  let left = runs;
  while (left.length > 1) {
    const next: FactRun[] = [];
    for (let i = 0; i < left.length; i += 2) next.push(mergeRuns(left[i]!, left[i + 1] ?? emptyRun, false));
    left = next;
  }
  return left[0] ?? emptyRun;
}

function chunkOf(step: number, kind: number, body: Uint8Array): Buffer {
  const chunk = Buffer.allocUnsafe(1 + HEADER_BYTES + body.length);
  chunk[0] = step;
  chunk.writeUInt32LE(body.length, 1);
  chunk[5] = kind;
  chunk.set(body, 1 + HEADER_BYTES);
  return chunk;
}
