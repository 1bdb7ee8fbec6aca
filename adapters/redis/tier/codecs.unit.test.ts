import assert from "node:assert/strict";
import { test } from "node:test";
import { FactList, hasCode, type LatestFact, Words } from "@caudal/core";
import fc from "fast-check";
import { decodeHour, encodeChunk } from "./hour-codec.ts";
import { HEAD_BYTES, hourSteps, TOKEN_BYTES } from "./scripts.ts";
import { Scratch } from "./scratch.ts";
import { addNewest, decodeState, encodeState } from "./state-codec.ts";
import { TextCache } from "./text-cache.ts";

const key = { client: "acme", point: "p" };
const fact = fc.record({
  instantUs: fc.oneof(fc.maxSafeInteger(), fc.integer({ min: -3, max: 3 })), variable: fc.constantFrom("flow", "level", "nivel 🌊", "x".repeat(250)),
  value: fc.option(fc.double({ noNaN: true, noDefaultInfinity: true })), flag: fc.integer({ min: 1, max: 255 }), authority: fc.nat(255), knownAtUs: fc.maxSafeInteger(),
  reasons: fc.uniqueArray(fc.constantFrom("late", "rate", "withdrawn"), { maxLength: 3 }).map((reasons): string[] => reasons.sort()),
}, { noNullPrototype: true });
type SomeFact = typeof fact extends fc.Arbitrary<infer T> ? T : never;

function listOf(facts: readonly SomeFact[], words: Words): FactList {
  const list = new FactList(facts.length);
  list.length = facts.length;
  facts.forEach((one, i) => {
    list.instants[i] = one.instantUs;
    list.variables[i] = words.idOf(one.variable);
    list.values[i] = one.value ?? NaN;
    list.flags[i] = one.flag;
    list.authorities[i] = one.authority;
    list.knownAts[i] = one.knownAtUs;
    list.reasons[i] = words.idOfReasons(one.reasons);
  });
  return list;
}

function told(list: FactList, words: Words): SomeFact[] {
  return Array.from({ length: list.length }, (_, i) => ({
    instantUs: list.instants[i]!, variable: words.textOf(list.variables[i]!), value: Number.isNaN(list.values[i]) ? null : list.values[i]!, flag: list.flags[i]!,
    authority: list.authorities[i]!, knownAtUs: list.knownAts[i]!, reasons: [...words.reasonsOf(list.reasons[i]!)],
  }));
}

test("a state comes back whole in another process, and its newest facts alone; a flipped bit is found out", () => {
  const [words, scratch, texts] = [new Words(), new Scratch(), new TextCache()];
  fc.assert(fc.property(fc.array(fact, { maxLength: 40 }), fc.uniqueArray(fc.integer({ min: -700_000, max: 2_500_000 })), fc.boolean(), fc.double({ noNaN: true }), (facts, hours, hasBegun, floorUs) => {
    const inOrder = hours.sort((a, b) => a - b);
    const token = "t".repeat(TOKEN_BYTES);
    const bytes = encodeState({ token, hasBegun, floorUs, hours: inOrder, newest: listOf(facts, words) }, words, scratch).subarray(HEAD_BYTES);
    const other = new Words();
    const { newest, ...state } = decodeState(bytes, other);
    assert.deepEqual(state, { token, hasBegun, floorUs, hours: inOrder });
    assert.deepEqual(told(newest, other), facts);
    const latest: LatestFact[] = [];
    addNewest(latest, bytes, key, texts);
    assert.deepEqual(latest, facts.filter(({ instantUs }) => instantUs >= floorUs).map((one) => ({ ...key, ...one })));
    const damaged = Buffer.from(bytes);
    damaged[hours.length % damaged.length]! ^= 4;
    assert.throws(() => decodeState(damaged, other), (error) => hasCode(error, "corrupt"));
  }), { numRuns: 200 });
});

test("chunks of few facts and of many come back as one hour, the greatest revision of each fact", () => {
  const [words, scratch] = [new Words(), new Scratch()];
  fc.assert(fc.property(fc.array(fc.array(fact, { minLength: 1, maxLength: 30 }), { minLength: 1, maxLength: 6 }), (chunks) => {
    const greatest = new Map<string, SomeFact>();
    const bytes = chunks.map((chunk) => {
      const distinct = [...new Map(chunk.map((one) => [`${one.instantUs} ${one.variable}`, one])).values()];
      for (const one of distinct) {
        const was = greatest.get(`${one.instantUs} ${one.variable}`);
        if (was === undefined || one.authority - was.authority > 0 || (one.authority === was.authority && one.knownAtUs > was.knownAtUs)) greatest.set(`${one.instantUs} ${one.variable}`, one);
      }
      const facts = listOf(distinct, words);
      const order = distinct.map((_, i) => i).sort((a, b) => facts.instants[a]! - facts.instants[b]! || facts.variables[a]! - facts.variables[b]!);
      return encodeChunk(hourSteps.append, facts, order, { words, scratch }).subarray(1);
    });
    const other = new Words();
    const { run: { facts, start, end }, firstBytes } = decodeHour(Buffer.concat(bytes), other);
    assert.equal(firstBytes, bytes[0]!.length);
    const list = new FactList(0);
    list.addRun(facts, start, end);
    const order = (some: readonly SomeFact[]): SomeFact[] => [...some].sort((a, b) => a.instantUs - b.instantUs || (a.variable < b.variable ? -1 : 1));
    assert.deepEqual(order(told(list, other)), order([...greatest.values()]));
  }), { numRuns: 200 });
});
