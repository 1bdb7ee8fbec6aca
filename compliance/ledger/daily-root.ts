import { createPrivateKey, createPublicKey, sign, verify, type KeyObject } from "node:crypto";
import { canonicalJson } from "./canonical-json.ts";
import { sha256Hex } from "./entry.ts";

/** Where all chains stood at the end of a regulator's day, signed: who holds a root can tell later whether anything before it was changed. It names no work. */
export interface DailyRoot {
  readonly day: string;
  readonly atUs: number;
  /** SHA-256 of the root before; empty before the first. */
  readonly previous: string;
  /** How many works had an entry: the leaves of the tree. */
  readonly works: number;
  /** Head of the tree over where each of them stood (`root-heads.ts`), in hex. */
  readonly tree: string;
}

export interface SignedRoot {
  readonly root: DailyRoot;
  /** Ed25519 over the root's canonical JSON, base64. */
  readonly signature: string;
  /** SPKI DER of the key, base64. */
  readonly publicKey: string;
}

function textOf({ day, atUs, previous, works, tree }: DailyRoot): string {
  return canonicalJson({ day, atUs, previous, works, tree });
}

/** What the next root names this one by. */
export function rootHash(root: DailyRoot): string {
  return sha256Hex(textOf(root));
}

/** `privateKey`: PKCS 8 in PEM. */
export function signRoot(root: DailyRoot, privateKey: string | KeyObject): SignedRoot {
  const key = typeof privateKey === "string" ? createPrivateKey(privateKey) : privateKey;
  const publicKey = createPublicKey(key).export({ format: "der", type: "spki" }).toString("base64");
  return { root, signature: sign(null, Buffer.from(textOf(root)), key).toString("base64"), publicKey };
}

/** True when the root is as it was signed, by this key (`publicKey` as in a signed root; the root's own says nothing about who signed). */
export function isSignedBy({ root, signature }: SignedRoot, publicKey: string): boolean {
  const key = createPublicKey({ key: Buffer.from(publicKey, "base64"), format: "der", type: "spki" });
  return verify(null, Buffer.from(textOf(root)), key, Buffer.from(signature, "base64"));
}
