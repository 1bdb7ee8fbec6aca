import assert from "node:assert/strict";
import { test } from "node:test";
import { dayStart, dayText, DAY_US } from "./days.ts";
import { partsOf } from "./pairs.ts";

const floors = (warmUs: number | undefined, coldUs: number | undefined) => [{ tier: "warm", floorUs: warmUs, isLast: false }, { tier: "cold", floorUs: coldUs, isLast: true }] as const;

test("a span is divided among the tiers that hold for longer, the cheapest first", () => {
  const span = { fromUs: 10, toUs: 20 };
  assert.deepEqual(partsOf(span, floors(5, -Infinity)), [{ slower: "warm", fromUs: 10, toUs: 20 }]);
  assert.deepEqual(partsOf(span, floors(15, -Infinity)), [{ slower: "cold", fromUs: 10, toUs: 15 }, { slower: "warm", fromUs: 15, toUs: 20 }]);
  assert.deepEqual(partsOf(span, floors(undefined, undefined)), [{ slower: "cold", fromUs: 10, toUs: 20 }], "cold keeps for ever what it never saw");
  assert.deepEqual(partsOf(span, floors(18, 14)), [{ slower: null, fromUs: 10, toUs: 14 }, { slower: "cold", fromUs: 14, toUs: 18 }, { slower: "warm", fromUs: 18, toUs: 20 }]);
});

test("days are UTC's, before 1970 too", () => {
  assert.equal(dayText(dayStart(Date.parse("2026-03-01T23:59:59.999Z") * 1000)), "2026-03-01");
  assert.equal(dayStart(-1), -DAY_US);
});
