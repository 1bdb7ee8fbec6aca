import assert from "node:assert/strict";
import { test } from "node:test";
import { derivedEventId, newEventId } from "./event-id.ts";
import { homeClient, isClientId } from "./client-resolver.ts";
import { Receipts } from "./receipts.ts";
import { traceparentFrom } from "./trace.ts";

test("what a client may be called", () => {
  for (const id of ["a", "acme", "apr-los-olmos-2", "x".repeat(63)]) assert.equal(isClientId(id), true, id);
  for (const id of ["", "-", "a-", "-a", "ACME", "a_b", "a/b", "a b", "ñ", "x".repeat(64)]) assert.equal(isClientId(id), false, id);
});

test("the client that a scope falls back to", () => {
  assert.equal(homeClient({ clients: "all" }), "default");
  assert.equal(homeClient({ clients: ["acme"] }), "acme");
  assert.equal(homeClient({ clients: ["acme", "default"] }), "default");
  assert.equal(homeClient({ clients: ["acme", "beta"] }), undefined);
  assert.equal(homeClient({ clients: [] }), undefined);
});

test("a trace goes on, or begins", () => {
  const caller = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00";
  assert.match(traceparentFrom(caller), /^00-0af7651916cd43dd8448eb211c80319c-[0-9a-f]{16}-00$/);
  assert.notEqual(traceparentFrom(caller), caller);
  for (const other of [undefined, "", "00-xyz", `00-${"0".repeat(32)}-b7ad6b7169203331-01`, `ff-${"a".repeat(32)}-b7ad6b7169203331-01`]) assert.match(traceparentFrom(other), /^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/);
  assert.equal(new Set(Array.from({ length: 2000 }, () => traceparentFrom(undefined))).size, 2000);
});

test("no two receipts are one instant, and none goes back", () => {
  const receipts = new Receipts();
  assert.deepEqual([1000, 1000, 999, 2000, 2000].map((nowUs) => receipts.at(nowUs)), [1000, 1001, 1002, 2000, 2001]);
});

test("derived ids are the same for the same parts alone", () => {
  assert.equal(derivedEventId("a", 1), derivedEventId("a", 1));
  assert.notEqual(derivedEventId("a", 1), derivedEventId("a", "1"));
  assert.notEqual(newEventId(), newEventId());
});
