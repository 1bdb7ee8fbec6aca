/** Of a longer text, so much as makes its beginning known. */
const BYTES = 24;

/**
 * What base64 of any whole that holds this text must hold: a letter for each six bits that lie in the text, for each of the three places that it
 * may begin at. Texts of four bytes and more give at least four letters.
 */
export function base64Cores(text: string): readonly string[] {
  const bytes = Buffer.from(text).subarray(0, BYTES);
  return [0, 1, 2].map((before) => {
    const first = Math.ceil((before * 8) / 6);
    const last = Math.floor(((before + bytes.length) * 8) / 6);
    return Buffer.concat([Buffer.alloc(before), bytes]).toString("base64").slice(first, last);
  });
}

/** The whole run of base64 around `[from, to)`. */
export function base64RunAround(bytes: Uint8Array, [from, to]: readonly [from: number, to: number]): readonly [from: number, to: number] {
  let start = from;
  let end = to;
  while (start > 0 && isLetter(bytes[start - 1]!)) start--;
  while (end < bytes.length && isLetter(bytes[end]!)) end++;
  while (end < bytes.length && bytes[end] === 0x3d) end++;
  return [start, end];
}

function isLetter(byte: number): boolean {
  return (byte >= 0x30 && byte <= 0x39) || (byte >= 0x41 && byte <= 0x5a) || (byte >= 0x61 && byte <= 0x7a) || byte === 0x2b || byte === 0x2f || byte === 0x2d || byte === 0x5f;
}
