import type { LogRecord } from "@caudal/core";
import type { Compression } from "../address/parse-url.ts";
import { pack } from "./codecs.ts";
import { crc32c } from "./crc32c.ts";
import { batchField as field, LENGTH_COUNTS_FROM, MAGIC } from "./record-batch.ts";

const FIRST_BYTES = 4096;
/** Numbers around a record's parts: its length, attributes, deltas, lengths of key, value and headers. */
const AROUND_RECORD = 32;
const AROUND_HEADER = 10;

/** Who writes a batch, and the batch's place in what it writes to the partition: how a broker knows a repeat. */
export interface Stamp {
  readonly producerId: bigint;
  readonly producerEpoch: number;
  readonly sequence: number;
}

/** Most bytes that the record takes, before compression. */
export function mostBytes({ key, value, headers }: LogRecord): number {
  let bytes = AROUND_RECORD + 3 * key.length + value.length;
  for (const name in headers) bytes += AROUND_HEADER + 3 * (name.length + (headers[name] as string).length);
  return bytes;
}

/** Packs records of one partition into a batch as Kafka stores it. Takes a copy of what it is given. */
export class BatchWriter {
  #buffer: Buffer;
  #at: number = field.records;
  #count = 0;

  constructor(bytes = FIRST_BYTES) {
    this.#buffer = Buffer.allocUnsafe(field.records + Math.max(FIRST_BYTES, bytes));
  }

  get count(): number {
    return this.#count;
  }

  /** Bytes of the records so far. */
  get bytes(): number {
    return this.#at - field.records;
  }

  add(record: LogRecord, most: number): void {
    this.#reserve(most);
    const { key, value, headers } = record;
    const keyBytes = Buffer.byteLength(key);
    const names = headers === undefined ? [] : Object.keys(headers);
    const body = 2 + sizeOf(this.#count) + sizeOf(keyBytes) + keyBytes + sizeOf(value.length) + value.length + headersSize(names, headers);
    this.#number(body);
    this.#buffer[this.#at++] = 0;
    this.#number(0);
    this.#number(this.#count);
    this.#text(key, keyBytes);
    this.#number(value.length);
    this.#buffer.set(value, this.#at);
    this.#at += value.length;
    this.#number(names.length);
    for (const name of names) {
      const text = headers?.[name] ?? "";
      this.#text(name, Buffer.byteLength(name));
      this.#text(text, Buffer.byteLength(text));
    }
    this.#count += 1;
  }

  /** The batch, compressed where that helps; to be stamped before it is sent. Nothing may be added after. */
  finish(compression: Compression, nowMs = Date.now()): Buffer {
    const plain = this.#buffer.subarray(field.records, this.#at);
    const { codec, bytes } = pack(plain, compression);
    const batch = codec === 0 ? this.#buffer.subarray(0, this.#at) : Buffer.allocUnsafe(field.records + bytes.length);
    if (codec !== 0) bytes.copy(batch, field.records);
    batch.fill(0, 0, field.records);
    batch.writeInt32BE(batch.length - LENGTH_COUNTS_FROM, field.length);
    batch.writeInt32BE(-1, field.leaderEpoch);
    batch[field.magic] = MAGIC;
    batch.writeInt16BE(codec, field.attributes);
    batch.writeInt32BE(this.#count - 1, field.lastOffsetDelta);
    batch.writeBigInt64BE(BigInt(nowMs), field.baseTimestamp);
    batch.writeBigInt64BE(BigInt(nowMs), field.maxTimestamp);
    batch.writeInt32BE(this.#count, field.count);
    return batch;
  }

  // Varint with zigzag; all numbers here are zero or more.
  #number(value: number): void {
    let rest = value * 2;
    while (rest > 127) {
      this.#buffer[this.#at++] = (rest & 127) | 128;
      rest >>>= 7;
    }
    this.#buffer[this.#at++] = rest;
  }

  #text(text: string, bytes: number): void {
    this.#number(bytes);
    this.#buffer.write(text, this.#at, bytes, "utf8");
    this.#at += bytes;
  }

  #reserve(bytes: number): void {
    if (this.#at + bytes <= this.#buffer.length) return;
    const larger = Buffer.allocUnsafe(Math.max(this.#at + bytes, 2 * this.#buffer.length));
    this.#buffer.copy(larger, 0, 0, this.#at);
    this.#buffer = larger;
  }
}

/** Writes who sends the batch into it, and its checksum. */
export function stampBatch(batch: Buffer, { producerId, producerEpoch, sequence }: Stamp): void {
  batch.writeBigInt64BE(producerId, field.producerId);
  batch.writeInt16BE(producerEpoch, field.producerEpoch);
  batch.writeInt32BE(sequence, field.baseSequence);
  batch.writeUInt32BE(crc32c(batch, field.attributes, batch.length), field.crc);
}

function headersSize(names: readonly string[], headers: LogRecord["headers"]): number {
  let bytes = sizeOf(names.length);
  for (const name of names) {
    const nameBytes = Buffer.byteLength(name);
    const textBytes = Buffer.byteLength(headers?.[name] ?? "");
    bytes += sizeOf(nameBytes) + nameBytes + sizeOf(textBytes) + textBytes;
  }
  return bytes;
}

function sizeOf(value: number): number {
  return value < 64 ? 1 : value < 8192 ? 2 : value < 1_048_576 ? 3 : value < 134_217_728 ? 4 : 5;
}
