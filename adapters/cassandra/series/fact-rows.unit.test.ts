import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { int64, rowStatements, type NewFacts } from "./fact-rows.ts";

const key = { client: "c", point: "p" };
const rows = rowStatements("ks.facts");
const at = (instantUs: number, variables: readonly string[], reason = ""): NewFacts => ({
  instantUs, authority: 0, knownAtUs: 1, facts: variables.map((variable) => ({ variable, value: 1, flag: 1, reasons: reason === "" ? [] : [reason] })),
});

test("whole numbers become eight bytes as the server takes them", () => {
  fc.assert(fc.property(fc.maxSafeInteger(), (whole) => assert.equal(int64(whole).readBigInt64BE(), BigInt(whole))));
});

test("a row names its variables in order, however they came", () => {
  const [batch] = [...rows.batches(key, "2026-03", [at(1, ["total", "flow", "Flow"])])];
  assert.deepEqual(batch!.map(({ params }) => params[6]), ['["Flow","flow","total"]']);
});

test("batches are bounded in rows and bytes", () => {
  const many = [...rows.batches(key, "2026-03", Array.from({ length: 300 }, (_, i) => at(i, ["flow"])))];
  assert.deepEqual(many.map(({ length }) => length), [128, 128, 44]);
  const large = [...rows.batches(key, "2026-03", Array.from({ length: 10 }, (_, i) => at(i, ["flow"], "x".repeat(100_000))))];
  assert.deepEqual(large.map(({ length }) => length), [2, 2, 2, 2, 2]);
});

test("many facts of one instant become several rows, whose keys stay short", () => {
  const variables = Array.from({ length: 4096 }, (_, i) => `${String(i).padStart(4, "0")}${"ñ".repeat(120)}`);
  const all = [...rows.batches(key, "2026-03", [at(1, variables)])].flat();
  const named = all.map(({ params }) => params[6] as string);
  assert.ok(named.every((text) => Buffer.byteLength(text) < 32_768));
  assert.deepEqual(named.flatMap((text) => JSON.parse(text) as string[]), variables);
});
