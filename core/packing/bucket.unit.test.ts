import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { hasCode } from "../errors.ts";
import { decodeBucket, encodeBucket } from "./bucket.ts";
import { compareFacts, FactList } from "./fact-list.ts";
import { mergeRuns, type FactRun } from "./fact-merge.ts";
import { Words } from "./words.ts";

const OLD_BUCKET = "b885cca501000304666c6f77025b5d05746f74616c030200d00fd00f02000101000000a01f010100010101020202000000a01fa01f0201000101011e14";
const variables = ["flow", "total", "nivel 🌊"];
const fact = fc.record({
  instant: fc.integer({ min: -5, max: 5 }), variable: fc.constantFrom(...variables), value: fc.option(fc.double({ noNaN: true, noDefaultInfinity: true })),
  knownAt: fc.nat(5), reasons: fc.uniqueArray(fc.constantFrom("late", "rate", "withdrawn"), { maxLength: 3 }),
});
type SomeFact = typeof fact extends fc.Arbitrary<infer T> ? T : never;

function runOf(facts: readonly SomeFact[], words: Words): FactRun {
  const runs = facts.map(({ instant, variable, value, knownAt, reasons }): FactRun => {
    const one = new FactList(1);
    one.length = 1;
    one.instants[0] = instant;
    one.variables[0] = words.idOf(variable);
    one.values[0] = value ?? NaN;
    one.flags[0] = 1;
    one.knownAts[0] = knownAt;
    one.reasons[0] = words.idOfReasons(reasons);
    return { facts: one, start: 0, end: 1 };
  });
  return runs.reduce((merged, run) => mergeRuns(merged, run, true), { facts: new FactList(0), start: 0, end: 0 });
}

function told({ facts, start, end }: FactRun, words: Words): readonly object[] {
  return Array.from({ length: end - start }, (_, i) => ({
    instant: facts.instants[start + i], variable: words.textOf(facts.variables[start + i]!), value: facts.values[start + i], known: facts.knownAts[start + i],
    reasons: words.reasonsOf(facts.reasons[start + i]!),
  }));
}

const byName = (facts: readonly object[]): string[] => facts.map((one) => JSON.stringify(one)).sort();

test("a bucket gives every fact of it to a process that numbers words otherwise, in that one's order", () => {
  fc.assert(fc.property(fc.array(fact, { minLength: 1, maxLength: 40 }), fc.constantFrom(1, Infinity), (facts, compressFromBytes) => {
    const [writer, reader] = [new Words(), new Words()];
    for (const variable of variables.toReversed()) reader.idOf(variable);
    const run = runOf(facts, writer);
    const decoded = decodeBucket(encodeBucket(run, writer, { compressFromBytes }), reader);
    assert.deepEqual(byName(told({ facts: decoded, start: 0, end: decoded.length }, reader)), byName(told(run, writer)));
    for (let i = 1; i < decoded.length; i++) assert.ok(compareFacts(decoded, i - 1, decoded, i) < 0);
  }), { numRuns: 200 });
});

/** Hourly rows of a counter as the processor gives them: total, volume, and the flow between two rows; each known some time later. */
function counted(words: Words, { rows, delayUs, silent = () => false }: { readonly rows: number; readonly delayUs: (row: number) => number; readonly silent?: (row: number) => boolean }): FactRun {
  const facts = new FactList();
  const one = new FactList(1);
  let litres = 1000;
  let beforeUs = NaN;
  for (let row = 0; row < rows; row++) {
    const instantUs = 1.7e15 + row * 3_600_000_000 + (row % 7) * 1_000_000;
    const amount = (row * row) % 37;
    litres += amount;
    const flow = Number((amount / ((instantUs - beforeUs) / 1e6)).toPrecision(12));
    for (const [variable, value] of [["total", litres / 1000], ["volume", litres / 1000], ["flow", flow]] as const) {
      if (Number.isNaN(value) || (variable === "flow" && silent(row))) continue;
      Object.assign(one, { length: 1 });
      [one.instants[0], one.knownAts[0], one.variables[0], one.values[0], one.flags[0]] = [instantUs, instantUs + delayUs(row), words.idOf(variable), value, 1];
      facts.add(one, 0);
    }
    beforeUs = instantUs;
  }
  return { facts, start: 0, end: facts.length };
}

const chance = (row: number): number => 1_000_000 + ((row * 7919) % 2999) * 1000;

test("a counter with its derived flow and times of arrival comes back bit for bit, whatever its gaps, delays and units of time", () => {
  const delays = fc.constantFrom(chance, (row: number) => 1_234_567 + row, (row: number) => (row % 3 === 0 ? -5_000_001 : 7 * row), () => 0, (row: number) => 1e13 - row * 3_600_000_000);
  fc.assert(fc.property(fc.integer({ min: 1, max: 200 }), delays, fc.integer({ min: 1, max: 9 }), (rows, delayUs, every) => {
    const words = new Words();
    const run = counted(words, { rows, delayUs, silent: (row) => row % every === 0 });
    const decoded = decodeBucket(encodeBucket(run, words), words);
    assert.deepEqual(told({ facts: decoded, start: 0, end: decoded.length }, words), told(run, words));
  }));
});

test("such a measurement of three values takes less than five bytes where each arrives by itself", () => {
  const words = new Words();
  const run = counted(words, { rows: 1000, delayUs: chance, silent: (row) => row % 100 === 0 });
  assert.ok(encodeBucket(run, words).length / 1000 < 5, `${encodeBucket(run, words).length / 1000}`);
});

test("a bucket of the format before is read", () => {
  // total 1.5 and flow 0.1 at 1000, known at 2000; total 2.5 at 3000, known at 4000.
  const words = new Words();
  for (const name of ["flow", "total"]) words.idOf(name);
  const old = Buffer.from(OLD_BUCKET, "hex");
  assert.equal(old[4], 1);
  const facts = decodeBucket(old, words);
  const read = { facts, start: 0, end: facts.length };
  assert.deepEqual(told(read, words).map((fact) => Object.values(fact).slice(0, 4)), [[1000, "flow", 0.1, 2000], [1000, "total", 1.5, 2000], [3000, "total", 2.5, 4000]]);
});

test("a flipped bit anywhere is found out", () => {
  const words = new Words();
  const bucket = encodeBucket(runOf(fc.sample(fact, { numRuns: 20, seed: 3 }), words), words);
  for (let at = 0; at < bucket.length; at++) {
    const damaged = Buffer.from(bucket);
    damaged[at]! ^= 1 << at % 8;
    assert.throws(() => decodeBucket(damaged, words), (error) => hasCode(error, "corrupt"), `byte ${at}`);
  }
  assert.throws(() => decodeBucket(bucket.subarray(0, 3), words), (error) => hasCode(error, "corrupt"));
});

test("sets of reasons are one word in any order", () => {
  const words = new Words();
  assert.equal(words.idOfReasons(["rate", "late"]), words.idOfReasons(["late", "rate"]));
  assert.equal(words.idOfReasons([]), 0);
  assert.ok(words.isWithdrawn(words.idOfReasons(["withdrawn"])));
  assert.throws(() => words.textOf(99), (error) => hasCode(error, "corrupt"));
});
