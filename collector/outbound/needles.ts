const HEAD = 4;

export interface NeedlesOptions {
  /** What each byte counts as. */
  readonly as: Uint8Array;
  /** Of a longer needle this many bytes are enough to know it by, so that one cut short is found too. */
  readonly enough: number;
}

/** Many needles of at least four bytes, looked for in one pass however many there are. */
export class Needles {
  readonly #options: NeedlesOptions;
  readonly #byHead = new Map<number, Uint8Array[]>();
  /** By the first two bytes: nearly every place in a text is passed over here. */
  readonly #begins = new Uint8Array(65_536);

  constructor(options: NeedlesOptions) {
    this.#options = options;
  }

  get empty(): boolean {
    return this.#byHead.size === 0;
  }

  add(needle: string | Uint8Array): void {
    const bytes = this.#counted(needle);
    const head = headAt(bytes, 0);
    const same = this.#byHead.get(head);
    if (same === undefined) this.#byHead.set(head, [bytes]);
    else same.push(bytes);
    this.#begins[(bytes[0]! << 8) | bytes[1]!] = 1;
  }

  remove(needle: string | Uint8Array): void {
    const bytes = this.#counted(needle);
    const head = headAt(bytes, 0);
    const rest = (this.#byHead.get(head) ?? []).filter((each) => Buffer.compare(each, bytes) !== 0);
    if (rest.length === 0) this.#byHead.delete(head);
    else this.#byHead.set(head, rest);
  }

  /** Where needles stand, `[from, to)`, in order. */
  find(bytes: Uint8Array): (readonly [from: number, to: number])[] {
    const found: (readonly [number, number])[] = [];
    if (this.empty) return found;
    const { as } = this.#options;
    for (let at = 0; at + HEAD <= bytes.length; at++) {
      if (this.#begins[(as[bytes[at]!]! << 8) | as[bytes[at + 1]!]!] === 0) continue;
      const head = ((as[bytes[at]!]! << 24) | (as[bytes[at + 1]!]! << 16) | (as[bytes[at + 2]!]! << 8) | as[bytes[at + 3]!]!) >>> 0;
      const candidates = this.#byHead.get(head);
      if (candidates === undefined) continue;
      const length = Math.max(...candidates.map((needle) => this.#alike(bytes, at, needle)));
      if (length === 0) continue;
      found.push([at, at + length]);
      at += length - 1;
    }
    return found;
  }

  /** How many bytes of the needle stand here; 0 when too few to know it by. */
  #alike(bytes: Uint8Array, at: number, needle: Uint8Array): number {
    const { as, enough } = this.#options;
    let length = 0;
    while (length < needle.length && at + length < bytes.length && as[bytes[at + length]!] === needle[length]) length++;
    return length >= Math.min(enough, needle.length) ? length : 0;
  }

  #counted(needle: string | Uint8Array): Uint8Array {
    return Uint8Array.from(Buffer.from(needle), (byte) => this.#options.as[byte]!);
  }
}

function headAt(bytes: Uint8Array, at: number): number {
  return ((bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!) >>> 0;
}

const table = (of: (byte: number) => number): Uint8Array => Uint8Array.from({ length: 256 }, (_, byte) => of(byte));

/** Case counts for nothing: a path that was written in lower case is no less secret. */
export const anyCase = (): Uint8Array => table((byte) => (byte >= 0x41 && byte <= 0x5a ? byte + 0x20 : byte));
/** Both alphabets of base64 as one. */
export const base64Letters = (): Uint8Array => table((byte) => (byte === 0x2d ? 0x2b : byte === 0x5f ? 0x2f : byte));
