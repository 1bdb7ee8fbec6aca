const SEED = 0x9747b28c;
const M = 0x5bd1e995;
const R = 24;
const encoder = new TextEncoder();

/** Kafka's default partitioner: the positive murmur2 of the key's UTF-8 bytes modulo `partitions`; the same on every adapter, for ever. */
export function partitionOf(key: string, partitions: number): number {
  return partitionOfHash(murmur2(encoder.encode(key)), partitions);
}

/** Partition of a key whose murmur2 is known already. */
export function partitionOfHash(hash: number, partitions: number): number {
  return (hash & 0x7fffffff) % partitions;
}

/** Murmur2 as Kafka computes it (32 bit, seed 0x9747b28c) over `bytes` from `start` to before `end`; a signed 32-bit integer. */
export function murmur2(bytes: Uint8Array, start = 0, end = bytes.length): number {
  const length = end - start;
  const tail = end - (length & 3);
  let hash = SEED ^ length;
  for (let at = start; at < tail; at += 4) {
    let word = byte(bytes, at) | (byte(bytes, at + 1) << 8) | (byte(bytes, at + 2) << 16) | (byte(bytes, at + 3) << 24);
    word = Math.imul(word, M);
    word ^= word >>> R;
    hash = Math.imul(hash, M) ^ Math.imul(word, M);
  }
  if (tail < end) {
    for (let at = end - 1; at >= tail; at -= 1) hash ^= byte(bytes, at) << ((at - tail) * 8);
    hash = Math.imul(hash, M);
  }
  hash ^= hash >>> 13;
  hash = Math.imul(hash, M);
  return hash ^ (hash >>> 15);
}

function byte(bytes: Uint8Array, at: number): number {
  return bytes[at] ?? 0;
}
