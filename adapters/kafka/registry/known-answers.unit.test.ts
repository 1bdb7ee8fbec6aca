import assert from "node:assert/strict";
import { test } from "node:test";
import { KnownAnswers } from "./known-answers.ts";
import { RecentDenials } from "./recent-denials.ts";

test("an id may have several subjects, and a spelling is no other schema", () => {
  const known = new KnownAnswers();
  assert.equal(known.learn({ id: 1, schema: '{"a":1,"b":2}', subject: "x" }), true);
  assert.equal(known.learn({ id: 1, schema: '{"b":2, "a":1}', subject: "x" }), false);
  assert.equal(known.learn({ id: 1, schema: '{"b":2,"a":1}', subject: "y" }), true);
  assert.equal(known.learn({ id: 1, schema: '{"a":1,"b":2}' }), false);
  assert.deepEqual([known.idOf("x", '{"a":1,"b":2}'), known.idOf("y", '{"a":1,"b":2}'), known.idOf("z", '{"a":1,"b":2}'), known.schemaById(2)], [1, 1, undefined, undefined]);
});

test("a schema that is given a new id has it from then on, and the old id still leads to it", () => {
  const known = new KnownAnswers();
  known.learn({ id: 1, schema: "{}", subject: "x" });
  assert.equal(known.learn({ id: 9, schema: "{}", subject: "x" }), true);
  assert.deepEqual([known.idOf("x", "{}"), known.schemaById(1), known.schemaById(9)], [9, "{}", "{}"]);
});

test("an id that means another schema than before is refused", () => {
  const known = new KnownAnswers();
  known.learn({ id: 1, schema: "{}" });
  assert.throws(() => known.learn({ id: 1, schema: '"string"' }), { code: "setting" });
});

test("a denial is remembered for a while, and no more than a thousand", () => {
  let nowMs = 0;
  const denials = new RecentDenials(() => nowMs);
  for (let id = 0; id <= 1000; id++) denials.add(id);
  assert.deepEqual([denials.has(0), denials.has(1), denials.has(1000), denials.has(2000)], [false, true, true, false]);
  nowMs = 30_000;
  assert.equal(denials.has(1000), false);
});
