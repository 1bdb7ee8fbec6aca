import { hash, randomBytes } from "node:crypto";
import { CaudalError } from "@caudal/core";
import { canonicalJson } from "./canonical-json.ts";
import type { DailyRoot, SignedRoot } from "./daily-root.ts";
import { leafHash, treeBranch, treeHead } from "./hash-tree.ts";
import type { ChainHead } from "./head-at.ts";

/** What a root was made over. It names every client's works and never leaves the installation. */
export interface RootHeads {
  /** 32 bytes in hex, of this root alone: what leaves are blinded with. */
  readonly secret: string;
  /** In order of works, each once. */
  readonly heads: readonly ChainHead[];
}

/** Where one work stood in a root: what leads from its leaf to the root's `tree`, and says nothing of the others. */
export interface RootProof {
  readonly seq: number;
  readonly hash: string;
  readonly blind: string;
  readonly index: number;
  readonly path: readonly string[];
}

/** `proof` is null where the work had no entry yet. */
export interface ProvedRoot extends SignedRoot {
  readonly proof: RootProof | null;
}

export function blindedHeads(heads: readonly ChainHead[]): RootHeads {
  return { secret: randomBytes(32).toString("hex"), heads };
}

/** What is signed of them. */
export function treeOf(of: RootHeads): Pick<DailyRoot, "works" | "tree"> {
  return { works: of.heads.length, tree: hex(treeHead(leavesOf(of))) };
}

/** CaudalError "corrupt" where a root was made over other heads. */
export function mustBeOver({ day, works, tree }: DailyRoot, of: RootHeads): void {
  if (of.heads.length !== works || treeOf(of).tree !== tree) throw otherHeads(day);
}

/** A work's proof in a root, null where it did not stand in it. CaudalError "corrupt" as `mustBeOver`. */
export function proofOf(work: string, of: RootHeads, root: DailyRoot): RootProof | null {
  const index = of.heads.findIndex((each) => each.work === work);
  const stood = of.heads[index];
  if (stood === undefined) {
    mustBeOver(root, of);
    return null;
  }
  const { head, path } = treeBranch(leavesOf(of), index);
  if (of.heads.length !== root.works || hex(head) !== root.tree) throw otherHeads(root.day);
  return { seq: stood.seq, hash: stood.hash, blind: blindOf(work, of), index, path: path.map(hex) };
}

/** What was signed stays signed: no work that stood in the root before is missing in this one, nor further back. */
export function neverBack(heads: readonly ChainHead[], before: readonly ChainHead[]): readonly ChainHead[] {
  const byWork = new Map(heads.map((head) => [head.work, head]));
  for (const head of before) if ((byWork.get(head.work)?.seq ?? 0) < head.seq) byWork.set(head.work, head);
  return [...byWork.values()].sort((a, b) => (a.work < b.work ? -1 : 1));
}

/** As they are kept. */
export function bytesOf({ secret, heads }: RootHeads): Uint8Array {
  return Buffer.from(canonicalJson({ secret, heads: heads.map(({ work, seq, hash }) => ({ work, seq, hash })) }));
}

/** Undefined for what is not the bytes of any. */
export function headsOf(bytes: Uint8Array): RootHeads | undefined {
  try {
    const { secret, heads } = JSON.parse(Buffer.from(bytes).toString()) as { readonly secret?: unknown; readonly heads?: unknown };
    if (typeof secret === "string" && Array.isArray(heads) && heads.length > 0 && heads.every(isHead)) return { secret, heads };
  } catch {
    // Told as what it is by whoever asked.
  }
  return undefined;
}

function isHead(value: unknown): value is ChainHead {
  if (typeof value !== "object" || value === null) return false;
  const { work, seq, hash } = value as Partial<Record<keyof ChainHead, unknown>>;
  return typeof work === "string" && Number.isSafeInteger(seq) && typeof hash === "string";
}

/** Another leaf every day, also of a work to which nothing happened: whoever gets its hash in a path of another work sees neither what it is nor whether it moved. */
function leavesOf(of: RootHeads): Buffer[] {
  return of.heads.map(({ work, seq, hash }) => leafHash(canonicalJson({ work, seq, hash, blind: blindOf(work, of) })));
}

/** Hashed twice, so that no blind says anything of a longer name's. */
function blindOf(work: string, { secret }: RootHeads): string {
  return hash("sha256", `${secret}${hash("sha256", `${secret}${work}`)}`);
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("hex");
}

function otherHeads(day: string): CaudalError {
  return new CaudalError("corrupt", `what is kept of the root of ${day} is not what it was made over`);
}
