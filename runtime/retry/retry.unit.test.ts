import assert from "node:assert/strict";
import { test } from "node:test";
import { CaudalError, type ErrorCode } from "@caudal/core";
import { createHeldClock } from "../clock/held-clock.ts";
import { backoffMs, pauseMs, policyOf } from "./backoff.ts";
import { retry } from "./retry.ts";

const almostOne = (): number => 0.999999;
const failing = (code: ErrorCode, times: number, options = {}) => {
  let calls = 0;
  return async (attempt: number): Promise<number> => {
    assert.equal(attempt, ++calls);
    if (calls <= times) throw new CaudalError(code, "no", options);
    return calls;
  };
};

test("pauses double to a ceiling, with full jitter", () => {
  assert.deepEqual([1, 2, 3, 4].map((attempt) => backoffMs(attempt, { random: almostOne })), [50, 100, 200, 400]);
  assert.equal(backoffMs(60, { random: almostOne }), 5000);
  assert.equal(backoffMs(4, { random: () => 0 }), 0);
  const seen = new Set(Array.from({ length: 200 }, () => backoffMs(8)));
  assert.ok(seen.size > 50 && Math.max(...seen) <= 5000);
});

test("the other side's wait is honoured, with jitter on top", () => {
  const error = new CaudalError("unavailable", "busy", { afterMs: 2000 });
  assert.equal(pauseMs(error, 1, { random: () => 0 }), 2000);
  assert.equal(pauseMs(error, 1, { random: almostOne }), 2050);
});

test("the policy is the error's; an unexpected error is a bug that no retry mends", () => {
  assert.equal(policyOf(new CaudalError("timeout", "x")), "unknown");
  assert.equal(policyOf(new CaudalError("unavailable", "x", { retry: "no" })), "no");
  assert.equal(policyOf(new TypeError("x")), "no");
});

test("yes is tried again after the pause until it succeeds", async () => {
  const clock = createHeldClock();
  const waits: number[] = [];
  const result = retry(failing("unavailable", 2), { sleep: clock.sleep, random: almostOne, onRetry: (_error, _attempt, waitMs) => waits.push(waitMs) });
  await clock.advance(49);
  assert.deepEqual(waits, [50]);
  await clock.advance(51 + 50);
  assert.equal(await result, 3);
  assert.deepEqual(waits, [50, 100]);
});

test("no rejects at once, unknown too unless the call may be repeated", async () => {
  await assert.rejects(retry(failing("not-found", 1)), /no/);
  await assert.rejects(retry(failing("timeout", 1)), /no/);
  const clock = createHeldClock();
  assert.equal(await retry(failing("timeout", 1), { repeatUnknown: true, random: () => 0, sleep: (ms) => (ms === 0 ? Promise.resolve() : clock.sleep(ms)) }), 2);
});

test("attempts and the signal end it", async () => {
  const instant = async (): Promise<void> => {};
  await assert.rejects(retry(failing("unavailable", 9), { attempts: 3, sleep: instant }), (error) => error instanceof CaudalError && error.code === "unavailable");
  const stop = new AbortController();
  const clock = createHeldClock();
  const waiting = retry(failing("unavailable", 9), { signal: stop.signal, sleep: clock.sleep, onRetry: () => stop.abort(new Error("stopped")) });
  await assert.rejects(waiting, /stopped/);
  await assert.rejects(retry(async () => 1, { signal: stop.signal }), /stopped/);
});
