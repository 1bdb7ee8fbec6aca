/** Places for texts; one that needs a place that is taken takes it. */
const PLACES = 1024;
const MOST_BYTES = 64;

interface Known {
  readonly bytes: Uint8Array;
  readonly text: string;
}

/** Texts of bytes that come again and again, as names of variables do: finding one costs less than making it anew. */
export class TextCache {
  readonly #places: (Known | undefined)[] = new Array<Known | undefined>(PLACES).fill(undefined);

  /** Text of the UTF-8 in `bytes[from..to)`. */
  text(bytes: Buffer, from: number, to: number): string {
    const length = to - from;
    const place = (length * 131 + (bytes[from] ?? 0) * 31 + (bytes[to - 1] ?? 0)) % PLACES;
    const known = this.#places[place];
    if (known !== undefined && isAt(known.bytes, bytes, from, length)) return known.text;
    const text = bytes.toString("utf8", from, to);
    if (length <= MOST_BYTES) this.#places[place] = { bytes: Uint8Array.prototype.slice.call(bytes, from, to), text };
    return text;
  }
}

function isAt(known: Uint8Array, bytes: Uint8Array, from: number, length: number): boolean {
  if (known.length !== length) return false;
  for (let i = 0; i < length; i++) if (known[i] !== bytes[from + i]) return false;
  return true;
}
