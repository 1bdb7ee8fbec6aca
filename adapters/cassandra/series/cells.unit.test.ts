import assert from "node:assert/strict";
import { test } from "node:test";
import { FactList, hasCode, Words } from "@caudal/core";
import fc from "fast-check";
import { decodeFacts, encodeFacts } from "./fact-cell.ts";
import { compareAges, decodeNewest, encodeNewest, type FactAge } from "./newest-cell.ts";

const whole = fc.maxSafeInteger();
const fact = fc.record({
  variable: fc.string({ minLength: 1 }), value: fc.option(fc.double({ noNaN: true, noDefaultInfinity: true })), flag: fc.integer({ min: 1, max: 255 }),
  reasons: fc.oneof({ weight: 3, arbitrary: fc.constant<string[]>([]) }, { weight: 1, arbitrary: fc.uniqueArray(fc.string({ minLength: 1 }), { maxLength: 3 }) }),
});
const age: fc.Arbitrary<FactAge> = fc.record({ instantUs: whole, authority: fc.integer({ min: 0, max: 255 }), knownAtUs: whole });

test("facts come back from a row's bytes bit for bit", () => {
  fc.assert(fc.property(fc.array(fact, { minLength: 1, maxLength: 20 }), (facts) => {
    const words = new Words();
    const into = { facts: new FactList(), words };
    const ids = facts.map((_, i) => 100 - i);
    decodeFacts(encodeFacts(facts), { ids, places: ids.map((_, i) => i).reverse() }, { instantUs: 5, authority: 1, knownAtUs: 6 }, into);
    const back = into.facts;
    facts.forEach(({ value, flag, reasons }, place) => {
      const at = facts.length - 1 - place;
      assert.ok(Object.is(back.values[at], value ?? NaN));
      assert.deepEqual([back.variables[at], back.flags[at], back.instants[at], back.authorities[at], back.knownAts[at]], [100 - place, flag, 5, 1, 6]);
      assert.deepEqual(words.reasonsOf(back.reasons[at]!), reasons.toSorted());
    });
  }));
});

test("good facts take nine bytes at most beside their value's eight", () => {
  const good = ["flow", "level", "total"].map((variable) => ({ variable, value: 1, flag: 1, reasons: [] }));
  assert.equal(encodeFacts(good).length, 25);
});

test("bytes that were not written are corrupt", () => {
  const bytes = encodeFacts([{ variable: "flow", value: 1, flag: 1, reasons: [] }]);
  for (const damaged of [bytes.subarray(0, 5), Buffer.alloc(0), Buffer.concat([bytes, bytes]), Buffer.from([9, ...bytes.subarray(1)])]) {
    const into = { facts: new FactList(), words: new Words() };
    assert.throws(() => decodeFacts(damaged, { ids: [1], places: [0] }, { instantUs: 0, authority: 0, knownAtUs: 0 }, into), (error) => hasCode(error, "corrupt"));
  }
  assert.throws(() => decodeNewest(Buffer.alloc(3)), (error) => hasCode(error, "corrupt"));
});

test("a newest fact comes back", () => {
  fc.assert(fc.property(fact, age, (some, { instantUs, ...revision }) => {
    const { value, flag, reasons } = some;
    const back = decodeNewest(encodeNewest(some, instantUs, revision));
    assert.ok(Object.is(back.value, value));
    assert.deepEqual({ ...back, value: 0 }, { value: 0, flag, reasons: reasons.toSorted(), instantUs, ...revision });
  }));
});

test("of one instant, the bytes compare as the revisions do", () => {
  const some = { variable: "flow", value: 1, flag: 1, reasons: [] };
  fc.assert(fc.property(age, age, (a, b) => {
    const [first, second] = [a, b].map((one) => encodeNewest(some, 7, one));
    assert.equal(Math.sign(Buffer.compare(first!, second!)), Math.sign(compareAges({ ...a, instantUs: 7 }, { ...b, instantUs: 7 })));
  }));
});
