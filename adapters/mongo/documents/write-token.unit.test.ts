import assert from "node:assert/strict";
import { test } from "node:test";
import { judge, WriteTokens } from "./write-token.ts";

test("a write is known by its token as long as the document remembers it", () => {
  const row = { version: 6, tokens: ["f", "e", "d", "c"] };
  assert.equal(judge(row, "f", 6), "ours");
  assert.equal(judge(row, "d", 4), "ours");
  assert.equal(judge(row, "x", 4), "not-ours");
  assert.equal(judge(row, "b", 2), "unknown");
  assert.equal(judge(row, "x", 7), "not-ours");
  assert.equal(judge(null, "x", 1), "unknown");
});

test("no two writes have one token", () => {
  const [one, two] = [new WriteTokens(), new WriteTokens()];
  assert.equal(new Set([one.next(), one.next(), two.next(), two.next()]).size, 4);
});
