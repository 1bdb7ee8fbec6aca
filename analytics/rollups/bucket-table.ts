import { zstdCompressSync, zstdDecompressSync } from "node:zlib";
import { CaudalError } from "@caudal/core";
import { emptyBucket, type Bucket } from "../buckets/bucket.ts";

/** The buckets of one period of a level, by variable and slot (the bucket's place in the period). */
export type BucketTable = Map<string, (Bucket | undefined)[]>;

/** Of tables without a revised bucket, so that whoever knows only these still reads most; and of those with one, which have three numbers more. */
const PLAIN = 1;
const REVISED = 2;
/** One number a bucket each, in this order; the slot goes first. */
const fields = ["count", "flagged", "min", "max", "integral", "seconds", "first", "last", "consumption"] as const satisfies readonly (keyof Bucket)[];
/** NaN in the first for a bucket that was never revised. */
const REVISED_FIELDS = 3;
const MAX_UNPACKED_BYTES = 32 * 1024 * 1024;

/** Number of buckets. */
export function sizeOf(table: BucketTable): number {
  let size = 0;
  for (const column of table.values()) for (const bucket of column) if (bucket !== undefined) size += 1;
  return size;
}

/**
 * Column by column in one compressed blob: format and length of the head (uint32 each), the head as JSON ([variable, buckets] pairs), padding to
 * eight bytes, then for each variable its slots and each field as float64 (and where any bucket was revised: when, by how many late facts and by how
 * many corrections), all little-endian.
 */
export function packTable(table: BucketTable): Uint8Array {
  const columns = [...table].map(([variable, buckets]) => ({ variable, slots: [...buckets.keys()].filter((slot) => buckets[slot] !== undefined), buckets }));
  const filled = columns.filter(({ slots }) => slots.length > 0);
  const head = Buffer.from(JSON.stringify(filled.map(({ variable, slots }) => [variable, slots.length])));
  const numbersAt = 8 + Math.ceil(head.length / 8) * 8;
  const total = filled.reduce((sum, { slots }) => sum + slots.length, 0);
  const isRevised = filled.some(({ slots, buckets }) => slots.some((slot) => buckets[slot]!.revised !== undefined));
  const bytes = Buffer.alloc(numbersAt + total * 8 * (fields.length + 1 + (isRevised ? REVISED_FIELDS : 0)));
  bytes.writeUInt32LE(isRevised ? REVISED : PLAIN, 0);
  bytes.writeUInt32LE(head.length, 4);
  head.copy(bytes, 8);
  let at = numbersAt;
  for (const { slots, buckets } of filled) {
    for (const slot of slots) at = bytes.writeDoubleLE(slot, at);
    for (const field of fields) for (const slot of slots) at = bytes.writeDoubleLE(buckets[slot]![field], at);
    if (!isRevised) continue;
    for (const part of ["atUs", "late", "corrected"] as const) for (const slot of slots) at = bytes.writeDoubleLE(buckets[slot]!.revised?.[part] ?? NaN, at);
  }
  return zstdCompressSync(bytes);
}

/** Throws CaudalError "corrupt" for what `packTable` did not write. */
export function unpackTable(blob: Uint8Array): BucketTable {
  try {
    return unpack(zstdDecompressSync(blob, { maxOutputLength: MAX_UNPACKED_BYTES }));
  } catch (cause) {
    throw new CaudalError("corrupt", "a rollup cannot be read", { cause });
  }
}

function unpack(bytes: Buffer): BucketTable {
  const format = bytes.readUInt32LE(0);
  if (format !== PLAIN && format !== REVISED) throw new RangeError("unknown format");
  const headBytes = bytes.readUInt32LE(4);
  const head = JSON.parse(bytes.toString("utf8", 8, 8 + headBytes)) as readonly (readonly [string, number])[];
  const table: BucketTable = new Map();
  let at = 8 + Math.ceil(headBytes / 8) * 8;
  for (const [variable, length] of head) {
    const buckets: (Bucket | undefined)[] = [];
    const slots = Array.from({ length }, (_, i) => bytes.readDoubleLE(at + i * 8));
    for (const slot of slots) buckets[slot] = emptyBucket();
    fields.forEach((field, f) => {
      for (let i = 0; i < length; i++) buckets[slots[i]!]![field] = bytes.readDoubleLE(at + ((f + 1) * length + i) * 8);
    });
    const number = (field: number, i: number): number => bytes.readDoubleLE(at + ((fields.length + 1 + field) * length + i) * 8);
    for (let i = 0; format === REVISED && i < length; i++) {
      const atUs = number(0, i);
      if (!Number.isNaN(atUs)) buckets[slots[i]!]!.revised = { atUs, late: number(1, i), corrected: number(2, i) };
    }
    table.set(variable, buckets);
    at += length * 8 * (fields.length + 1 + (format === REVISED ? REVISED_FIELDS : 0));
  }
  return table;
}
