import { FactList, type Words } from "@caudal/core";

/** Bytes that are written again and again: what is made there is copied out before the next use. Doubles stand at multiples of eight. */
export class Scratch {
  bytes: Buffer = Buffer.alloc(4096);
  doubles = new Float64Array(this.bytes.buffer, this.bytes.byteOffset, this.bytes.length / 8);
  readonly facts = new FactList(64);
  readonly #words: (Buffer | undefined)[] = [];

  /** Makes room for so many bytes; what stands there is kept. */
  reserve(bytes: number): void {
    if (bytes <= this.bytes.length) return;
    // Not from the pool: doubles need a start at a multiple of eight.
    const larger = Buffer.alloc(Math.ceil(Math.max(bytes, this.bytes.length * 2) / 8) * 8);
    this.bytes.copy(larger);
    this.bytes = larger;
    this.doubles = new Float64Array(larger.buffer, larger.byteOffset, larger.length / 8);
  }

  /** Writes a word as its length (uint16, little-endian) and UTF-8; where it ends. Always of the same `words`. */
  word(at: number, id: number, words: Words): number {
    const word = (this.#words[id] ??= Buffer.from(words.textOf(id)));
    this.reserve(at + 2 + word.length);
    this.bytes[at] = word.length & 255;
    this.bytes[at + 1] = word.length >>> 8;
    this.bytes.set(word, at + 2);
    return at + 2 + word.length;
  }

  /** A copy of what was written. */
  copy(length: number): Buffer {
    return Buffer.from(this.bytes.subarray(0, length));
  }
}

/** Where the word ends that `Scratch.word` wrote; its text begins two bytes after `at`. */
export function endOfWord(bytes: Buffer, at: number): number {
  const end = at + 2 + bytes.readUInt16LE(at);
  if (end > bytes.length) throw new RangeError("a word is cut off");
  return end;
}
