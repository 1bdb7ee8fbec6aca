import assert from "node:assert/strict";
import { test } from "node:test";
import { hashText, mix, Random } from "./random.ts";

test("numbers follow from the seed, now and on every machine", () => {
  const random = new Random(hashText("caudal"));
  assert.deepEqual(Array.from({ length: 4 }, () => random.next()), [1714414801, 1912840746, 3235808295, 1730751763]);
  assert.notEqual(mix(1, 2), mix(2, 1));
});

test("they are spread evenly, within their bounds", () => {
  const random = new Random(1);
  const counts = new Array<number>(10).fill(0);
  for (let draw = 0; draw < 100_000; draw++) counts[random.between(0, 9)]! += 1;
  assert.ok(counts.every((count) => count > 9500 && count < 10_500), counts.join(" "));
  assert.ok(Math.abs(Array.from({ length: 10_000 }, () => Number(random.chance(0.2))).reduce((a, b) => a + b) - 2000) < 200);
});
