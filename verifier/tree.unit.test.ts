import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { leafHash, treeBranch, treeHead } from "../compliance/ledger/hash-tree.ts";
import { hashOfLeaf, headFrom } from "./tree.ts";

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");
const leafText = (at: number): string => `leaf ${at}`;
const treeOf = (count: number): Buffer[] => Array.from({ length: count }, (_, at) => leafHash(leafText(at)));

/** Every leaf of a tree of so many leads to its head. */
function checkAll(leaves: number): void {
  const tree = treeOf(leaves);
  const head = hex(treeHead(tree));
  for (let index = 0; index < leaves; index++) assert.equal(headFrom(hashOfLeaf(leafText(index)), { index, leaves, path: treeBranch(tree, index).path.map(hex) }), head, `leaf ${index} of ${leaves}`);
}

test("the head of the one empty leaf is the one that RFC 6962's test data has", () => {
  assert.equal(headFrom(hashOfLeaf(""), { index: 0, leaves: 1, path: [] }), "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d");
});

test("the writer's proof of every leaf of trees of 1 to 300 leaves leads to their head", () => {
  for (let leaves = 1; leaves <= 40; leaves++) checkAll(leaves);
  fc.assert(fc.property(fc.integer({ min: 41, max: 300 }), checkAll), { numRuns: 15, examples: [[64], [65], [127], [128], [129], [255], [256], [257], [300]] });
});

const place = fc.integer({ min: 1, max: 300 }).chain((leaves) => fc.record({ leaves: fc.constant(leaves), index: fc.nat(leaves - 1) }));

test("a changed leaf, index, path or head leads nowhere", () => {
  fc.assert(fc.property(place, fc.infiniteStream(fc.nat()), ({ leaves, index }, draws) => {
    const drawn = (below: number): number => Number(draws.next().value) % below;
    const tree = treeOf(leaves);
    const head = hex(treeHead(tree));
    const path = treeBranch(tree, index).path.map(hex);
    const leaf = hashOfLeaf(leafText(index));
    const flipped = (text: string): string => {
      const at = drawn(text.length);
      return `${text.slice(0, at)}${((Number.parseInt(text.charAt(at), 16) + 1 + drawn(15)) % 16).toString(16)}${text.slice(at + 1)}`;
    };
    const wrong = (from: string, given: { readonly index?: number; readonly path?: readonly string[] }, to = head): void => assert.notEqual(headFrom(from, { leaves, index, path, ...given }), to);
    wrong(flipped(leaf), {});
    wrong(leaf, {}, flipped(head));
    for (let other = -1; other <= leaves; other++) if (other !== index) wrong(leaf, { index: other });
    wrong(leaf, { path: [...path, leaf] });
    if (path.length === 0) return;
    const at = drawn(path.length);
    wrong(leaf, { path: path.with(at, flipped(path[at]!)) });
    wrong(leaf, { path: path.slice(1) });
    wrong(leaf, { path: path.slice(0, -1) });
  }), { numRuns: 300 });
});

test("no place and no path of any size is an error", () => {
  const hashes = fc.array(fc.nat().map((seed) => hashOfLeaf(String(seed))), { maxLength: 60 });
  fc.assert(fc.property(fc.maxSafeInteger(), fc.maxSafeInteger(), hashes, (index, leaves, path) => {
    const head = headFrom(hashOfLeaf("x"), { index, leaves, path });
    if (head !== undefined) assert.ok(index >= 0 && index < leaves && path.length <= Math.ceil(Math.log2(leaves)) + 1);
  }));
  assert.equal(headFrom(hashOfLeaf("x"), { index: NaN, leaves: 2, path: [] }), undefined);
});
