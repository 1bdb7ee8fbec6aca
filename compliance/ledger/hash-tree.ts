import { hash } from "node:crypto";

const LEAF = Buffer.of(0);
const NODE = Buffer.of(1);

/** A leaf's place below a tree's head. */
export interface TreeBranch {
  readonly head: Uint8Array;
  /** Hashes that lead from the leaf to the head, its neighbour first: RFC 9162, 2.1.3.1. */
  readonly path: readonly Uint8Array[];
}

/** Hash of a leaf in the trees of RFC 6962 (and RFC 9162): SHA-256 of a zero byte and the leaf. */
export function leafHash(leaf: string | Uint8Array): Buffer {
  return hash("sha256", Buffer.concat([LEAF, typeof leaf === "string" ? Buffer.from(leaf) : leaf]), "buffer");
}

/** Head of the tree over leaf hashes in their order, at least one: RangeError for none. */
export function treeHead(leaves: readonly Uint8Array[]): Uint8Array {
  if (leaves.length === 0) throw new RangeError("a tree has a leaf");
  return headOf(leaves, 0, leaves.length);
}

/** The head, and the path of the leaf at `index`, in one walk. RangeError for an index that is none. */
export function treeBranch(leaves: readonly Uint8Array[], index: number): TreeBranch {
  if (!Number.isInteger(index) || index < 0 || index >= leaves.length) throw new RangeError(`${index} is none of ${leaves.length} leaves`);
  const path: Uint8Array[] = [];
  const walk = (from: number, to: number): Uint8Array => {
    if (to - from === 1) return leaves[from]!;
    const middle = from + splitOf(to - from);
    const isLeft = index < middle;
    const own = isLeft ? walk(from, middle) : walk(middle, to);
    const beside = isLeft ? headOf(leaves, middle, to) : headOf(leaves, from, middle);
    path.push(beside);
    return isLeft ? nodeHash(own, beside) : nodeHash(beside, own);
  };
  return { head: walk(0, leaves.length), path };
}

function headOf(leaves: readonly Uint8Array[], from: number, to: number): Uint8Array {
  if (to - from === 1) return leaves[from]!;
  const middle = from + splitOf(to - from);
  return nodeHash(headOf(leaves, from, middle), headOf(leaves, middle, to));
}

function nodeHash(left: Uint8Array, right: Uint8Array): Buffer {
  return hash("sha256", Buffer.concat([NODE, left, right]), "buffer");
}

/** Largest power of two below `count`. */
function splitOf(count: number): number {
  let split = 1;
  while (split * 2 < count) split *= 2;
  return split;
}
