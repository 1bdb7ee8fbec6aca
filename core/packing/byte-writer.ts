/** Magnitudes that `signed` can take: its zigzag form must stay exact in a double. */
export const SIGNED_LIMIT = 2 ** 52;

/** Growing bytes with variable-length whole numbers (seven bits a byte, least first). */
export class ByteWriter {
  #bytes = Buffer.allocUnsafe(4096);
  length = 0;

  /** 0 <= value <= 2^53. */
  unsigned(value: number): void {
    this.#room(8);
    let rest = value;
    while (rest >= 0x8000_0000) {
      this.#bytes[this.length++] = (rest % 128) | 128;
      rest = Math.floor(rest / 128);
    }
    while (rest >= 128) {
      this.#bytes[this.length++] = (rest & 127) | 128;
      rest >>>= 7;
    }
    this.#bytes[this.length++] = rest;
  }

  /** Whole number of a magnitude below SIGNED_LIMIT; small magnitudes are short. */
  signed(value: number): void {
    if (value > -0x4000_0000 && value < 0x4000_0000) this.unsigned(((value << 1) ^ (value >> 31)) >>> 0);
    else this.unsigned(value < 0 ? -2 * value - 1 : 2 * value);
  }

  byte(value: number): void {
    this.#room(1);
    this.#bytes[this.length++] = value;
  }

  raw(bytes: Uint8Array): void {
    this.#room(bytes.length);
    this.#bytes.set(bytes, this.length);
    this.length += bytes.length;
  }

  /** What was written; valid until the next write. */
  finish(): Buffer {
    return this.#bytes.subarray(0, this.length);
  }

  #room(bytes: number): void {
    if (this.length + bytes <= this.#bytes.length) return;
    const larger = Buffer.allocUnsafe(Math.max(this.#bytes.length * 2, this.length + bytes));
    this.#bytes.copy(larger, 0, 0, this.length);
    this.#bytes = larger;
  }
}
