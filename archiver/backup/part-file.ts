import { createHash, type Hash } from "node:crypto";
import { createReadStream, createWriteStream } from "node:fs";
import { join } from "node:path";
import { Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createZstdCompress, createZstdDecompress, type ZstdCompress } from "node:zlib";
import { CaudalError } from "@caudal/core";

/** A file of a backup as its manifest names it. */
export interface PartEntry {
  readonly file: string;
  /** Of the file as it lies there, compressed. */
  readonly bytes: number;
  readonly sha256: string;
  readonly frames: number;
}

/** One piece of a part: what it is, and bytes beside it. */
export interface Frame {
  readonly header: unknown;
  readonly body: Buffer;
}

const PREFIX_BYTES = 8;
/** More than any writer puts into one; a length beyond it is damage. */
const MAX_FRAME_BYTES = 512 * 1024 * 1024;

/**
 * Writes a part: frames, each the lengths of its header and body (uint32, little-endian), the header as JSON and the body; all compressed with zstd.
 * Holds no more than one frame; durable when `close` resolves.
 */
export class PartWriter {
  readonly #file: string;
  readonly #compress: ZstdCompress;
  readonly #hash: Hash = createHash("sha256");
  readonly #written: Promise<void>;
  #bytes = 0;
  #frames = 0;

  constructor(directory: string, file: string) {
    this.#file = file;
    this.#compress = createZstdCompress();
    const count = new Transform({
      transform: (chunk: Buffer, _encoding, done) => {
        this.#hash.update(chunk);
        this.#bytes += chunk.length;
        done(null, chunk);
      },
    });
    this.#written = pipeline(this.#compress, count, createWriteStream(join(directory, file), { flags: "wx", flush: true }));
    // Whoever adds or closes next hears of it.
    this.#written.catch(() => undefined);
  }

  async add(header: object, body: readonly Uint8Array[] = []): Promise<void> {
    const text = Buffer.from(JSON.stringify(header));
    const prefix = Buffer.alloc(PREFIX_BYTES);
    prefix.writeUInt32LE(text.length, 0);
    prefix.writeUInt32LE(body.reduce((sum, bytes) => sum + bytes.length, 0), 4);
    for (const bytes of [prefix, text, ...body]) await this.#write(bytes);
    this.#frames += 1;
  }

  async close(): Promise<PartEntry> {
    this.#compress.end();
    await this.#written;
    return { file: this.#file, bytes: this.#bytes, sha256: this.#hash.digest("hex"), frames: this.#frames };
  }

  /** Lets go of the file as it is. */
  async abandon(): Promise<void> {
    this.#compress.destroy();
    await this.#written.catch(() => undefined);
  }

  async #write(bytes: Uint8Array): Promise<void> {
    if (this.#compress.destroyed) await this.#written;
    if (this.#compress.write(bytes)) return;
    let drained: () => void = () => undefined;
    const room = new Promise<void>((resolve) => this.#compress.once("drain", (drained = resolve)));
    await Promise.race([room, this.#written]).finally(() => this.#compress.off("drain", drained));
  }
}

/** Frames of a part in their order. Fails with "corrupt", naming the file, at damage; whoever reads checks the whole first. */
export async function* readPart(directory: string, { file, frames }: PartEntry): AsyncGenerator<Frame> {
  const source = createReadStream(join(directory, file));
  const inflate = createZstdDecompress();
  source.once("error", (error) => inflate.destroy(error));
  const bytes = new ByteQueue();
  let read = 0;
  try {
    for await (const chunk of source.pipe(inflate) as AsyncIterable<Buffer>) {
      bytes.push(chunk);
      for (let frame = bytes.frame(file); frame !== undefined; frame = bytes.frame(file)) {
        read += 1;
        yield frame;
      }
    }
  } catch (error) {
    throw error instanceof CaudalError ? error : new CaudalError("corrupt", `${file} cannot be read: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  } finally {
    source.destroy();
    inflate.destroy();
  }
  if (bytes.length > 0 || read !== frames) throw new CaudalError("corrupt", `${file} holds ${read} whole frames and ${bytes.length} bytes more; its manifest says ${frames}`);
}

/** Fails with "corrupt", naming the file, when it is missing or not what its entry says. */
export async function verifyPart(directory: string, { file, bytes, sha256 }: Omit<PartEntry, "frames">): Promise<void> {
  const hash = createHash("sha256");
  let length = 0;
  try {
    for await (const chunk of createReadStream(join(directory, file)) as AsyncIterable<Buffer>) {
      hash.update(chunk);
      length += chunk.length;
    }
  } catch (error) {
    const missing = error instanceof Error && "code" in error && error.code === "ENOENT";
    throw new CaudalError("corrupt", missing ? `${file} of the backup is missing` : `${file} of the backup cannot be read`, { cause: error });
  }
  if (length !== bytes || hash.digest("hex") !== sha256) throw new CaudalError("corrupt", `${file} of the backup is damaged: ${length} bytes that are not the ${bytes} that were written`);
}

class ByteQueue {
  #chunks: Buffer[] = [];
  length = 0;

  push(chunk: Buffer): void {
    this.#chunks.push(chunk);
    this.length += chunk.length;
  }

  /** The next whole frame; undefined until there is one. */
  frame(file: string): Frame | undefined {
    if (this.length < PREFIX_BYTES) return undefined;
    const head = this.#atLeast(PREFIX_BYTES);
    const headerBytes = head.readUInt32LE(0);
    const whole = PREFIX_BYTES + headerBytes + head.readUInt32LE(4);
    if (whole > MAX_FRAME_BYTES) throw new CaudalError("corrupt", `${file} names a frame of ${whole} bytes`);
    if (this.length < whole) return undefined;
    const all = this.#atLeast(whole);
    this.#chunks = [all.subarray(whole)];
    this.length -= whole;
    return { header: JSON.parse(all.toString("utf8", PREFIX_BYTES, PREFIX_BYTES + headerBytes)) as unknown, body: all.subarray(PREFIX_BYTES + headerBytes, whole) };
  }

  /** The first chunk, made to hold so many bytes; only what is asked for is joined. */
  #atLeast(bytes: number): Buffer {
    const [first = Buffer.alloc(0)] = this.#chunks;
    if (first.length >= bytes) return first;
    let at = 0;
    let joined = 0;
    while (joined < bytes) joined += this.#chunks[at++]?.length ?? bytes;
    this.#chunks.splice(0, at, Buffer.concat(this.#chunks.slice(0, at)));
    return this.#chunks[0] ?? first;
  }
}
