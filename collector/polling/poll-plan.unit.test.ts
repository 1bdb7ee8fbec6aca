import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { planPoll } from "./poll-plan.ts";

test("what fits goes out at once; the rest is due a window later each time the window is full", () => {
  const window = { calls: 3, perMs: 60_000, used: 0 };
  assert.deepEqual(planPoll([1, 1, 1], [window]), { devices: 3, calls: 3, devicesNow: 3, callsNow: 3, restMs: 0 });
  assert.deepEqual(planPoll([1, 1, 1, 1], [window]), { devices: 4, calls: 4, devicesNow: 3, callsNow: 3, restMs: 60_600 });
  assert.deepEqual(planPoll([1, 1, 1, 1, 1, 1, 1], [window]).restMs, 121_200);
  assert.deepEqual(planPoll([2, 2], [window]), { devices: 2, calls: 4, devicesNow: 1, callsNow: 3, restMs: 60_600 });
  assert.deepEqual(planPoll([1], [{ ...window, used: 3 }]), { devices: 1, calls: 1, devicesNow: 0, callsNow: 0, restMs: 60_600 });
  assert.deepEqual(planPoll([1, 1], []), { devices: 2, calls: 2, devicesNow: 2, callsNow: 2, restMs: 0 });
  assert.equal(planPoll([1, 1, 1, 1], [window, { calls: 2, perMs: 3_600_000, used: 1 }]).callsNow, 1, "the tightest window counts");
  assert.equal(planPoll([], [window]).restMs, 0);
});

test("with nothing asked meanwhile, no window holds more calls than it allows by the time that is told", () => {
  const windows = fc.array(fc.record({ calls: fc.integer({ min: 1, max: 20 }), perMs: fc.integer({ min: 100, max: 1e6 }), used: fc.integer({ min: 0, max: 20 }) }), { minLength: 1, maxLength: 3 });
  fc.assert(fc.property(fc.array(fc.integer({ min: 1, max: 4 }), { maxLength: 40 }), windows, (callsOf, budget) => {
    const plan = planPoll(callsOf, budget);
    assert.ok(plan.callsNow <= plan.calls && plan.devicesNow <= plan.devices && plan.callsNow >= 0);
    assert.equal(plan.restMs === 0, plan.callsNow === plan.calls && budget.every(({ calls, used }) => used + plan.calls <= calls));
    for (const { calls, perMs, used } of budget) assert.ok((Math.floor(plan.restMs / perMs) + 1) * calls >= used + plan.calls);
  }));
});
