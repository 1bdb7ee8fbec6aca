import assert from "node:assert/strict";
import { test } from "node:test";
import { addDecimals } from "../decimal/decimal-sum.ts";
import { multiplyDecimals } from "../decimal/decimal-product.ts";
import { dialReadings } from "./dial.ts";

test("42 817 pulses of 100 L after 1200 m3 of other segments: 5482 stored, 35 482 on the dial, 4282 counted", () => {
  const volumeM3 = addDecimals(multiplyDecimals(42_817, 0.1), 1200);
  assert.deepEqual(dialReadings(volumeM3, 1200, 30_000), { storedM3: 5482, dialM3: 35_482, countedM3: 4282 });
});

test("stored 687 970 and a dial that began at 10 678 672 show 11 366 642", () => {
  assert.equal(dialReadings(687_970, 0, 10_678_672).dialM3, 11_366_642);
});

test("a reset at 42 817 of 100 L after 1200 m3, then 12: 5481.7 are carried, 5483 stored", () => {
  const carriedM3 = addDecimals(1200, multiplyDecimals(42_817, 0.1));
  assert.equal(carriedM3, 5481.7);
  assert.equal(dialReadings(addDecimals(carriedM3, multiplyDecimals(12, 0.1)), carriedM3, 0).storedM3, 5483);
});
