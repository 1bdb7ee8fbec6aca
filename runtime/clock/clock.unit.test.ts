import assert from "node:assert/strict";
import { test } from "node:test";
import { systemClock, systemSleep } from "./clock.ts";
import { createHeldClock } from "./held-clock.ts";

test("the system's clock counts microseconds and never goes back", () => {
  const nowUs = systemClock.nowUs();
  assert.ok(Number.isSafeInteger(nowUs) && Math.abs(nowUs - Date.now() * 1000) < 60e6);
  const before = systemClock.monotonicMs();
  assert.ok(systemClock.monotonicMs() >= before);
});

test("a sleep ends with its time or its signal", async () => {
  await systemSleep(1);
  const stop = new AbortController();
  const sleeping = systemSleep(60_000, stop.signal);
  stop.abort(new Error("stopped"));
  await assert.rejects(sleeping, /stopped/);
  await assert.rejects(systemSleep(1, stop.signal), /stopped/);
});

test("a held clock moves when told to and wakes sleepers in order", async () => {
  const clock = createHeldClock(1_000_000);
  const woken: string[] = [];
  void clock.sleep(20).then(() => woken.push(`b at ${clock.nowUs()}`));
  void clock.sleep(10).then(async () => {
    woken.push(`a at ${clock.nowUs()}`);
    await clock.sleep(5);
    woken.push(`c at ${clock.nowUs()}`);
  });
  await clock.advance(9);
  assert.deepEqual(woken, []);
  await clock.advance(100);
  assert.deepEqual(woken, ["a at 1010000", "c at 1015000", "b at 1020000"]);
  assert.equal(clock.monotonicMs(), 109);
});

test("a held sleeper leaves when its signal aborts", async () => {
  const clock = createHeldClock();
  const stop = new AbortController();
  const sleeping = clock.sleep(5, stop.signal);
  assert.equal(clock.sleeping(), 1);
  stop.abort(new Error("stopped"));
  await assert.rejects(sleeping, /stopped/);
  await assert.rejects(clock.sleep(5, stop.signal), /stopped/);
  assert.equal(clock.sleeping(), 0);
});
