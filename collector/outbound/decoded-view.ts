/** Bytes as they read after a decoding, and where in the source each comes from: `[start, end)`; the source itself has no spans. */
export interface View {
  readonly bytes: Uint8Array;
  readonly spans?: { readonly start: Int32Array; readonly end: Int32Array };
}

const PERCENT = 0x25;
const BACKSLASH = 0x5c;
const AMPERSAND = 0x26;
const escapes: Readonly<Record<string, number>> = { '"': 0x22, "\\": 0x5c, "/": 0x2f, "'": 0x27, b: 8, f: 12, n: 10, r: 13, t: 9 };
const entities: Readonly<Record<string, number>> = { amp: 0x26, lt: 0x3c, gt: 0x3e, quot: 0x22, apos: 0x27 };

/** With percent-encoding, JSON escapes and HTML entities taken off once; undefined where there are none. Never longer than what it was made of. */
export function decodedView({ bytes, spans }: View): View | undefined {
  if (!bytes.includes(PERCENT) && !bytes.includes(BACKSLASH) && !bytes.includes(AMPERSAND)) return undefined;
  const out = new Uint8Array(bytes.length);
  const start = new Int32Array(bytes.length);
  const end = new Int32Array(bytes.length);
  let size = 0;
  const put = (byte: number, at: number, length: number): void => {
    out[size] = byte;
    start[size] = spans?.start[at] ?? at;
    end[size++] = spans?.end[at + length - 1] ?? at + length;
  };
  for (let at = 0; at < bytes.length; ) {
    const byte = bytes[at]!;
    const [decoded, length] = (byte === PERCENT ? percentAt(bytes, at) : byte === BACKSLASH ? escapeAt(bytes, at) : byte === AMPERSAND ? entityAt(bytes, at) : undefined) ?? [undefined, 1];
    if (decoded === undefined) put(byte, at, 1);
    else for (const each of decoded) put(each, at, length);
    at += length;
  }
  return { bytes: out.subarray(0, size), spans: { start: start.subarray(0, size), end: end.subarray(0, size) } };
}

type Sequence = readonly [decoded: Iterable<number>, length: number];

function hexAt(bytes: Uint8Array, at: number, digits: number): number | undefined {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset + at, Math.max(0, Math.min(digits, bytes.length - at))).toString("latin1");
  return text.length === digits && /^[0-9a-f]+$/i.test(text) ? Number.parseInt(text, 16) : undefined;
}

function percentAt(bytes: Uint8Array, at: number): Sequence | undefined {
  const byte = hexAt(bytes, at + 1, 2);
  return byte === undefined ? undefined : [[byte], 3];
}

function escapeAt(bytes: Uint8Array, at: number): Sequence | undefined {
  const letter = String.fromCharCode(bytes[at + 1] ?? 0);
  if (letter === "u") {
    const unit = hexAt(bytes, at + 2, 4);
    if (unit === undefined) return undefined;
    const low = unit >= 0xd800 && unit < 0xdc00 && bytes[at + 6] === BACKSLASH && bytes[at + 7] === 0x75 ? hexAt(bytes, at + 8, 4) : undefined;
    return low === undefined ? [Buffer.from(String.fromCharCode(unit)), 6] : [Buffer.from(String.fromCharCode(unit, low)), 12];
  }
  if (letter === "x") {
    const byte = hexAt(bytes, at + 2, 2);
    return byte === undefined ? undefined : [Buffer.from(String.fromCharCode(byte)), 4];
  }
  return Object.hasOwn(escapes, letter) ? [[escapes[letter]!], 2] : undefined;
}

function entityAt(bytes: Uint8Array, at: number): Sequence | undefined {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset + at, Math.min(10, bytes.length - at)).toString("latin1");
  const [whole, decimal, hex, name] = /^&(?:#(\d{1,6})|#x([0-9a-f]{1,5})|([a-z]{2,4}));/i.exec(text) ?? [];
  if (whole === undefined) return undefined;
  const code = decimal !== undefined ? Number(decimal) : hex !== undefined ? Number.parseInt(hex, 16) : entities[name!.toLowerCase()];
  return code === undefined ? undefined : [Buffer.from(String.fromCodePoint(code)), whole.length];
}
