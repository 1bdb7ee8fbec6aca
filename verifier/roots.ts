import { canonical, sha256 } from "./canonical.ts";
import type { FindingList } from "./finding.ts";
import { jsonLines } from "./json-lines.ts";
import type { PackFile } from "./pack-files.ts";
import { isSigned, provedHead, rootLine } from "./signed-root.ts";

/** What a root with a valid signature says that a chain's entry was. */
export interface SignedHead {
  readonly line: number;
  readonly day: string;
  readonly hash: string;
}

export interface SignedHeads {
  /** Of the work, by seq. */
  readonly heads: ReadonlyMap<number, SignedHead>;
  /** The newest root with a valid signature in which the work is said not to stand. */
  readonly absent: { readonly line: number; readonly day: string } | undefined;
  readonly roots: number;
  readonly keys: readonly string[];
}

export interface RootsQuestion {
  readonly work: string;
  /** Base64 of the SPKI DER that all must be signed with; without it each is held against the key that it brings along. */
  readonly key: string | undefined;
  readonly findings: FindingList;
}

/** Walks the signed roots in order, each with where the work stood in it. */
export function checkRoots(file: PackFile, { work, key, findings }: RootsQuestion): SignedHeads {
  const heads = new Map<number, SignedHead>();
  const keys = new Set<string>();
  let absent: SignedHeads["absent"];
  let before: { readonly day: string; readonly hash: string; readonly works: number } | undefined;
  /** Newest seq that a root proved; 0 before the work stood in one. */
  let newest = 0;
  let roots = 0;
  for (const { line, value } of jsonLines(file, findings)) {
    const read = rootLine(value);
    if (typeof read === "string") {
      findings.add("line", file.name, { line, detail: read });
      continue;
    }
    const { root, publicKey, proof } = read;
    const { day, previous, works } = root;
    const tell = (fault: "root-signature" | "root-key" | "root-link" | "root-order" | "root-missing" | "root-proof" | "root-head", detail: string, seq?: number): void => findings.add(fault, file.name, { line, ...(seq === undefined ? {} : { seq }), detail });
    roots++;
    keys.add(publicKey);
    const fits = isSigned(read);
    if (!fits) tell("root-signature", `the signature of the root of ${day} is not of its bytes`);
    if (key !== undefined && publicKey !== key) tell("root-key", `the root of ${day} is signed with another key than the given one`);
    if (before !== undefined && previous !== before.hash) tell("root-link", `the root of ${day} does not follow the one of ${before.day}`);
    if (before !== undefined && day <= before.day) tell("root-order", `the root of ${day} stands behind the one of ${before.day}`);
    if (before !== undefined && works < before.works) tell("root-order", `the root of ${day} is over ${works} works, and the one of ${before.day} was over ${before.works}`);
    before = { day, hash: sha256(canonical(root)), works };
    const head = provedHead(proof, { work, root });
    if (typeof head === "string") tell("root-proof", `the root of ${day} does not prove it: ${head}`);
    if (typeof head === "string") continue;
    const counts = fits && (key === undefined || publicKey === key);
    if (head === null) {
      if (newest > 0) tell("root-missing", `${work} is missing in the root of ${day}, and stood in one before`);
      else if (counts) absent = { line, day };
      continue;
    }
    const { seq, hash } = head;
    if (seq < newest) tell("root-order", `${work} has fewer entries in the root of ${day} than in one before`);
    newest = Math.max(newest, seq);
    if (!counts) continue;
    const other = heads.get(seq);
    if (other !== undefined && other.hash !== hash) tell("root-head", `${work} had another entry ${seq} in the root of ${other.day}`, seq);
    heads.set(seq, { line, day, hash });
  }
  return { heads, absent, roots, keys: [...keys] };
}
