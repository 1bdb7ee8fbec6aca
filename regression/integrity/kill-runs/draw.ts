import { createHash } from "node:crypto";

/** A number from 0 to 1 that follows from the words alone. */
export function draw(...words: readonly (string | number)[]): number {
  return createHash("sha256").update(words.join("\0")).digest().readUInt32BE(0) / 2 ** 32;
}

/** The items in an order that follows from the words alone. */
export function shuffled<T>(items: readonly T[], ...words: readonly (string | number)[]): T[] {
  return items.map((item, index) => ({ item, key: draw(...words, index) })).sort((a, b) => a.key - b.key).map(({ item }) => item);
}
