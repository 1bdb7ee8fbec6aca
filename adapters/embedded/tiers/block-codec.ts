import { constants, crc32, zstdCompressSync, zstdDecompressSync } from "node:zlib";
import { ByteReader } from "./byte-reader.ts";
import { ByteWriter } from "./byte-writer.ts";
import { readColumn, writeColumn, type ColumnContext } from "./block-column.ts";
import { FactList } from "./fact-list.ts";
import type { FactRun } from "./fact-merge.ts";
import { readNumbers, writeNumbers } from "./number-column.ts";

const FORMAT = 1;
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
  const body = encodeBody(run);
  const packed = body.length < COMPRESS_FROM_BYTES ? body : zstdCompressSync(body, { params: { [constants.ZSTD_c_compressionLevel]: 1 } });
  const isSmaller = packed.length < body.length;
  const block = Buffer.allocUnsafe(HEADER_BYTES + (isSmaller ? packed.length : body.length));
  block[4] = FORMAT;
  block[5] = isSmaller ? ZSTD : PLAIN;
  (isSmaller ? packed : body).copy(block, HEADER_BYTES);
  block.writeUInt32LE(checksum(key, block), 0);
  return block;
}

/** The facts in order; undefined when the bytes are not what was written. */
export function decodeBlock(key: BlockKey, bytes: Uint8Array): FactList | undefined {
  const block = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (block.length < HEADER_BYTES || block.readUInt32LE(0) !== checksum(key, block) || block[4] !== FORMAT) return undefined;
  const packed = block.subarray(HEADER_BYTES);
  return decodeBody(block[5] === ZSTD ? zstdDecompressSync(packed, { maxOutputLength: MAX_PLAIN_BYTES }) : packed);
}

function checksum(key: BlockKey, block: Buffer): number {
  const head = new Uint8Array(new Float64Array([key.pointId, key.firstUs, key.lastUs]).buffer);
  return crc32(block.subarray(4), crc32(head));
}

function encodeBody(run: FactRun): Buffer {
  const { facts, start, end } = run;
  const writer = new ByteWriter();
  const rows = new Uint32Array(end - start);
  const instants: number[] = [];
  const columns = new Map<number, number[]>();
  for (let i = start; i < end; i++) {
    const instant = facts.instants[i]!;
    if (instants.length === 0 || instants.at(-1) !== instant) instants.push(instant);
    rows[i - start] = instants.length - 1;
    const column = columns.get(facts.variables[i]!);
    if (column === undefined) columns.set(facts.variables[i]!, [i]);
    else column.push(i);
  }
  writer.unsigned(end - start);
  writer.unsigned(instants.length);
  writeNumbers(writer, Float64Array.from(instants), 2);
  writer.unsigned(columns.size);
  let before: readonly number[] | undefined;
  for (const [variable, indexes] of columns) {
    writer.unsigned(variable);
    const context: ColumnContext = { facts, indexes, before, rows: instants.length, rowOf: (index) => rows[index - start]! };
    writeColumn(writer, context);
    before = indexes;
  }
  return writer.finish();
}

function decodeBody(body: Uint8Array): FactList {
  const reader = new ByteReader(body);
  const count = reader.unsigned();
  const instants = readNumbers(reader, reader.unsigned(), 2);
  const columns = [];
  let knownAts: Float64Array | undefined;
  for (let left = reader.unsigned(); left > 0; left--) {
    const column = readColumn(reader, reader.unsigned(), instants.length, knownAts);
    knownAts = column.knownAts;
    columns.push(column);
  }
  columns.sort((a, b) => a.variable - b.variable);
  // Facts go where they belong by counting: first how many each row has, then each column's in turn.
  const next = new Uint32Array(instants.length + 1);
  for (const column of columns) for (const row of column.rows) next[row + 1]! += 1;
  for (let row = 0; row < instants.length; row++) next[row + 1]! += next[row]!;
  const facts = new FactList(count);
  facts.length = count;
  for (const column of columns) {
    for (let i = 0; i < column.rows.length; i++) {
      const row = column.rows[i]!;
      const at = next[row]!++;
      facts.instants[at] = instants[row]!;
      facts.variables[at] = column.variable;
      facts.values[at] = column.values[i]!;
      facts.flags[at] = column.flags[i]!;
      facts.authorities[at] = column.authorities[i]!;
      facts.knownAts[at] = column.knownAts[i]!;
      facts.reasons[at] = column.reasons[i]!;
    }
  }
  return facts;
}
