import { constants, crc32, zstdCompressSync, zstdDecompressSync } from "node:zlib";
import { ByteReader, ByteWriter, isPackedFormat, PACKED_FORMAT, readFacts, writeFacts, type FactList, type FactRun } from "@caudal/core";

const PLAIN = 0;
const ZSTD = 1;
const HEADER_BYTES = 6;
/** Below this a compressed block is hardly smaller and costs more to read. */
const COMPRESS_FROM_BYTES = 1024;
const MAX_PLAIN_BYTES = 256 * 1024 * 1024;

/** What a block's row says of it; part of its checksum, so that a block under another row is found out too. */
export interface BlockKey {
  readonly pointId: number;
  readonly firstUs: number;
  readonly lastUs: number;
}

/**
 * A block's bytes: CRC-32 of all that follows and of its key (4 bytes, little-endian), format, compression, body. The body holds the number of
 * facts, the instants, then one column a variable.
 */
export function encodeBlock(key: BlockKey, run: FactRun): Buffer {
  const writer = new ByteWriter();
  writeFacts(writer, run);
  const body = writer.finish();
  const packed = body.length < COMPRESS_FROM_BYTES ? body : zstdCompressSync(body, { params: { [constants.ZSTD_c_compressionLevel]: 1 } });
  const isSmaller = packed.length < body.length;
  const block = Buffer.allocUnsafe(HEADER_BYTES + (isSmaller ? packed.length : body.length));
  block[4] = PACKED_FORMAT;
  block[5] = isSmaller ? ZSTD : PLAIN;
  (isSmaller ? packed : body).copy(block, HEADER_BYTES);
  block.writeUInt32LE(checksum(key, block), 0);
  return block;
}

/** The facts in order; undefined when the bytes are not what was written. */
export function decodeBlock(key: BlockKey, bytes: Uint8Array): FactList | undefined {
  const block = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (block.length < HEADER_BYTES || block.readUInt32LE(0) !== checksum(key, block) || !isPackedFormat(block[4])) return undefined;
  const packed = block.subarray(HEADER_BYTES);
  return readFacts(new ByteReader(block[5] === ZSTD ? zstdDecompressSync(packed, { maxOutputLength: MAX_PLAIN_BYTES }) : packed));
}

function checksum(key: BlockKey, block: Buffer): number {
  const head = new Uint8Array(new Float64Array([key.pointId, key.firstUs, key.lastUs]).buffer);
  return crc32(block.subarray(4), crc32(head));
}
