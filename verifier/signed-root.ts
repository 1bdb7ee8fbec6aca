import { createPublicKey, verify } from "node:crypto";
import { canonical } from "./canonical.ts";
import { isObject, isText, isWhole, type Fields } from "./fields.ts";
import { hashOfLeaf, headFrom } from "./tree.ts";

export interface Root extends Fields {
  readonly day: string;
  readonly previous: string;
  readonly works: number;
  readonly tree: string;
}

/** Where the pack's work is said to have stood. */
export interface Proof extends Fields {
  readonly seq: number;
  readonly hash: string;
  readonly blind: string;
  readonly index: number;
  readonly path: readonly string[];
}

export interface RootLine {
  readonly root: Root;
  readonly signature: string;
  readonly publicKey: string;
  /** Not read yet. */
  readonly proof: unknown;
}

/** A line of the file of roots, or why it is none. */
export function rootLine(value: Fields): RootLine | string {
  const { root, signature, publicKey, proof } = value;
  if (isObject(root) && root["heads"] !== undefined) return "it is a root of an earlier form, which lists heads: it is not of version 1 of the format";
  if (!hasOnly(value, ["proof", "publicKey", "root", "signature"]) || !isText(signature) || !isText(publicKey) || !isRoot(root)) return "it is not a signed root with a proof";
  return { root, signature, publicKey, proof };
}

function isRoot(value: unknown): value is Root {
  if (!isObject(value) || !hasOnly(value, ["atUs", "day", "previous", "tree", "works"])) return false;
  const { day, atUs, previous, works, tree } = value;
  return isText(day) && /^\d{4}-\d\d-\d\d$/.test(day) && isWhole(Date.parse(day)) && isWhole(atUs) && (previous === "" || isHash(previous)) && isWhole(works) && works > 0 && isHash(tree);
}

export function isSigned({ root, signature, publicKey }: RootLine): boolean {
  try {
    const key = createPublicKey({ key: Buffer.from(publicKey, "base64"), format: "der", type: "spki" });
    // In one way of writing each: a key is read without what may stand behind it.
    if (key.asymmetricKeyType !== "ed25519" || key.export({ format: "der", type: "spki" }).toString("base64") !== publicKey || Buffer.from(signature, "base64").toString("base64") !== signature) return false;
    return verify(null, Buffer.from(canonical(root)), key, Buffer.from(signature, "base64"));
  } catch {
    return false;
  }
}

/** What a root proves of a work, null where it is said not to stand in it, or why the proof is none. */
export function provedHead(proof: unknown, { work, root: { works, tree } }: { readonly work: string; readonly root: Root }): Proof | null | string {
  if (proof === null) return null;
  if (!isProof(proof)) return "it is not a proof";
  const { seq, hash, blind, index, path } = proof;
  const head = headFrom(hashOfLeaf(canonical({ work, seq, hash, blind })), { index, leaves: works, path });
  if (head === undefined) return `a path of ${path.length} does not lead from leaf ${index} of ${works}`;
  return head === tree ? proof : `entry ${seq} as leaf ${index} leads to another tree than the signed one`;
}

function isProof(value: unknown): value is Proof {
  if (!isObject(value) || !hasOnly(value, ["blind", "hash", "index", "path", "seq"])) return false;
  const { seq, hash, blind, index, path } = value;
  return isWhole(seq) && seq > 0 && isHash(hash) && isHash(blind) && isWhole(index) && Array.isArray(path) && path.every(isHash);
}

/** In one way of writing alone: what may be written in two can be changed unseen. */
function isHash(value: unknown): value is string {
  return isText(value) && /^[0-9a-f]{64}$/.test(value);
}

/** `names` in order. */
function hasOnly(value: Fields, names: readonly string[]): boolean {
  return Object.keys(value).sort().join() === names.join();
}
