import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { afterData, afterSilence, noPulse, type Pulse } from "./silence.ts";

const MIN = 60_000_000;
const rule = { times: 3, floorMs: 15 * 60_000 };
const T = 1_772_366_400_000_000;
const data = (before: Pulse, timeUs: number, receivedAtUs = timeUs, configuredUs: number | null = null): Pulse => afterData(before, { timeUs, receivedAtUs, configuredUs }, rule);

test("the period is what a person said, or the middle of the last steps; before there are three nobody is silent", () => {
  let pulse = noPulse;
  for (const minutes of [0, 60, 120]) {
    pulse = data(pulse, T + minutes * MIN);
    assert.deepEqual([pulse.periodUs, pulse.silentAfterUs], [null, null], "unknown is not zero");
  }
  pulse = data(pulse, T + 180 * MIN);
  assert.deepEqual([pulse.periodUs, pulse.silentAfterUs], [60 * MIN, T + 360 * MIN]);
  assert.equal(data(pulse, T + 1000 * MIN).periodUs, 60 * MIN, "one outage is not its period");
  const told = data(noPulse, T, T, 10 * MIN);
  assert.deepEqual([told.periodUs, told.silentAfterUs], [10 * MIN, T + 30 * MIN]);
  assert.equal(data(noPulse, T, T, 1 * MIN).silentAfterUs, T + 15 * MIN, "the floor");
});

test("trap 3: the poll's time says nothing: the same old row, read again, keeps a dead device dead", () => {
  let pulse = data(noPulse, T, T, 60 * MIN);
  for (let hour = 1; hour < 48; hour++) pulse = data(pulse, T, T + hour * 60 * MIN, 60 * MIN);
  assert.deepEqual([pulse.newestUs, pulse.silentAfterUs], [T, T + 180 * MIN]);
});

test("a clock that is ahead does not make tomorrow of today; old data end no silence", () => {
  assert.equal(data(noPulse, T + 600 * MIN, T, 60 * MIN).newestUs, T);
  const silent = afterSilence(data(noPulse, T, T, 60 * MIN), T);
  assert.deepEqual([silent.silentSinceUs, silent.silentAfterUs], [T, null]);
  const filled = data(silent, T + 60 * MIN, T + 2000 * MIN, 60 * MIN);
  assert.deepEqual([filled.silentSinceUs, filled.silentAfterUs], [T + 60 * MIN, null], "a gap was filled, and it is silent still");
  const back = data(filled, T + 2000 * MIN, T + 2001 * MIN, 60 * MIN);
  assert.deepEqual([back.silentSinceUs, back.silentAfterUs], [null, T + 2180 * MIN]);
  assert.equal(afterSilence(back, T), back, "a word about older data");
});

test("whatever the order and however often, the newest is the greatest, and no pulse is silent and due at once", () => {
  fc.assert(fc.property(fc.array(fc.record({ at: fc.integer({ min: 0, max: 5000 }), silence: fc.boolean() }), { maxLength: 60 }), (steps) => {
    let pulse = noPulse;
    let nowUs = T;
    for (const { at, silence } of steps) {
      nowUs += MIN;
      const timeUs = T - 5000 * MIN + at * MIN;
      const before = pulse.newestUs;
      pulse = silence ? afterSilence(pulse, pulse.newestUs) : data(pulse, timeUs, nowUs, 10 * MIN);
      if (!silence) assert.equal(pulse.newestUs, Math.max(before ?? -Infinity, timeUs));
      assert.ok(pulse.silentSinceUs === null || pulse.silentAfterUs === null);
    }
  }));
});
