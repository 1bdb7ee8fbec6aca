import assert from "node:assert/strict";
import { test } from "node:test";
import { Pace, paceLevel } from "./pace.ts";
import { Rate } from "./rate.ts";

test("the pace falls before the limit and stops at it", () => {
  assert.deepEqual([0, 899, 900, 999, 1000, 2000].map((used) => paceLevel(used, 1000)), ["full", "full", "resting", "resting", "stopped", "stopped"]);
});

test("the budget is asked once a minute and changes are told once", async () => {
  const told: string[] = [];
  let asked = 0;
  let used = 0;
  const pace = new Pace({ limitBytes: 1000, usedBytes: () => (asked += 1, used) }, (level) => told.push(level));
  await pace.check(0);
  used = 950;
  await pace.check(59_999);
  assert.equal(pace.level, "full");
  await pace.check(60_000);
  await pace.check(120_000);
  used = 10;
  await pace.check(180_000);
  assert.deepEqual([told, asked], [["resting", "full"], 4]);
});

test("a budget that fails leaves the pace; none is always full", async () => {
  const pace = new Pace({ limitBytes: 1, usedBytes: () => Promise.reject(new Error("away")) }, assert.fail);
  await pace.check(0);
  assert.equal(pace.level, "full");
  const free = new Pace(undefined, assert.fail);
  await free.check(0);
  assert.equal(free.level, "full");
});

test("the rate is that of the last ten seconds", () => {
  const rate = new Rate();
  for (let s = 0; s < 20; s += 1) rate.add(8, s * 1000);
  assert.equal(rate.perSecond(19_500), 8);
  assert.equal(rate.perSecond(24_000), 4);
  assert.equal(rate.perSecond(60_000), 0);
  rate.add(10, 60_000);
  assert.equal(rate.perSecond(1000), 1, "a clock set back forgets nothing");
});
