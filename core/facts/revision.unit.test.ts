import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { compareRevisions, nextKnownAtUs } from "./revision.ts";

test("a person's correction is greater than any computed fact, however late that was known", () => {
  assert.ok(compareRevisions({ authority: 1, knownAtUs: 1 }, { authority: 0, knownAtUs: 2 ** 50 }) > 0);
  assert.equal(compareRevisions({ authority: 0, knownAtUs: 5 }, { authority: 0, knownAtUs: 5 }), 0);
});

test("knownAt grows with every event of a point, whatever the clocks of the edges say, and is the same on a replay", () => {
  fc.assert(fc.property(fc.array(fc.integer({ min: 0, max: 1000 })), (receivedAtUs) => {
    const run = (): number[] => {
      const known: number[] = [];
      for (const received of receivedAtUs) known.push(nextKnownAtUs(received, known.at(-1)));
      return known;
    };
    const known = run();
    assert.deepEqual(run(), known);
    return known.every((value, index) => value >= (receivedAtUs[index] ?? 0) && (index === 0 || value > (known[index - 1] ?? 0)));
  }));
});
