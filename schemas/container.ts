import { readFileSync } from "node:fs";
import { zstdCompress, zstdDecompress } from "node:zlib";
import { createHash } from "node:crypto";
import avro from "avsc";
import { asBuffer } from "./as-buffer.ts";

/** A record of the log as a segment of the archive keeps it. */
export interface ArchivedRecord {
  readonly offset: number;
  readonly appendedAtUs: number;
  readonly key: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly value: Uint8Array;
}

const BLOCK_BYTES = 256 * 1024;
const CODEC = "zstandard";

function archivedType(): avro.Type {
  return avro.Type.forSchema(JSON.parse(readFileSync(new URL("archive/v1.avsc", import.meta.url), "utf8")) as avro.Schema, { registry: {} });
}

/**
 * An Avro object container file with the zstandard codec. The same records and metadata give the same bytes, so that writing a segment again is
 * no new segment. Rejects when a record does not fit: a bug.
 */
export async function encodeContainer(records: readonly ArchivedRecord[], metadata: Readonly<Record<string, string>>): Promise<Uint8Array> {
  const marker = createHash("sha256").update(JSON.stringify([metadata, records.length])).digest().subarray(0, 16);
  const encoder = new avro.streams.BlockEncoder(archivedType(), {
    codec: CODEC,
    codecs: { [CODEC]: zstdCompress },
    blockSize: BLOCK_BYTES,
    writeHeader: "always",
    syncMarker: marker,
    metadata: Object.fromEntries(Object.entries(metadata).map(([name, value]) => [name, Buffer.from(value)])),
  } as ConstructorParameters<typeof avro.streams.BlockEncoder>[1]);
  const chunks: Buffer[] = [];
  encoder.on("data", (chunk: Buffer) => chunks.push(chunk));
  const ended = new Promise<void>((resolve, reject) => encoder.once("end", resolve).once("error", reject));
  for (const record of records) {
    if (!encoder.write({ ...record, value: asBuffer(record.value) })) await new Promise<void>((resolve) => encoder.once("drain", resolve));
  }
  encoder.end();
  await ended;
  return Buffer.concat(chunks);
}

/** The records of a container, in order. Rejects when the bytes are no whole container of this type. */
export async function decodeContainer(bytes: Uint8Array): Promise<readonly ArchivedRecord[]> {
  const decoder = new avro.streams.BlockDecoder({
    codecs: { [CODEC]: zstdDecompress as (data: Buffer, callback: (error: Error | null, data: Buffer) => void) => void },
    readerSchema: archivedType(),
  } as ConstructorParameters<typeof avro.streams.BlockDecoder>[0]);
  const records: ArchivedRecord[] = [];
  const ended = new Promise<void>((resolve, reject) => decoder.once("end", resolve).once("error", reject));
  decoder.on("data", (record: ArchivedRecord) => records.push(record));
  let sync: Buffer = Buffer.alloc(0);
  decoder.on("metadata", (_type: avro.Type, _codec: string, header: { sync: Buffer }) => (sync = header.sync));
  const whole = asBuffer(bytes);
  decoder.end(whole);
  await ended;
  // The decoder ends in silence on a file that was cut inside a block.
  if (sync.length === 0 || !whole.subarray(-sync.length).equals(sync)) throw new Error("the container ends in the middle of a block");
  return records;
}
