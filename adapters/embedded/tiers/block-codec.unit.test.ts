import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { ByteReader, ByteWriter, compareFacts, type FactArrays, FactList, type FactRun, mergeRuns, readNumbers, SIGNED_LIMIT, writeNumbers } from "@caudal/core";
import { decodeBlock, encodeBlock, type BlockKey } from "./block-codec.ts";

const fact = fc.record({
  instant: fc.oneof(fc.integer({ min: -5, max: 5 }), fc.maxSafeInteger()), variable: fc.nat(3), value: fc.option(fc.double({ noNaN: true, noDefaultInfinity: true })),
  flag: fc.integer({ min: 1, max: 4 }), authority: fc.nat(1), knownAt: fc.oneof(fc.nat(3), fc.maxSafeInteger()), reasons: fc.nat(300),
});
type SomeFact = typeof fact extends fc.Arbitrary<infer T> ? T : never;

function listOf(facts: readonly SomeFact[]): FactList {
  const list = new FactList(1);
  for (const { instant, variable, value, flag, authority, knownAt, reasons } of facts) {
    const one = new FactList(1);
    one.instants[0] = instant;
    one.variables[0] = variable;
    one.values[0] = value ?? NaN;
    one.flags[0] = flag;
    one.authorities[0] = authority;
    one.knownAts[0] = knownAt;
    one.reasons[0] = reasons;
    list.add(one, 0);
  }
  return list;
}

/** The facts in order, each revision once. */
function inOrder(facts: readonly SomeFact[], keepAll = true): FactRun {
  const runs = facts.map((one): FactRun => ({ facts: listOf([one]), start: 0, end: 1 }));
  return runs.reduce((merged, run) => mergeRuns(merged, run, keepAll), { facts: new FactList(0), start: 0, end: 0 });
}

function toObjects({ facts, start, end }: FactRun): readonly object[] {
  const pick = (i: number) => Object.fromEntries(Object.keys(new FactList(0)).filter((key) => key !== "length").map((key) => [key, facts[key as keyof FactArrays][i]]));
  return Array.from({ length: end - start }, (_, i) => pick(start + i));
}

function keyOf(run: FactRun): BlockKey {
  return { pointId: 7, firstUs: run.facts.instants[run.start]!, lastUs: run.facts.instants[run.end - 1]! };
}

test("a block gives back every fact of it, bit for bit", () => {
  fc.assert(fc.property(fc.array(fact, { minLength: 1, maxLength: 60 }), (facts) => {
    const run = inOrder(facts);
    const decoded = decodeBlock(keyOf(run), encodeBlock(keyOf(run), run));
    assert.ok(decoded !== undefined);
    assert.deepEqual(toObjects({ facts: decoded, start: 0, end: decoded.length }), toObjects(run));
  }), { numRuns: 300 });
});

test("a regular series takes less than six bytes a fact", () => {
  const facts = Array.from({ length: 3000 }, (_, i): SomeFact => ({
    instant: 1.7e15 + (i - i % 3) * 2e7, variable: i % 3, value: Math.round(Math.sin(i / 90) * 1e4) / 1e3, flag: 1, authority: 0, reasons: 0,
    knownAt: 1.7e15 + (i - i % 3) * 2e7 + ((i - i % 3) * 7919) % 1_000_000,
  }));
  const run = inOrder(facts);
  const bytes = encodeBlock(keyOf(run), run).length;
  assert.ok(bytes < 6 * facts.length, `${bytes / facts.length} bytes a fact`);
});

test("a flipped bit anywhere, or another row's key, is found out", () => {
  const run = inOrder(fc.sample(fact, { numRuns: 80, seed: 1 }));
  const block = encodeBlock(keyOf(run), run);
  for (let at = 0; at < block.length; at++) {
    const damaged = Buffer.from(block);
    damaged[at]! ^= 1 << at % 8;
    assert.equal(decodeBlock(keyOf(run), damaged), undefined, `byte ${at}`);
  }
  assert.equal(decodeBlock({ ...keyOf(run), pointId: 8 }, block), undefined);
  assert.equal(decodeBlock(keyOf(run), block.subarray(0, 3)), undefined);
});

test("numbers of any kind come back, and whole ones are short", () => {
  const numbers = fc.oneof(
    fc.array(fc.double({ noNaN: true, noDefaultInfinity: true })), fc.array(fc.maxSafeInteger()), fc.array(fc.integer({ min: -1000, max: 1000 }).map((n) => n / 100)),
    fc.constantFrom([-0], [0, -0], [SIGNED_LIMIT, -SIGNED_LIMIT], [999_999_999_999.999], [5e-324, 1.7e308], []),
  );
  fc.assert(fc.property(numbers, fc.constantFrom(1 as const, 2 as const), (values, order) => {
    const writer = new ByteWriter();
    writeNumbers(writer, Float64Array.from(values), order);
    const read = readNumbers(new ByteReader(writer.finish()), values.length, order);
    assert.ok(values.every((value, i) => Object.is(read[i], value)), `${values} came back as ${read}`);
  }), { numRuns: 1000 });
  const writer = new ByteWriter();
  writeNumbers(writer, Float64Array.from({ length: 100 }, (_, i) => i * 6e7), 2);
  assert.ok(writer.length < 115, `${writer.length} bytes`);
  assert.throws(() => readNumbers(new ByteReader(new Uint8Array([99])), 1), RangeError);
  assert.throws(() => readNumbers(new ByteReader(new Uint8Array([255, 1])), 1), RangeError);
  assert.throws(() => readNumbers(new ByteReader(new Uint8Array([0])), 1), RangeError);
});

test("whole numbers of any size come back", () => {
  fc.assert(fc.property(fc.array(fc.maxSafeNat()), fc.array(fc.integer({ min: 1 - SIGNED_LIMIT, max: SIGNED_LIMIT - 1 })), (positive, signed) => {
    const writer = new ByteWriter();
    writer.raw(new Uint8Array(5000));
    positive.forEach((value) => writer.unsigned(value));
    signed.forEach((value) => writer.signed(value));
    const reader = new ByteReader(writer.finish());
    reader.raw(5000);
    assert.deepEqual(positive.map(() => reader.unsigned()), positive);
    assert.deepEqual(signed.map(() => reader.signed()), signed);
    assert.equal(reader.remaining, 0);
  }));
});

test("merging keeps order and drops what is there already", () => {
  fc.assert(fc.property(fc.array(fact, { maxLength: 40 }), fc.array(fact, { maxLength: 40 }), fc.boolean(), (a, b, keepAll) => {
    const merged = mergeRuns(inOrder(a, keepAll), inOrder(b, keepAll), keepAll);
    for (let i = merged.start + 1; i < merged.end; i++) assert.ok(compareFacts(merged.facts, i - 1, merged.facts, i) < 0);
    const key = ({ instant, variable, authority, knownAt }: SomeFact): string => `${instant} ${variable}${keepAll ? ` ${authority} ${knownAt}` : ""}`;
    assert.equal(merged.end - merged.start, new Set([...a, ...b].map(key)).size);
  }));
});
