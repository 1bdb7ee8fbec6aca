import assert from "node:assert/strict";
import { setTimeout as pause } from "node:timers/promises";
import { test } from "node:test";
import { silentLogger } from "../log/logger.ts";
import { largeHeap } from "./large-heap.ts";

const MIB = 1024 * 1024;

async function timesLarge(usedMib: readonly number[]): Promise<{ readonly times: number; readonly looks: number }> {
  let looks = 0;
  let times = 0;
  const component = largeHeap({ logger: silentLogger, everyMs: 1, usedBytes: () => usedMib[Math.min(looks++, usedMib.length - 1)]! * MIB, becameLarge: () => void (times += 1) });
  await component.start();
  while (looks < usedMib.length && times === 0) await pause(1);
  await pause(20);
  await component.stop(1000);
  return { times, looks };
}

test("garbage that comes and goes is no large heap", async () => {
  assert.equal((await timesLarge([500, 600, 100, 700, 800, 900, 500, 600, 100, 500, 600, 700, 100])).times, 0);
});

test("what stays is: told once, and looked at no more", async () => {
  const { times, looks } = await timesLarge([500, 100, 400, 500, 600, 700, 400, 500, 600, 700, 800, 900]);
  assert.equal(times, 1);
  assert.equal(looks, 8, "six looks without the small one");
});

test("a process that stops looks no more", async () => {
  let looks = 0;
  const component = largeHeap({ logger: silentLogger, everyMs: 1, usedBytes: () => (looks++, 0), becameLarge: () => assert.fail("it is small") });
  await component.start();
  while (looks < 3) await pause(1);
  await component.stop(1000);
  const after = looks;
  await pause(10);
  assert.equal(looks, after);
});
