import assert from "node:assert/strict";
import { test } from "node:test";
import type { StoredRecord } from "@caudal/core";
import { Tail, TailCache } from "./tail-cache.ts";

const records = (from: number, count: number): StoredRecord[] =>
  Array.from({ length: count }, (_, i) => ({ offset: from + i, appendedAtUs: 0, key: "k", headers: {}, value: new Uint8Array(9) }));
const offsetsOf = (taken: readonly StoredRecord[]): number[] => taken.map(({ offset }) => offset);

test("a tail gives records from any offset it holds, across commits and within limits", () => {
  const cache = new TailCache(1_000_000);
  const tail = new Tail();
  assert.equal(tail.firstOffset, Infinity);
  for (const from of [10, 13, 16]) cache.add(new Map([[tail, records(from, 3)]]), 30);
  assert.equal(tail.firstOffset, 10);
  assert.deepEqual(offsetsOf(tail.take(10, 100, 1e6)), [10, 11, 12, 13, 14, 15, 16, 17, 18]);
  assert.deepEqual(offsetsOf(tail.take(14, 3, 1e6)), [14, 15, 16]);
  assert.deepEqual(offsetsOf(tail.take(12, 100, 25)), [12, 13]);
  assert.deepEqual(offsetsOf(tail.take(18, 100, 1)), [18]);
});

test("the oldest commit goes first from all tails it touched, and each tail stays without a hole", () => {
  const cache = new TailCache(8000);
  const [a, b] = [new Tail(), new Tail()];
  cache.add(new Map([[a, records(0, 2)], [b, records(0, 2)]]), 100);
  cache.add(new Map([[a, records(2, 2)]]), 100);
  cache.add(new Map([[a, records(4, 2)], [b, records(2, 1)]]), 100);
  assert.deepEqual([a.firstOffset, b.firstOffset], [2, 2]);
  assert.deepEqual(offsetsOf(a.take(2, 100, 1e6)), [2, 3, 4, 5]);
  cache.add(new Map([[a, records(6, 1)]]), 1_000_000);
  assert.deepEqual([a.firstOffset, b.firstOffset], [Infinity, Infinity], "one commit beyond the bound holds nothing");
});
