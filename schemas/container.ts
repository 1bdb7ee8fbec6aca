import { readFileSync } from "node:fs";
import { promisify } from "node:util";
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
const FIRST_SLAB_BYTES = 16 * 1024;
const CODEC = "zstandard";

/** What a block mostly comes to, so that its compression comes back once and not every 16 KiB; the piece is kept whole, so it is no larger than that. */
const COMPRESSION = { chunkSize: BLOCK_BYTES / 4 };
const compressed = promisify(zstdCompress) as (bytes: Uint8Array, options: typeof COMPRESSION) => Promise<Buffer>;
const long = avro.Type.forSchema("long");
const archivedType = avro.Type.forSchema(JSON.parse(readFileSync(new URL("archive/v1.avsc", import.meta.url), "utf8")) as avro.Schema, { registry: {} });

/**
 * An Avro object container file with the zstandard codec in the making. A record is encoded as it comes and then let go of, and a block is
 * compressed as it fills: what waits for a file holds its compressed bytes and no objects. The same records and metadata give the same bytes,
 * so that writing a segment again is no new segment.
 */
export class ContainerWriter {
  readonly #blocks: { readonly records: number; readonly bytes: Promise<Buffer> }[] = [];
  #slab: Buffer = Buffer.allocUnsafe(FIRST_SLAB_BYTES);
  #end = 0;
  #inBlock = 0;
  #records = 0;

  /** Records that were added. */
  get records(): number {
    return this.#records;
  }

  /** Throws when the record does not fit the schema: a bug. */
  add({ offset, appendedAtUs, key, headers, value }: ArchivedRecord): void {
    const record = { offset, appendedAtUs, key, headers, value: asBuffer(value) };
    let end = archivedType.encode(record, this.#slab, this.#end);
    if (end < 0) {
      // What is missing is told as a negative number.
      const wider = Buffer.allocUnsafe(2 * (this.#slab.length - end));
      this.#slab.copy(wider, 0, 0, this.#end);
      this.#slab = wider;
      end = archivedType.encode(record, wider, this.#end);
    }
    this.#end = end;
    this.#inBlock += 1;
    this.#records += 1;
    if (end >= BLOCK_BYTES) this.#endBlock();
  }

  /** The file. May be asked for again, and after more records were added. */
  async finish(metadata: Readonly<Record<string, string>>): Promise<Uint8Array> {
    this.#endBlock();
    const marker = createHash("sha256").update(JSON.stringify([metadata, this.#records])).digest().subarray(0, 16);
    const parts = [await headerOf(metadata, marker)];
    for (const { records, bytes } of [...this.#blocks]) {
      const data = await bytes;
      parts.push(long.toBuffer(records), long.toBuffer(data.length), data, marker);
    }
    return Buffer.concat(parts);
  }

  #endBlock(): void {
    if (this.#inBlock === 0) return;
    const bytes = compressed(Buffer.from(this.#slab.subarray(0, this.#end)), COMPRESSION);
    // Its failure is met by whoever asks for the file.
    bytes.catch(() => undefined);
    this.#blocks.push({ records: this.#inBlock, bytes });
    this.#end = 0;
    this.#inBlock = 0;
  }
}

/** A container of these records; see ContainerWriter. */
export async function encodeContainer(records: Iterable<ArchivedRecord>, metadata: Readonly<Record<string, string>>): Promise<Uint8Array> {
  const container = new ContainerWriter();
  for (const record of records) container.add(record);
  return container.finish(metadata);
}

/** What stands before the first block: schema, codec, metadata and the marker that ends each block. */
async function headerOf(metadata: Readonly<Record<string, string>>, marker: Buffer): Promise<Buffer> {
  const encoder = new avro.streams.BlockEncoder(archivedType, {
    codec: CODEC,
    codecs: { [CODEC]: zstdCompress },
    writeHeader: "always",
    syncMarker: marker,
    metadata: Object.fromEntries(Object.entries(metadata).map(([name, value]) => [name, Buffer.from(value)])),
  } as ConstructorParameters<typeof avro.streams.BlockEncoder>[1]);
  encoder.end();
  return Buffer.concat(await encoder.toArray() as Buffer[]);
}

/** The records of a container, in order. Rejects when the bytes are no whole container of this type. */
export async function decodeContainer(bytes: Uint8Array): Promise<readonly ArchivedRecord[]> {
  const decoder = new avro.streams.BlockDecoder({
    codecs: { [CODEC]: zstdDecompress as (data: Buffer, callback: (error: Error | null, data: Buffer) => void) => void },
    readerSchema: archivedType,
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
