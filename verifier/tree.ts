import { createHash } from "node:crypto";

/** Where a leaf is said to stand in a tree. Hashes are 64 hexadecimal digits. */
export interface TreePlace {
  readonly index: number;
  /** How many leaves the tree has. */
  readonly leaves: number;
  /** From the leaf's neighbour up. */
  readonly path: readonly string[];
}

/** RFC 9162, 2.1: a leaf's hash begins with a zero byte, a node's with a one, so that neither can pass for the other. */
export function hashOfLeaf(leaf: string): string {
  return createHash("sha256").update(Uint8Array.of(0)).update(leaf).digest("hex");
}

/** RFC 9162, 2.1.3.2: the head of the tree to which the path leads from the leaf's hash. Undefined where a path of this length leads from no such place. */
export function headFrom(leafHash: string, { index, leaves, path }: TreePlace): string | undefined {
  if (!(index >= 0) || index >= leaves) return undefined;
  let at = index;
  let last = leaves - 1;
  let hash = leafHash;
  for (const beside of path) {
    if (last === 0) return undefined;
    if (at % 2 === 1 || at === last) {
      hash = hashOfNode(beside, hash);
      // The last of a row of odd length has no neighbour there and goes up alone.
      while (at % 2 === 0 && at !== 0) [at, last] = [above(at), above(last)];
    } else hash = hashOfNode(hash, beside);
    [at, last] = [above(at), above(last)];
  }
  return last === 0 ? hash : undefined;
}

/** Numbers may be larger than those that bits are shifted of. */
function above(place: number): number {
  return Math.floor(place / 2);
}

function hashOfNode(left: string, right: string): string {
  return createHash("sha256").update(Uint8Array.of(1)).update(left, "hex").update(right, "hex").digest("hex");
}
