import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { arrivals, inBurst, randomFrom } from "./schedule.ts";

suite("the promised load", () => {
  test("ten seconds of each minute are a burst; a short run has one too", () => {
    const burst = (seconds: number): number[] => Array.from({ length: seconds }, (_, second) => second).filter((second) => inBurst(second, seconds));
    assert.deepEqual(burst(120), [30, 31, 32, 33, 34, 35, 36, 37, 38, 39, 90, 91, 92, 93, 94, 95, 96, 97, 98, 99]);
    assert.deepEqual(burst(12), [6, 7]);
  });

  test("readings come at the rate, in bursts at ten times that, the same for the same seed", () => {
    const all = [...arrivals({ perS: 30, burstTimes: 10, seconds: 600, random: randomFrom(1) })];
    const inBursts = all.filter((atS) => inBurst(atS, 600)).length;
    assert.ok(Math.abs(inBursts - 30_000) < 1000, `${inBursts}`);
    assert.ok(Math.abs(all.length - inBursts - 15_000) < 700, `${all.length}`);
    assert.ok(all.every((atS, index) => atS >= (all[index - 1] ?? 0) && atS < 600));
    assert.deepEqual([...arrivals({ perS: 30, burstTimes: 10, seconds: 600, random: randomFrom(1) })], all);
  });
});
