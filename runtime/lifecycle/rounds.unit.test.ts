import assert from "node:assert/strict";
import { test } from "node:test";
import { CaudalError } from "@caudal/core";
import { rounds } from "./rounds.ts";

test("a round that fails is told, the next one tries again, and none runs after the end", async () => {
  const told: unknown[] = [];
  let ran = 0;
  const end = rounds(1, async () => {
    ran++;
    if (ran === 1) throw new CaudalError("unavailable", "down");
  }, (error) => told.push(error));
  while (ran <= 2) await new Promise((resolve) => setImmediate(resolve));
  await end();
  const last = ran;
  await new Promise((resolve) => setImmediate(resolve));
  assert.deepEqual([told.length, ran], [1, last]);
});
