import assert from "node:assert/strict";
import { generateKeyPairSync } from "node:crypto";
import { test } from "node:test";
import fc from "fast-check";
import { rootHash, signRoot, type DailyRoot } from "../compliance/ledger/daily-root.ts";
import { sha256Hex } from "../compliance/ledger/entry.ts";
import { blindedHeads, proofOf, treeOf, type ProvedRoot, type RootProof } from "../compliance/ledger/root-heads.ts";
import { canonical } from "./canonical.ts";
import { FindingList } from "./finding.ts";
import { checkRoots, type SignedHeads } from "./roots.ts";

const { privateKey } = generateKeyPairSync("ed25519");
type Seqs = Readonly<Record<string, number>>;

/** A root over works that stand where it is said, with the proof of the work "b". */
function rootOver(seqs: Seqs, { day, previous, ...over }: Pick<DailyRoot, "day" | "previous"> & Partial<DailyRoot>, hashed = (work: string, seq: number): string => sha256Hex(`${work}${seq}`)): ProvedRoot {
  const of = blindedHeads(Object.entries(seqs).map(([work, seq]) => ({ work, seq, hash: hashed(work, seq) })));
  const root = { day, previous, atUs: 1, ...treeOf(of) };
  return { ...signRoot({ ...root, ...over }, privateKey), proof: proofOf("b", of, root) };
}

const linesOf = (roots: readonly object[]): string => roots.map((root) => `${canonical(root)}\n`).join("");
function checked(text: string | Uint8Array, key?: string): { readonly faults: string[]; readonly signed: SignedHeads } {
  const findings = new FindingList();
  const signed = checkRoots({ name: "r", chunks: () => [Buffer.from(text)] }, { work: "b", key, findings });
  return { faults: findings.list.map(({ fault, line }) => `${fault} ${line}`), signed };
}
const faults = (...roots: readonly object[]): string[] => checked(linesOf(roots)).faults;

const first = rootOver({ a: 3 }, { day: "2026-06-11", previous: "" });
const second = rootOver({ a: 3, b: 4, c: 1 }, { day: "2026-06-12", previous: rootHash(first.root) });
const third = rootOver({ a: 9, b: 4, c: 1, d: 7 }, { day: "2026-06-13", previous: rootHash(second.root) });
const forged = (over: Partial<RootProof>, signed: ProvedRoot = third): object => ({ ...signed, proof: { ...signed.proof, ...over } });

test("roots are signed, follow each other, prove where the work stood, never lose it and never count back", () => {
  assert.deepEqual(faults(first, second, third), []);
  const { signed } = checked(linesOf([first, second, third]));
  assert.deepEqual([[...signed.heads.entries()], signed.absent, signed.roots], [[[4, { line: 3, day: "2026-06-13", hash: sha256Hex("b4") }]], { line: 1, day: "2026-06-11" }, 3]);
  assert.deepEqual(faults(second, first), ["root-link 2", "root-order 2", "root-order 2", "root-missing 2"]);
  const after = (seqs: Seqs, over: Partial<DailyRoot> = {}): ProvedRoot => rootOver(seqs, { day: "2026-06-14", previous: rootHash(third.root), ...over });
  const next = (root: object): string[] => faults(first, second, third, root);
  assert.deepEqual(next(after({ a: 9, b: 4, c: 1, d: 7 })), []);
  assert.deepEqual(next(after({ a: 9, c: 1, d: 7, e: 1 })), ["root-missing 4"]);
  assert.deepEqual(next({ ...after({ a: 9, b: 5, c: 1, d: 7 }), proof: null }), ["root-missing 4"]);
  assert.deepEqual(next(after({ a: 9, b: 3, c: 1, d: 7 })), ["root-order 4"]);
  assert.deepEqual(next(after({ a: 9, b: 5 })), ["root-order 4"], "works do not vanish");
  assert.deepEqual(next(rootOver({ a: 9, b: 4, c: 1, d: 7 }, { day: "2026-06-14", previous: rootHash(third.root) }, (work, seq) => sha256Hex(`forged ${work}${seq}`))), ["root-head 4"]);
  assert.deepEqual(next(after({ a: 9, b: 4, c: 1, d: 7 }, { previous: rootHash(first.root) })), ["root-link 4"]);
});

test("what a proof says otherwise than the signed tree is told as what it is", () => {
  const told = (root: object): string[] => faults(first, second, root);
  const { proof } = third;
  assert.ok(proof !== null && proof.path.length === 2);
  for (const over of [{ seq: 5 }, { hash: sha256Hex("x") }, { blind: sha256Hex("x") }, { index: 0 }, { index: 4 }, { index: -1 }, { path: [] }, { path: proof.path.toReversed() }, { path: [...proof.path, sha256Hex("x")] }]) assert.deepEqual(told(forged(over)), ["root-proof 3"], JSON.stringify(over));
  for (const over of [{ seq: "4" }, { hash: proof.hash.toUpperCase() }, { path: [proof.path[0]!.toUpperCase(), proof.path[1]!] }, { path: "" }, { more: 1 }, { seq: 0 }]) assert.deepEqual(told(forged(over as never)), ["root-proof 3"], JSON.stringify(over));
  assert.deepEqual(told({ ...third, proof: second.proof }), ["root-proof 3"], "another day's proof");
  assert.deepEqual(told({ ...third, root: { ...third.root, works: 3 } }), ["root-signature 3"], "the path is the same in a tree of three, and the number of leaves is signed");
  assert.deepEqual(told({ ...third, root: { ...third.root, tree: sha256Hex("x") } }), ["root-signature 3", "root-proof 3"]);
  assert.deepEqual(told({ ...third, root: { ...third.root, atUs: 9 } }), ["root-signature 3"]);
  assert.deepEqual(told({ ...third, publicKey: "AAAA" }), ["root-signature 3"]);
  assert.deepEqual(told({ ...third, publicKey: third.publicKey.replace(/=$/, "z") }), ["root-signature 3"], "a byte behind the key");
  assert.deepEqual(checked(linesOf([forged({ seq: 5 })])).signed.heads.size, 0, "nothing is signed by a root that does not prove it");
  for (const odd of [{ root: 1 }, { ...third, more: 1 }, { root: third.root, signature: third.signature, publicKey: third.publicKey }, { ...third, root: { ...third.root, day: "today" } }, { ...third, root: { ...third.root, works: 0 } }]) assert.deepEqual(faults(odd), ["line 1"]);
});

test("a root of the earlier form, which lists works, is told as such", () => {
  const findings = new FindingList();
  const root = { day: "2026-06-11", atUs: 1, previous: "", heads: [{ work: "a", seq: 1, hash: "h" }] };
  checkRoots({ name: "r", chunks: () => [Buffer.from(linesOf([{ ...third, root }]))] }, { work: "b", key: undefined, findings });
  assert.deepEqual(findings.list.map(({ fault }) => fault), ["line"]);
  assert.match(findings.list[0]!.detail, /earlier form/);
});

test("a changed byte anywhere in the roots and their proofs is found", () => {
  const bytes = Buffer.from(linesOf([first, second, third]));
  const proofAt = bytes.lastIndexOf('"proof"');
  const found = (place: number, mask: number): void => {
    const changed = Uint8Array.from(bytes);
    changed[place]! ^= mask;
    assert.ok(checked(changed).faults.length > 0, `byte ${place} with ${mask}: ${Buffer.from(changed).toString()}`);
  };
  for (let place = proofAt; place < bytes.length; place++) for (const mask of [1, 0x20]) found(place, mask);
  fc.assert(fc.property(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), found), { numRuns: 500 });
});
