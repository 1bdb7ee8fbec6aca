let tables: Int32Array | undefined;

/** CRC-32C (Castagnoli) of `bytes` from `start` to before `end`, four bytes at a step; `node:zlib` has the other CRC-32 only. */
export function crc32c(bytes: Uint8Array, start: number, end: number): number {
  const table = (tables ??= makeTables());
  let crc = -1;
  let at = start;
  for (const limit = end - 3; at < limit; at += 4) {
    const word = crc ^ ((bytes[at] as number) | ((bytes[at + 1] as number) << 8) | ((bytes[at + 2] as number) << 16) | ((bytes[at + 3] as number) << 24));
    crc = (table[768 + (word & 255)] as number) ^ (table[512 + ((word >>> 8) & 255)] as number) ^ (table[256 + ((word >>> 16) & 255)] as number) ^ (table[word >>> 24] as number);
  }
  for (; at < end; at += 1) crc = (table[(crc ^ (bytes[at] as number)) & 255] as number) ^ (crc >>> 8);
  return ~crc >>> 0;
}

function makeTables(): Int32Array {
  const table = new Int32Array(4 * 256);
  for (let byte = 0; byte < 256; byte += 1) {
    let crc = byte;
    for (let bit = 0; bit < 8; bit += 1) crc = crc & 1 ? (crc >>> 1) ^ 0x82f63b78 : crc >>> 1;
    table[byte] = crc;
  }
  for (let at = 256; at < table.length; at += 1) {
    const before = table[at - 256] as number;
    table[at] = (table[before & 255] as number) ^ (before >>> 8);
  }
  return table;
}
