import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { compareFacts, FactList, hasCode, Words, type FactRun } from "@caudal/core";
import { decodeEntry, encodeEntry, type PointEntry } from "./log-entry.ts";

const fact = fc.record({
  instant: fc.oneof(fc.integer({ min: -3, max: 3 }), fc.maxSafeInteger()), variable: fc.constantFrom("flow", "total", "nivel 🌊"), value: fc.option(fc.double({ noNaN: true, noDefaultInfinity: true })),
  knownAt: fc.maxSafeInteger(), authority: fc.nat(1), reasons: fc.uniqueArray(fc.constantFrom("late", "rate", "withdrawn"), { maxLength: 2 }),
});
type SomeFact = typeof fact extends fc.Arbitrary<infer T> ? T : never;
const name = fc.string({ minLength: 1, maxLength: 5, unit: "grapheme" }).filter((text) => !text.includes("\0") && text.isWellFormed());
const point = fc.record({
  text: fc.tuple(name, name).map(([client, some]) => `${client}\0${some}`), floor: fc.option(fc.record({ floorUs: fc.oneof(fc.constant(-Infinity), fc.double({ noNaN: true })), begins: fc.boolean() })),
  facts: fc.uniqueArray(fact, { selector: ({ instant, variable }) => `${instant} ${variable}`, maxLength: 8 }),
});

function runOf(facts: readonly SomeFact[], words: Words): FactRun {
  const all = new FactList(1);
  const one = new FactList(1);
  for (const { instant, variable, value, knownAt, authority, reasons } of facts) {
    one.instants[0] = instant;
    one.variables[0] = words.idOf(variable);
    one.values[0] = value ?? NaN;
    one.flags[0] = 2;
    one.authorities[0] = authority;
    one.knownAts[0] = knownAt;
    one.reasons[0] = words.idOfReasons(reasons);
    all.add(one, 0);
  }
  const sorted = new FactList(1);
  for (const i of Array.from({ length: all.length }, (_, index) => index).sort((a, b) => compareFacts(all, a, all, b))) sorted.add(all, i);
  return { facts: sorted, start: 0, end: sorted.length };
}

function told({ text, floorUs, begins, run }: PointEntry, words: Words): object {
  const facts = run === undefined ? [] : Array.from({ length: run.end - run.start }, (_, at) => {
    const i = run.start + at;
    const { instants, variables, values, flags, authorities, knownAts, reasons } = run.facts;
    return [instants[i], words.textOf(variables[i]!), values[i], flags[i], authorities[i], knownAts[i], words.reasonsOf(reasons[i]!)];
  });
  return { text, floorUs, begins, facts: facts.map((one) => JSON.stringify(one)).sort() };
}

test("an entry gives back all it was told of each point, to a process that numbers words otherwise", () => {
  fc.assert(fc.property(fc.array(point, { maxLength: 6 }), (points) => {
    const [writer, reader] = [new Words(), new Words()];
    reader.idOf("total");
    const entries = points.map(({ text, floor, facts }): PointEntry => ({ text, ...floor, ...(facts.length === 0 ? {} : { run: runOf(facts, writer) }) }));
    const decoded = decodeEntry(encodeEntry(entries, writer), reader);
    assert.deepEqual(decoded.map((entry) => told(entry, reader)), entries.map((entry) => told(entry, writer)));
    for (const { run } of decoded) {
      if (run === undefined) continue;
      for (let i = run.start + 1; i < run.end; i++) assert.ok(compareFacts(run.facts, i - 1, run.facts, i) < 0);
    }
  }));
});

test("damage is found out", () => {
  const words = new Words();
  const body = encodeEntry([{ text: "c\0p", run: runOf([{ instant: 1, variable: "flow", value: 1, knownAt: 1, authority: 0, reasons: [] }], words) }], words);
  const damaged = Buffer.from(body.f!);
  damaged[damaged.length - 1]! ^= 1;
  assert.throws(() => decodeEntry({ ...body, f: damaged }, words), (error) => hasCode(error, "corrupt"));
});
