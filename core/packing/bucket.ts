import { constants, crc32, zstdCompressSync, zstdDecompressSync } from "node:zlib";
import { CaudalError } from "../errors.ts";
import { ByteReader } from "./byte-reader.ts";
import { ByteWriter } from "./byte-writer.ts";
import type { FactList } from "./fact-list.ts";
import type { FactRun } from "./fact-merge.ts";
import { readFacts, writeFacts } from "./packed-facts.ts";
import { isPackedFormat, PACKED_FORMAT } from "./packed-format.ts";
import type { Words } from "./words.ts";

const PLAIN = 0;
const ZSTD = 1;
const HEADER_BYTES = 6;
const MAX_PLAIN_BYTES = 256 * 1024 * 1024;

export interface BucketOptions {
  /** Bodies of this many bytes or more are compressed (zstd, level 1); 1024 when absent, Infinity never. */
  readonly compressFromBytes?: number;
}

/**
 * Facts of one point in order as bytes that stand alone: CRC-32 of all that follows (4 bytes, little-endian), format, compression, body. The body
 * holds the words that the facts use (how many, then length and UTF-8 each) and the facts. For stores that keep a value a (point, time span).
 */
export function encodeBucket(run: FactRun, words: Words, { compressFromBytes = 1024 }: BucketOptions = {}): Buffer {
  const body = bodyOf(run, words);
  const packed = body.length < compressFromBytes ? body : zstdCompressSync(body, { params: { [constants.ZSTD_c_compressionLevel]: 1 } });
  const isSmaller = packed.length < body.length;
  const bucket = Buffer.allocUnsafe(HEADER_BYTES + (isSmaller ? packed.length : body.length));
  bucket[4] = PACKED_FORMAT;
  bucket[5] = isSmaller ? ZSTD : PLAIN;
  (isSmaller ? packed : body).copy(bucket, HEADER_BYTES);
  bucket.writeUInt32LE(crc32(bucket.subarray(4)), 0);
  return bucket;
}

/** The facts in order, with the numbers that `words` has or takes for their words. Fails with "corrupt" on bytes that `encodeBucket` did not write. */
export function decodeBucket(bytes: Uint8Array, words: Words): FactList {
  const bucket = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bucket.length < HEADER_BYTES || bucket.readUInt32LE(0) !== crc32(bucket.subarray(4)) || !isPackedFormat(bucket[4])) {
    throw new CaudalError("corrupt", "a bucket of facts is damaged: its checksum does not fit");
  }
  const packed = bucket.subarray(HEADER_BYTES);
  const reader = new ByteReader(bucket[5] === ZSTD ? zstdDecompressSync(packed, { maxOutputLength: MAX_PLAIN_BYTES }) : packed);
  const ids = Array.from({ length: reader.unsigned() }, () => words.idOf(Buffer.from(reader.raw(reader.unsigned())).toString()));
  return readFacts(reader, (local) => ids[local]!);
}

function bodyOf({ facts, start, end }: FactRun, words: Words): Buffer {
  const local = new Map<number, number>();
  for (let i = start; i < end; i++) {
    for (const id of [facts.variables[i]!, facts.reasons[i]!]) if (!local.has(id)) local.set(id, local.size);
  }
  const writer = new ByteWriter();
  writer.unsigned(local.size);
  for (const id of local.keys()) {
    const text = Buffer.from(words.textOf(id));
    writer.unsigned(text.length);
    writer.raw(text);
  }
  writeFacts(writer, { facts, start, end }, (id) => local.get(id)!);
  return writer.finish();
}
