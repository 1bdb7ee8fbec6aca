import assert from "node:assert/strict";
import { test } from "node:test";
import { zstdDecompressSync } from "node:zlib";
import fc from "fast-check";
import { hasCode } from "@caudal/core";
import { packTable, sizeOf, unpackTable, type BucketTable } from "./bucket-table.ts";
import { levels, periodsIn } from "./level.ts";

const number = fc.double();
const bucket = fc.record({ count: fc.nat(), flagged: fc.nat(), min: number, max: number, integral: number, seconds: number, first: number, last: number, consumption: number });

test("a table is the same after packing, to the last bit", () => {
  const column = fc.array(fc.option(bucket, { nil: undefined }), { maxLength: 96 });
  fc.assert(fc.property(fc.array(fc.tuple(fc.string({ minLength: 1 }), column), { maxLength: 4 }), (columns) => {
    const table: BucketTable = new Map(columns);
    const unpacked = unpackTable(packTable(table));
    assert.equal(sizeOf(unpacked), sizeOf(table));
    for (const [variable, buckets] of table) buckets.forEach((expected, slot) => assert.deepEqual(unpacked.get(variable)?.[slot], expected === undefined ? undefined : { ...expected }));
  }));
});

test("revised buckets keep what is to be said of them, and tables without any are written as they always were", () => {
  const plain = { count: 1, flagged: 0, min: 1, max: 2, integral: 3, seconds: 4, first: 1, last: 2, consumption: NaN };
  const revised = { ...plain, revised: { late: 3, corrected: 1, atUs: 1_700_000_000_000_000 } };
  const formatOf = (table: BucketTable): number => zstdDecompressSync(packTable(table)).readUInt32LE(0);
  const mixed: BucketTable = new Map([["flow", [plain, undefined, revised]], ["total", [plain]]]);
  const unpacked = unpackTable(packTable(mixed));
  assert.deepEqual([unpacked.get("flow")?.[0], unpacked.get("flow")?.[2], unpacked.get("total")?.[0]], [plain, revised, plain]);
  assert.deepEqual([formatOf(mixed), formatOf(new Map([["flow", [plain]]]))], [2, 1]);
});

test("bytes that are no table are corrupt", () => {
  for (const bytes of [new Uint8Array(), new Uint8Array([1, 2, 3]), packTable(new Map()).subarray(0, 5)]) {
    assert.throws(() => unpackTable(bytes), (error) => hasCode(error, "corrupt"));
  }
});

test("periods of levels are UTC days, months and years, named so that their order is that of time", () => {
  const span = { fromUs: Date.UTC(2024, 1, 28, 5) * 1000, toUs: Date.UTC(2024, 2, 1) * 1000 };
  const names = (level: keyof typeof levels): string[] => [...periodsIn(levels[level], span)].map((period) => levels[level].periodName(period));
  assert.deepEqual(names("15m"), ["2024-02-28", "2024-02-29"]);
  assert.deepEqual(names("1h"), ["2024-02"]);
  assert.deepEqual(names("1d"), ["2024"]);
  assert.equal(levels["1d"].periodName(Date.UTC(12_000, 0) * 1000), "+012000");
});
