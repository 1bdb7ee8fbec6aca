import { CaudalError, type StoredRecord } from "@caudal/core";
import { unpack } from "./codecs.ts";
import { crc32c } from "./crc32c.ts";
import { batchField as field, CODEC_MASK, CONTROL, LENGTH_COUNTS_FROM, LOG_APPEND_TIME, MAGIC } from "./record-batch.ts";

export interface TakeLimits {
  readonly maxRecords: number;
  /** Of keys and values; one record is handed out whatever its size. */
  readonly maxBytes: number;
}

const NO_HEADERS: Readonly<Record<string, string>> = Object.freeze({});

/**
 * What one fetch brought of a partition, unpacked a batch at a time as it is asked for: compressed batches may be small on the wire
 * and large in memory. Values are views of the fetched or unpacked bytes.
 */
export class FetchedRecords {
  readonly #bytes: Buffer;
  /** Start of the next batch. */
  #at = 0;
  readonly #end: number;
  /** First offset that is wanted next. */
  #nextOffset: number;
  /** Offset after the last whole batch. */
  readonly endOffset: number;
  #open: OpenBatch | undefined;

  constructor(bytes: Buffer, fromOffset: number) {
    this.#bytes = bytes;
    this.#nextOffset = fromOffset;
    let at = 0;
    let endOffset = fromOffset;
    // The last batch may be cut off.
    while (at + field.records <= bytes.length) {
      const next = at + LENGTH_COUNTS_FROM + bytes.readInt32BE(at + field.length);
      if (next > bytes.length || next <= at) break;
      endOffset = Math.max(endOffset, lastOffsetOf(bytes, at) + 1);
      at = next;
    }
    this.#end = at;
    this.endOffset = endOffset;
  }

  get nextOffset(): number {
    return this.#nextOffset;
  }

  get drained(): boolean {
    return this.#open === undefined && this.#at >= this.#end;
  }

  /** Bytes as fetched that are not handed out yet. */
  get bytesLeft(): number {
    return this.#end - this.#at;
  }

  /** The next records within the limits; none only when there are no more. Fails with "corrupt". */
  take({ maxRecords, maxBytes }: TakeLimits): StoredRecord[] {
    const records: StoredRecord[] = [];
    let bytes = 0;
    while (records.length < maxRecords && !this.drained) {
      this.#open ??= this.#nextBatch();
      const batch = this.#open;
      if (batch === undefined) continue;
      const size = batch.peek();
      if (size === undefined) {
        this.#open = undefined;
        this.#nextOffset = Math.max(this.#nextOffset, batch.endOffset);
        continue;
      }
      if (records.length > 0 && bytes + size > maxBytes) break;
      const record = batch.read();
      if (record.offset < this.#nextOffset) continue;
      bytes += record.key.length + record.value.length;
      records.push(record);
      this.#nextOffset = record.offset + 1;
    }
    // A position behind what was read, also when its last records are gone or were no records.
    if (this.drained) this.#nextOffset = Math.max(this.#nextOffset, this.endOffset);
    return records;
  }

  #nextBatch(): OpenBatch | undefined {
    const start = this.#at;
    this.#at = start + LENGTH_COUNTS_FROM + this.#bytes.readInt32BE(start + field.length);
    if (lastOffsetOf(this.#bytes, start) < this.#nextOffset) return undefined;
    return openBatch(this.#bytes.subarray(start, this.#at));
  }
}

function lastOffsetOf(bytes: Buffer, at: number): number {
  return Number(bytes.readBigInt64BE(at)) + bytes.readInt32BE(at + field.lastOffsetDelta);
}

function openBatch(bytes: Buffer): OpenBatch | undefined {
  const offset = Number(bytes.readBigInt64BE(field.baseOffset));
  if (bytes[field.magic] !== MAGIC) throw new CaudalError("corrupt", `the batch at offset ${offset} is of format ${bytes[field.magic]}, not ${MAGIC}`);
  if (crc32c(bytes, field.attributes, bytes.length) !== bytes.readUInt32BE(field.crc)) {
    throw new CaudalError("corrupt", `the batch at offset ${offset} does not have the bytes that were written`);
  }
  const attributes = bytes.readInt16BE(field.attributes);
  if ((attributes & CONTROL) !== 0) return undefined;
  return new OpenBatch(bytes, offset, attributes);
}

/** A batch being read, a record after the other. */
class OpenBatch {
  readonly endOffset: number;
  readonly #bytes: Buffer;
  readonly #baseOffset: number;
  readonly #baseTimestampMs: number;
  /** Time of all records; undefined when each has its own. */
  readonly #appendedAtMs: number | undefined;
  #left: number;
  #at = 0;
  #bodyAt = 0;
  #bodyBytes = 0;

  constructor(batch: Buffer, baseOffset: number, attributes: number) {
    this.#baseOffset = baseOffset;
    this.#baseTimestampMs = Number(batch.readBigInt64BE(field.baseTimestamp));
    this.#appendedAtMs = (attributes & LOG_APPEND_TIME) !== 0 ? Number(batch.readBigInt64BE(field.maxTimestamp)) : undefined;
    this.endOffset = baseOffset + batch.readInt32BE(field.lastOffsetDelta) + 1;
    this.#left = batch.readInt32BE(field.count);
    this.#bytes = unpack({ codec: attributes & CODEC_MASK, bytes: batch.subarray(field.records) });
  }

  /** About the bytes of the next record's key and value; undefined at the end. */
  peek(): number | undefined {
    if (this.#left === 0) return undefined;
    if (this.#bodyBytes === 0) {
      this.#bodyBytes = this.#number();
      this.#bodyAt = this.#at;
      if (this.#bodyBytes < 6 || this.#bodyAt + this.#bodyBytes > this.#bytes.length) throw new CaudalError("corrupt", `a record of the batch at offset ${this.#baseOffset} is cut off`);
    }
    // Attributes, deltas, two lengths, the number of headers.
    return this.#bodyBytes - 6;
  }

  read(): StoredRecord {
    this.#at = this.#bodyAt + 1;
    const timestampMs = this.#baseTimestampMs + this.#number();
    const offset = this.#baseOffset + this.#number();
    const key = this.#text();
    const valueBytes = Math.max(0, this.#number());
    const value = this.#view(valueBytes);
    const count = this.#number();
    const headers = count === 0 ? NO_HEADERS : this.#headers(count);
    this.#at = this.#bodyAt + this.#bodyBytes;
    this.#bodyBytes = 0;
    this.#left -= 1;
    return { key, value, headers, offset, appendedAtUs: (this.#appendedAtMs ?? timestampMs) * 1000 };
  }

  #headers(count: number): Record<string, string> {
    const headers: Record<string, string> = {};
    for (let left = count; left > 0; left -= 1) {
      const name = this.#text();
      headers[name] = this.#text();
    }
    return headers;
  }

  #text(): string {
    const bytes = Math.max(0, this.#number());
    const text = this.#bytes.toString("utf8", this.#at, this.#at + bytes);
    this.#at += bytes;
    return text;
  }

  #view(bytes: number): Uint8Array {
    const { buffer, byteOffset } = this.#bytes;
    const view = new Uint8Array(buffer, byteOffset + this.#at, bytes);
    this.#at += bytes;
    return view;
  }

  // Varint with zigzag, also longer than 32 bits: times differ by more.
  #number(): number {
    let value = 0;
    let factor = 1;
    for (;;) {
      const byte = this.#bytes[this.#at++];
      if (byte === undefined) throw new CaudalError("corrupt", `a record of the batch at offset ${this.#baseOffset} is cut off`);
      value += (byte & 127) * factor;
      if (byte < 128) break;
      factor *= 128;
    }
    return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
  }
}
