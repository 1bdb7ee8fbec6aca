import { createHash } from "node:crypto";
import { setImmediate as nextTurn } from "node:timers/promises";
import { CaudalError } from "@caudal/core";
import { Zip, ZipDeflate, ZipPassThrough } from "fflate";

/** A file of a pack, made while it is written. Names are ASCII letters, digits, `.`, `_`, `-`, with `/` between parts. */
export interface PackPart {
  readonly name: string;
  chunks(): AsyncIterable<string | Uint8Array> | Iterable<string | Uint8Array>;
}

export interface PackedFile {
  readonly name: string;
  readonly bytes: number;
  readonly sha256: string;
  /** Of the bytes as they lie in the ZIP. */
  readonly packedSha256: string;
}

const SEAL_WORDS = "caudal-evidence sha256:";
const SEAL_BYTES = SEAL_WORDS.length + 64;
/** A ZIP without 64-bit fields ends here. */
const MAX_BYTES = 0xffff_ffff - 1024 * 1024;
const PIECE_BYTES = 64 * 1024;

/**
 * One ZIP of the parts, in their order, with what `last` makes of them stored behind, and a seal over all bytes as the archive's comment. Nothing of it depends on when or where it is packed. Memory does not grow
 * with it. Fails with "too-large" at 4 GiB.
 */
export async function* sealedZip(parts: AsyncIterable<PackPart>, last: (packed: readonly PackedFile[]) => readonly { readonly name: string; readonly text: string }[]): AsyncGenerator<Uint8Array> {
  const out = new ZipOutput();
  const packed: PackedFile[] = [];
  for await (const part of parts) {
    const file = new WrittenFile(out, part.name, true);
    for await (const piece of inPieces(part.chunks())) {
      file.push(piece);
      yield* out.taken();
      // Packing is this process's work, and others wait for it.
      await nextTurn();
    }
    packed.push(file.end());
    yield* out.taken();
  }
  for (const { name, text } of last(packed)) {
    const file = new WrittenFile(out, name, false);
    file.push(Buffer.from(text));
    file.end();
    yield* out.taken();
  }
  yield* out.sealed();
}

/** Chunks together until they are worth a call. */
async function* inPieces(chunks: AsyncIterable<string | Uint8Array> | Iterable<string | Uint8Array>): AsyncGenerator<Uint8Array> {
  let held: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of chunks) {
    const part = typeof chunk === "string" ? Buffer.from(chunk) : chunk;
    held.push(part);
    bytes += part.length;
    if (bytes < PIECE_BYTES) continue;
    yield Buffer.concat(held);
    held = [];
    bytes = 0;
  }
  if (bytes > 0) yield Buffer.concat(held);
}

class ZipOutput {
  readonly zip: Zip;
  readonly #hash = createHash("sha256");
  #ready: Uint8Array[] = [];
  #bytes = 0;

  constructor() {
    this.zip = new Zip((error, chunk) => {
      if (error !== null) throw error;
      this.#ready.push(chunk);
    });
  }

  *taken(): Generator<Uint8Array> {
    const ready = this.#ready;
    this.#ready = [];
    for (const chunk of ready) {
      this.#hash.update(chunk);
      this.#bytes += chunk.length;
      if (this.#bytes > MAX_BYTES) throw new CaudalError("too-large", "the pack would be larger than 4 GiB: ask for a shorter period");
      yield chunk;
    }
  }

  /** The directory, and behind it the seal over every byte before it. */
  *sealed(): Generator<Uint8Array> {
    yield* this.taken();
    this.zip.end();
    const end = Buffer.concat(this.#ready);
    // The last two bytes say how long the comment is, which the packer does not write.
    end.writeUInt16LE(SEAL_BYTES, end.length - 2);
    yield end;
    yield Buffer.from(`${SEAL_WORDS}${this.#hash.update(end).digest("hex")}`);
  }
}

class WrittenFile {
  readonly #name: string;
  readonly #file: ZipDeflate | ZipPassThrough;
  readonly #hash = createHash("sha256");
  readonly #packed = createHash("sha256");
  #bytes = 0;

  constructor({ zip }: ZipOutput, name: string, deflate: boolean) {
    this.#name = name;
    this.#file = deflate ? new ZipDeflate(name, { level: 6 }) : new ZipPassThrough(name);
    // The least that the format can say, in the local time that the packer takes it for.
    this.#file.mtime = new Date(1980, 0, 1);
    zip.add(this.#file);
    const written = this.#file.ondata;
    this.#file.ondata = (error, chunk, final) => {
      if (error === null) this.#packed.update(chunk);
      written(error, chunk, final);
    };
  }

  push(piece: Uint8Array): void {
    this.#hash.update(piece);
    this.#bytes += piece.length;
    // The packer keeps what it is given until it is packed.
    this.#file.push(Uint8Array.from(piece), false);
  }

  end(): PackedFile {
    this.#file.push(new Uint8Array(0), true);
    return { name: this.#name, bytes: this.#bytes, sha256: this.#hash.digest("hex"), packedSha256: this.#packed.digest("hex") };
  }
}
