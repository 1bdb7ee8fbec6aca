import assert from "node:assert/strict";
import { test } from "node:test";
import { CaudalError, type ParkReason } from "@caudal/core";
import { createHeldClock } from "../clock/held-clock.ts";
import { createParkBreaker } from "./breaker.ts";

const items = (count: number, reason: ParkReason = "corrupt-record") => Array.from({ length: count }, () => ({ reason }));
const opens = (error: unknown): boolean => error instanceof CaudalError && error.code === "unavailable" && (error.afterMs ?? 0) > 0;

test("a share of parks above the limit opens it, and the batch that did so is refused", () => {
  const breaker = createParkBreaker({ group: "g", minParks: 10, maxShare: 0.5, clock: createHeldClock() });
  breaker.admit(100, items(10));
  breaker.admit(10, items(10));
  assert.equal(breaker.state().open, false);
  assert.throws(() => breaker.admit(200, items(200)), opens);
  assert.deepEqual(breaker.state().reasons, { "corrupt-record": 220 });
  assert.throws(() => breaker.admit(10, []), opens);
});

test("few parks, and those of unknown devices and clients, never open it", () => {
  const breaker = createParkBreaker({ group: "g", minParks: 10, clock: createHeldClock() });
  for (let batch = 0; batch < 100; batch++) breaker.admit(50, [...items(50, "unknown-device"), ...items(50, "unknown-client")]);
  const other = createParkBreaker({ group: "g", minParks: 10, clock: createHeldClock() });
  other.admit(10, items(10));
  assert.deepEqual([breaker.state().open, other.state().open], [false, false]);
});

test("what was long ago no longer counts", () => {
  const breaker = createParkBreaker({ group: "g", minParks: 10, maxShare: 0.5, windowRecords: 100, clock: createHeldClock() });
  for (let batch = 0; batch < 1000; batch++) breaker.admit(100, []);
  breaker.admit(50, items(50));
  assert.throws(() => breaker.admit(100, items(100)), opens);
});

test("time or a person closes it, and counting begins anew", async () => {
  const clock = createHeldClock();
  const breaker = createParkBreaker({ group: "g", minParks: 2, resetAfterMs: 1000, clock });
  assert.throws(() => breaker.admit(3, items(3)), opens);
  assert.equal(breaker.state().retryInMs, 1000);
  await clock.advance(999);
  assert.throws(() => breaker.admit(2, items(2)), opens);
  await clock.advance(1);
  breaker.admit(2, items(2));
  assert.throws(() => breaker.admit(2, items(2)), opens);
  breaker.reset();
  assert.deepEqual(breaker.state(), { open: false, reasons: {}, retryInMs: 0 });
  breaker.admit(2, items(2));
});
