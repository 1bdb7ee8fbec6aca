import assert from "node:assert/strict";
import { suite, test } from "node:test";
import fc from "fast-check";
import { expectFacts, type KnownMessage } from "./expectation.ts";

const meaningOf = (key: string): { variable: string; unit: string } => ({ variable: key, unit: "m" });

function message(seq: number, value: number, more: Partial<KnownMessage> = {}): KnownMessage {
  return { seq, device: "d", transport: "mqtt", atUs: seq, samples: [{ key: "level", timeUs: 1000, value }], expect: "stored", follows: null, outcome: "acknowledged", attempts: 1, ...more };
}

const finalsOf = (messages: readonly KnownMessage[]): (number | null)[] => expectFacts(messages, meaningOf)[0]?.finals.map(({ value }) => value) ?? [];

suite("what must stand", () => {
  test("of messages that came one after the other the last holds, whatever came before", () => {
    fc.assert(fc.property(fc.array(fc.record({ key: fc.constantFrom("level", "flow"), time: fc.integer({ min: 0, max: 5 }), value: fc.integer({ min: 0, max: 9 }) }), { maxLength: 40 }), (rows) => {
      const messages = rows.map(({ key, time, value }, seq) => message(seq, value, { samples: [{ key, timeUs: time, value }] }));
      const last = new Map(rows.map(({ key, time, value }) => [`${time} ${key}`, value]));
      const facts = expectFacts(messages, meaningOf);
      assert.deepEqual(new Map(facts.map(({ instantUs, variable, finals }) => [`${instantUs} ${variable}`, finals.map((one) => one.value)])), new Map([...last].map(([at, value]) => [at, [value]])));
      assert.ok(facts.every((fact, at) => at === 0 || facts[at - 1]!.instantUs < fact.instantUs || (facts[at - 1]!.instantUs === fact.instantUs && facts[at - 1]!.variable < fact.variable)));
      assert.ok(facts.every(({ mustStand }) => mustStand));
    }));
  });

  test("what nobody acknowledged may be there or not, and may have come at any time", () => {
    assert.deepEqual(finalsOf([message(1, 5, { outcome: "unknown" }), message(2, 6)]), [5, 6]);
    assert.deepEqual(finalsOf([message(1, 5), message(2, 6, { outcome: "unknown" })]), [5, 6]);
    assert.equal(expectFacts([message(1, 5, { outcome: "unknown" })], meaningOf)[0]!.mustStand, false);
  });

  test("another way in, or a second try, may overtake; a correction never overtakes what it corrects", () => {
    assert.deepEqual(finalsOf([message(1, 5), message(2, 6, { transport: "http" })]), [5, 6]);
    assert.deepEqual(finalsOf([message(1, 5, { attempts: 3 }), message(2, 6)]), [5, 6]);
    assert.deepEqual(finalsOf([message(1, 5, { attempts: 3 }), message(2, 6, { follows: 1, transport: "http" })]), [6]);
  });

  test("a repetition stands for its first; what was refused, parked or dropped gives no fact", () => {
    assert.deepEqual(finalsOf([message(1, 5, { outcome: "unknown" }), message(2, 5, { expect: "dropped:duplicate", follows: 1 })]), [5]);
    for (const more of [{ outcome: "refused" }, { expect: "parked:malformed-json" }, { expect: "dropped:not-numeric" }] as const) assert.deepEqual(finalsOf([message(1, 5, more)]), []);
  });

  test("a key that the fleet does not describe is a broken truth", () => {
    assert.throws(() => expectFacts([message(1, 5)], () => undefined), /fleet\.json/);
  });
});
