import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import { leafHash, treeBranch, treeHead } from "./hash-tree.ts";

/** Leaves and heads of the test data of Certificate Transparency. */
const leaves = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"].map((hex) => leafHash(Buffer.from(hex, "hex")));
const heads = [
  "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d", "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125", "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
  "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7", "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4", "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
  "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c", "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
];
const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");
const auditPath = (of: readonly Uint8Array[], index: number): readonly Uint8Array[] => {
  const { head, path } = treeBranch(of, index);
  assert.deepEqual(head, treeHead(of));
  return path;
};

test("heads are those that RFC 6962's own test data has, for one leaf to eight", () => {
  heads.forEach((head, at) => assert.equal(hex(treeHead(leaves.slice(0, at + 1))), head, `${at + 1} leaves`));
  assert.throws(() => treeHead([]), RangeError);
});

test("paths are those of RFC 6962, 2.1.3: neighbours from the leaf up", () => {
  const node = (left: Uint8Array, right: Uint8Array): Buffer => createHash("sha256").update(Buffer.concat([Buffer.of(1), left, right])).digest();
  // The figure of the RFC with seven leaves: a b c d e f j below g h i and k l.
  const [a, b, c, d, e, f, j] = leaves as [Buffer, Buffer, Buffer, Buffer, Buffer, Buffer, Buffer];
  const [g, h, i] = [node(a, b), node(c, d), node(e, f)];
  const [k, l] = [node(g, h), node(i, j)];
  const seven = leaves.slice(0, 7);
  assert.equal(hex(treeHead(seven)), hex(node(k, l)));
  const paths: Record<number, readonly Buffer[]> = { 0: [b, h, l], 3: [c, g, l], 4: [f, j, k], 6: [i, k] };
  for (const [index, path] of Object.entries(paths)) assert.deepEqual(auditPath(seven, Number(index)).map(hex), path.map(hex), index);
  assert.deepEqual(auditPath(leaves.slice(0, 1), 0), []);
  assert.deepEqual(auditPath(leaves.slice(0, 3), 2).map(hex), [heads[1]]);
  assert.deepEqual(auditPath(leaves.slice(0, 5), 1).map(hex).at(0), heads[0]);
  for (const index of [-1, 7, 0.5]) assert.throws(() => treeBranch(seven, index), RangeError);
});
