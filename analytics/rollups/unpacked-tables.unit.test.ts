import assert from "node:assert/strict";
import { test } from "node:test";
import { emptyBucket } from "../buckets/bucket.ts";
import { packTable, type BucketTable } from "./bucket-table.ts";
import { UnpackedTables } from "./unpacked-tables.ts";

function blobOf(count: number, buckets: number): Uint8Array {
  const table: BucketTable = new Map([["flow", Array.from({ length: buckets }, () => ({ ...emptyBucket(), count }))]]);
  return packTable(table);
}

test("a table is unpacked once as long as its bytes stay the same", () => {
  const tables = new UnpackedTables();
  const first = tables.of("a", blobOf(1, 3));
  assert.equal(tables.of("a", blobOf(1, 3)), first);
  const changed = tables.of("a", blobOf(2, 3));
  assert.equal(changed.get("flow")?.[0]?.count, 2);
  assert.equal(tables.of("b", blobOf(1, 3)).get("flow")?.[0]?.count, 1);
  tables.clear();
  assert.notEqual(tables.of("a", blobOf(2, 3)), changed);
});

test("those that were read longest ago go when there are too many, and one that is too large is not kept", () => {
  const tables = new UnpackedTables();
  const [a, b] = [tables.of("a", blobOf(1, 16_000)), tables.of("b", blobOf(1, 16_000))];
  assert.equal(tables.of("a", blobOf(1, 16_000)), a);
  tables.of("c", blobOf(1, 16_000));
  assert.equal(tables.of("a", blobOf(1, 16_000)), a);
  assert.notEqual(tables.of("b", blobOf(1, 16_000)), b);
  const large = blobOf(1, 40_000);
  assert.notEqual(tables.of("d", large), tables.of("d", large));
});
