import { createHash } from "node:crypto";

/** A 32-bit hash of a text (FNV-1a, then stirred). */
function hashText(text: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  return stir(hash);
}

function stir(hash: number): number {
  let h = hash >>> 0;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

const seeds = new Map<string, number>();
const SEEDS_KEPT = 20_000;

/** Texts are few and come again for every row, so each is hashed once. */
function seedOf(text: string): number {
  const known = seeds.get(text);
  if (known !== undefined) return known;
  if (seeds.size >= SEEDS_KEPT) seeds.clear();
  const hash = hashText(text);
  seeds.set(text, hash);
  return hash;
}

/** A number in [0, 1) that follows from a text and whole numbers alone: the sandbox has no other chance. */
export function unit(text: string, ...numbers: readonly number[]): number {
  let hash = seedOf(text);
  for (const number of numbers) {
    hash = stir(Math.imul(hash, 0x9e3779b1) ^ stir(number | 0));
    hash = stir(Math.imul(hash, 0x9e3779b1) ^ stir(Math.floor(number / 0x100000000) | 0));
  }
  return hash / 0x100000000;
}

/** A whole number in [from, to], likewise. */
export function whole(range: { readonly from: number; readonly to: number }, text: string, ...numbers: readonly number[]): number {
  return range.from + Math.floor(unit(text, ...numbers) * (range.to - range.from + 1));
}

/** `length` hex digits from a text: for identifiers and synthetic credentials. */
export function hex(text: string, length: number): string {
  return createHash("sha256").update(text).digest("hex").slice(0, length);
}
