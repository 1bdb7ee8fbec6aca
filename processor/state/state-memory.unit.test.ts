import assert from "node:assert/strict";
import { test } from "node:test";
import { memoryOfProcess, stateBytes } from "./state-memory.ts";

const GIB = 2 ** 30;

test("states have an eighth of the memory between a least and a most", () => {
  assert.equal(stateBytes(GIB / 2), 24 * 2 ** 20);
  assert.equal(stateBytes(8 * GIB), Math.floor((8 * GIB) / 96));
  assert.equal(stateBytes(64 * GIB), 192 * 2 ** 20);
});

test("the memory of this process is a number of bytes that a machine may have", () => {
  const bytes = memoryOfProcess();
  assert.ok(Number.isFinite(bytes) && bytes > 64 * 2 ** 20, String(bytes));
});
