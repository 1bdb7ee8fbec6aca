import assert from "node:assert/strict";
import { test } from "node:test";
import { growthMbPerH } from "./memory.ts";

const every = (seconds: number, mib: (atS: number) => number) => Array.from({ length: seconds }, (_, atS) => ({ atMs: atS * 1000, mib: mib(atS) }));

test("growth is that of the second half alone, whatever a warm-up took", () => {
  assert.equal(growthMbPerH(every(600, (atS) => (atS < 200 ? atS : 200))), 0);
  assert.ok(Math.abs(growthMbPerH(every(600, (atS) => 100 + atS / 60)) - 60 * 1.048576) < 1e-6);
});

test("a heap that breathes does not grow, and one that breathes and grows does", () => {
  const breath = (atS: number): number => (atS * 7) % 41;
  assert.ok(Math.abs(growthMbPerH(every(600, breath))) < 10);
  const leaking = growthMbPerH(every(600, (atS) => breath(atS) + atS / 6));
  assert.ok(leaking > 550 && leaking < 700, String(leaking));
});
