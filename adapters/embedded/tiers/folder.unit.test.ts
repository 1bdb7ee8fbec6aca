import assert from "node:assert/strict";
import { test } from "node:test";
import { MAX_BLOCK_FACTS, smallNeighbours } from "./folder.ts";
import type { BlockMeta } from "./tier-file.ts";

function blocks(...facts: readonly (number | "stranded")[]): BlockMeta[] {
  return facts.map((count, id) => ({ id, pointId: 1, firstUs: id, lastUs: id, facts: count === "stranded" ? 1 : count, stranded: count === "stranded" }));
}

test("four small neighbours become one, the smallest first", () => {
  const ids = (...facts: readonly (number | "stranded")[]) => smallNeighbours(blocks(...facts))?.map(({ id }) => id);
  assert.equal(ids(), undefined);
  assert.equal(ids(1, 2, 3), undefined);
  assert.deepEqual(ids(1, 2, 3, 4), [0, 1, 2, 3]);
  assert.deepEqual(ids(5000, 1000, 1000, 1, 2, 3, 4), [3, 4, 5, 6]);
  assert.deepEqual(ids(5000, 1000, 1000, 600, 600), [1, 2, 3, 4]);
  assert.deepEqual(ids(1, 1, 1, 1, 9000, 1), [0, 1, 2, 3]);
  assert.equal(ids(1, 1, "stranded", 1, 1), undefined);
  assert.equal(ids(MAX_BLOCK_FACTS, MAX_BLOCK_FACTS, MAX_BLOCK_FACTS, MAX_BLOCK_FACTS), undefined);
});

test("a block never grows beyond its bound by merging", () => {
  const merged = smallNeighbours(blocks(4000, 4000, 4000, 4000, 4000, 4000))!;
  assert.ok(merged.reduce((sum, { facts }) => sum + facts, 0) <= MAX_BLOCK_FACTS);
  assert.equal(merged.length, 4);
});
