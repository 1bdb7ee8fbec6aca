import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { RowBlock } from "../ports/series-tier.ts";
import { compareHeld, compareSeries, heldFacts, sameContent, type FactDifference, type HeldFact } from "./compare-series.ts";

const variables = ["flow", "total"] as const;
const fact: fc.Arbitrary<HeldFact> = fc.record({
  instantUs: fc.integer({ min: 0, max: 12 }), variable: fc.constantFrom(...variables), value: fc.constantFrom(null, 0, -0, 1.5), flag: fc.constantFrom(1, 4),
  reasons: fc.constantFrom([], ["late"], ["range", "late"], ["late", "range"]), authority: fc.constantFrom(0, 1), knownAtUs: fc.integer({ min: 1, max: 2 }),
}, { noNullPrototype: true });
const series = fc.uniqueArray(fact, { selector: nameOf, maxLength: 20 });

function nameOf({ instantUs, variable }: { instantUs: number; variable: string }): string {
  return `${instantUs} ${variable}`;
}

/** Blocks of some rows as a tier streams them. */
async function* blocksOf(facts: readonly HeldFact[], rowsABlock: number): AsyncGenerator<RowBlock> {
  const times = [...new Set(facts.map(({ instantUs }) => instantUs))].sort((a, b) => a - b);
  for (let at = 0; at < times.length; at += rowsABlock) {
    const some = times.slice(at, at + rowsABlock);
    const held = (row: number, variable: string): HeldFact | undefined => facts.find((each) => each.instantUs === some[row] && each.variable === variable);
    yield {
      rows: some.length, timesUs: Float64Array.from(some),
      columns: variables.map((variable) => ({
        variable,
        values: Float64Array.from(some, (_, row) => held(row, variable)?.value ?? NaN), flags: Uint8Array.from(some, (_, row) => held(row, variable)?.flag ?? 0),
        reasons: new Map(some.flatMap((_, row) => { const reasons = held(row, variable)?.reasons ?? []; return reasons.length === 0 ? [] : [[row, reasons] as const]; })),
        authorities: Uint8Array.from(some, (_, row) => held(row, variable)?.authority ?? 0), knownAtUs: Float64Array.from(some, (_, row) => held(row, variable)?.knownAtUs ?? 0),
      })),
    };
  }
}

test("two series give exactly the facts in which they differ, in time order, however they are cut into blocks", async () => {
  await fc.assert(fc.asyncProperty(series, series, fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 5 }), fc.boolean(), async (first, others, rowsA, rowsB, alike) => {
    const second = alike ? [...first.filter((_, i) => i % 3 !== 0), ...others.filter((each) => !first.some((one) => nameOf(one) === nameOf(each)))] : others;
    const found: FactDifference[] = [];
    for await (const difference of compareSeries(blocksOf(first, rowsA), blocksOf(second, rowsB))) found.push(difference);
    const names = new Set([...first, ...second].map(nameOf));
    const wanted = [...names].filter((name) => {
      const [a, b] = [first.find((each) => nameOf(each) === name), second.find((each) => nameOf(each) === name)];
      return a === undefined || b === undefined || compareHeld(a, b) !== 0 || !sameContent(a, b);
    });
    assert.deepEqual(found.map(nameOf).sort(), wanted.sort());
    assert.ok(found.every(({ instantUs }, i) => i === 0 || instantUs >= found[i - 1]!.instantUs));
    for (const { a, b, ...at } of found) assert.deepEqual([a, b], [first.find((each) => nameOf(each) === nameOf(at)), second.find((each) => nameOf(each) === nameOf(at))]);
  }));
});

test("what says the same in another order of reasons is the same, and zero is not minus zero", async () => {
  const base: HeldFact = { instantUs: 0, variable: "flow", value: 0, flag: 1, reasons: ["a", "b"], authority: 0, knownAtUs: 1 };
  assert.equal(sameContent(base, { ...base, reasons: ["b", "a"], knownAtUs: 9 }), true);
  assert.equal(sameContent(base, { ...base, value: -0 }), false);
  assert.equal(sameContent(undefined, base), false);
  assert.deepEqual([compareHeld(undefined, base), compareHeld(base, undefined), compareHeld(undefined, undefined)], [-1, 1, 0]);
  assert.ok(compareHeld({ ...base, authority: 1 }, { ...base, knownAtUs: 9 }) > 0);
});

test("streams are let go of when nobody reads on", async () => {
  const closed: string[] = [];
  async function* endless(name: string): AsyncGenerator<RowBlock> {
    try {
      for (let at = 0; ; at++) yield* blocksOf([{ instantUs: at, variable: "flow", value: name === "a" ? 1 : 2, flag: 1, reasons: [], authority: 0, knownAtUs: 1 }], 1);
    } finally {
      closed.push(name);
    }
  }
  for await (const { a, b } of compareSeries(endless("a"), endless("b"))) {
    assert.notEqual(a?.value, b?.value);
    break;
  }
  assert.deepEqual(closed.sort(), ["a", "b"]);
  const held: HeldFact[] = [];
  for await (const block of blocksOf([{ instantUs: 5, variable: "total", value: null, flag: 4, reasons: ["withdrawn"], authority: 1, knownAtUs: 7 }], 1)) held.push(...heldFacts(block));
  assert.deepEqual(held, [{ instantUs: 5, variable: "total", value: null, flag: 4, reasons: ["withdrawn"], authority: 1, knownAtUs: 7 }]);
});
