import { murmur2, type LogRecord, type StoredRecord } from "@caudal/core";
import { FRAME_HEAD_BYTES, partsOfFrame, writeFrameHead } from "./frame.ts";

/** Numbers a record has in a slab's index: where its frame starts, where it ends, and the partition's id. */
export const INDEX_STRIDE = 3;

/** Many records' frames in one piece of memory that moves between threads without a copy. */
export interface Slab {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** INDEX_STRIDE numbers a record. */
  readonly index: Uint32Array<ArrayBuffer>;
}

const NO_HEADERS: Readonly<Record<string, string>> = Object.freeze({});

/** Headers as JSON text; undefined when there are none. */
export function headersText(record: LogRecord): string | undefined {
  if (record.headers === undefined) return undefined;
  const text = JSON.stringify(record.headers);
  return text === "{}" ? undefined : text;
}

/** Most bytes that a text may need in UTF-8. */
export function mostBytes(text: string): number {
  return text.length * 3;
}

/** Packs records into memory of a size known to be enough. */
export class SlabPacker {
  #bytes: Buffer<ArrayBuffer>;
  #index: Uint32Array<ArrayBuffer>;
  #end = 0;
  #count = 0;

  constructor(mostRecords: number, bytes: number) {
    this.#bytes = Buffer.from(new ArrayBuffer(bytes));
    this.#index = new Uint32Array(mostRecords * INDEX_STRIDE);
  }

  /** Adds a record; `partitionOf` turns the murmur2 of its key into its partition's id. Returns that id. */
  add(record: LogRecord, headers: string | undefined, partitionOf: (keyHash: number) => number): number {
    const start = this.#end;
    const keyAt = start + FRAME_HEAD_BYTES;
    const headersAt = writeText(this.#bytes, keyAt, record.key);
    const partition = partitionOf(murmur2(this.#bytes, keyAt, headersAt));
    const valueAt = headers === undefined ? headersAt : writeText(this.#bytes, headersAt, headers);
    writeFrameHead(this.#bytes, start, headersAt - keyAt, valueAt - headersAt);
    this.#bytes.set(record.value, valueAt);
    this.#end = valueAt + record.value.length;
    const at = this.#count * INDEX_STRIDE;
    this.#index[at] = start;
    this.#index[at + 1] = this.#end;
    this.#index[at + 2] = partition;
    this.#count += 1;
    return partition;
  }

  /** The slab; the packer is used up. */
  finish(): Slab {
    return { bytes: new Uint8Array(this.#bytes.buffer.transferToFixedLength(this.#end)), index: this.#index };
  }
}

/** Reads a slab's records. Their values are views: they keep the slab's memory alive and are shared by all who read it. */
export class SlabReader {
  readonly #bytes: Buffer<ArrayBuffer>;
  readonly #index: Uint32Array;

  constructor({ bytes, index }: Slab) {
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#index = index;
  }

  get count(): number {
    return this.#index.length / INDEX_STRIDE;
  }

  /** Id of the partition of record number `at`. */
  partitionId(at: number): number {
    return this.#index[at * INDEX_STRIDE + 2] ?? 0;
  }

  /** Record number `at`; key and headers are read from the slab, unless who packed it has them at hand still. */
  record(at: number, offset: number, appendedAtUs: number, packed?: LogRecord): StoredRecord {
    const base = at * INDEX_STRIDE;
    const bytes = this.#bytes;
    const { keyAt, headersAt, valueAt } = partsOfFrame(bytes, this.#index[base] ?? 0);
    return {
      offset,
      appendedAtUs,
      // What no UTF-8 can say is read as it was written.
      key: packed?.key.isWellFormed() === true ? packed.key : bytes.toString("utf8", keyAt, headersAt),
      headers: valueAt === headersAt ? NO_HEADERS : (packed?.headers ?? (JSON.parse(bytes.toString("utf8", headersAt, valueAt)) as Record<string, string>)),
      value: new Uint8Array(bytes.buffer, bytes.byteOffset + valueAt, (this.#index[base + 1] ?? 0) - valueAt),
      // There from the beginning, so that setting it later gives the record no other shape.
      made: packed?.made,
    };
  }
}

/** Writes UTF-8 and returns where it ends. Short ASCII, nearly every key, is quicker by hand than a call into C++. */
function writeText(target: Buffer, at: number, text: string): number {
  for (let i = 0; i < text.length; i += 1) {
    const code = text.charCodeAt(i);
    if (code > 127) return at + target.write(text, at, "utf8");
    target[at + i] = code;
  }
  return at + text.length;
}
