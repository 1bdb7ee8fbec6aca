import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import fc from "fast-check";
import { DigestBuilder, digestOf, type DigestFact } from "./digest.ts";

const fact: fc.Arbitrary<DigestFact> = fc.record({
  instantUs: fc.maxSafeInteger(), variable: fc.string({ maxLength: 8 }), value: fc.option(fc.double({ noNaN: true })), flag: fc.nat(255),
  reasons: fc.uniqueArray(fc.string({ maxLength: 5 }), { maxLength: 3 }),
});
const facts = fc.uniqueArray(fact, { selector: ({ instantUs, variable }) => `${instantUs} ${variable}`, maxLength: 30 });

test("the digest of a fact is SHA-256 of its documented bytes", () => {
  const one = { instantUs: -2, variable: "q", value: 1.5, flag: 3, reasons: ["rate", "late"] };
  const bytes = Buffer.from("feffffffffffffff" + "010071" + "01" + "000000000000f83f" + "03" + "0200" + "04006c617465" + "040072617465", "hex");
  assert.deepEqual(digestOf([one]), { facts: 1, hash: createHash("sha256").update(bytes).digest("hex") });
  assert.deepEqual(digestOf([]), { facts: 0, hash: createHash("sha256").digest("hex") });
});

test("the digest does not depend on the order of facts or reasons", () => {
  fc.assert(fc.property(facts, fc.integer(), (some, seed) => {
    const shuffled = some.map((one, i) => ({ one, at: Math.imul(i + 1, seed | 1) })).sort((a, b) => a.at - b.at);
    assert.deepEqual(digestOf(shuffled.map(({ one }) => ({ ...one, reasons: one.reasons.toReversed() }))), digestOf(some));
  }));
});

test("the digest tells apart whatever a fact says", () => {
  const one: DigestFact = { instantUs: 1, variable: "flow", value: 0, flag: 1, reasons: [] };
  const changes: readonly Partial<DigestFact>[] = [
    {}, { instantUs: 2 }, { variable: "flov" }, { value: -0 }, { value: null }, { value: 5e-324 }, { flag: 2 }, { reasons: ["late"] }, { reasons: ["la", "te"] },
  ];
  assert.equal(new Set(changes.map((change) => digestOf([{ ...one, ...change }]).hash)).size, changes.length);
});

test("facts out of order are refused", () => {
  const builder = new DigestBuilder();
  const one = { instantUs: 5, variable: "flow", value: 1, flag: 1, reasons: [] };
  builder.add(one);
  assert.throws(() => builder.add(one), RangeError);
  assert.throws(() => builder.add({ ...one, variable: "a" }), RangeError);
  assert.throws(() => builder.add({ ...one, instantUs: 4 }), RangeError);
});

test("many facts and long names give the digest of all their bytes", () => {
  const builder = new DigestBuilder();
  const hash = createHash("sha256");
  for (let i = 0; i < 5000; i++) {
    const variable = i % 1000 === 0 ? "x".repeat(40_000) : "flow";
    builder.add({ instantUs: i, variable, value: null, flag: 1, reasons: [] });
    const bytes = Buffer.alloc(8 + 2 + variable.length + 12);
    bytes.writeBigInt64LE(BigInt(i), 0);
    bytes.writeUInt16LE(variable.length, 8);
    bytes.write(variable, 10);
    bytes[bytes.length - 3] = 1;
    hash.update(bytes);
  }
  assert.deepEqual(builder.finish(), { facts: 5000, hash: hash.digest("hex") });
});
