import { bufferOf } from "../bytes.ts";

/** Reads numbers one after another. Past the end it gives zeros and says so: look at `isShort` before anything read is used. */
export class ByteReader {
  readonly #bytes: Buffer;
  #at = 0;
  isShort = false;

  constructor(bytes: Uint8Array) {
    this.#bytes = bufferOf(bytes);
  }

  get left(): number {
    return this.#bytes.length - this.#at;
  }

  u8(): number {
    return this.#take(1, (at) => this.#bytes.readUInt8(at));
  }

  u16le(): number {
    return this.#take(2, (at) => this.#bytes.readUInt16LE(at));
  }

  u16be(): number {
    return this.#take(2, (at) => this.#bytes.readUInt16BE(at));
  }

  i16le(): number {
    return this.#take(2, (at) => this.#bytes.readInt16LE(at));
  }

  u32le(): number {
    return this.#take(4, (at) => this.#bytes.readUInt32LE(at));
  }

  u32be(): number {
    return this.#take(4, (at) => this.#bytes.readUInt32BE(at));
  }

  #take(count: number, read: (at: number) => number): number {
    if (this.left < count) {
      this.isShort = true;
      this.#at = this.#bytes.length;
      return 0;
    }
    const value = read(this.#at);
    this.#at += count;
    return value;
  }
}
