import assert from "node:assert/strict";
import { test } from "node:test";
import type { ProviderDevice } from "../wire/provider.ts";
import { byNeed, cadenceOf, deviceStateOf, fullestOf, newestOf, stateOf } from "./account-state.ts";

const device = (name: string, more: Partial<ProviderDevice> = {}): ProviderDevice => ({ device: name, newestMs: 1000, ageMs: 10, periodMs: 60_000, late: false, live: false, troubles: [], ...more });
const trouble = (kind: string, misconfiguredSinceMs: number | null = null) => ({ keys: [], kind, detail: "", atMs: null, misconfiguredSinceMs });

test("an account nobody asks for is on standby, one with an outage is away, and another collector's is said to be its", () => {
  const outage = { kind: "request_failed", detail: "", sinceMs: 0, retryAtMs: 0 };
  assert.equal(stateOf({ state: "standby", here: false, outage: null }), "standby");
  assert.equal(stateOf({ state: "away", here: false, outage }), "outage");
  assert.equal(stateOf({ state: "polling", here: true, outage: null }), "polling");
  assert.equal(stateOf({ state: "polling", here: false, outage: null }), "elsewhere");
});

test("devices that need a person come first, then by name", () => {
  const devices = [device("z"), device("b"), device("late", { late: true }), device("never", { newestMs: null }), device("failing", { troubles: [trouble("bad_payload")] }), device("wrong", { newestMs: null, troubles: [trouble("config_error", 5)] }), device("quiet", { troubles: [trouble("no_data")] })];
  assert.deepEqual(byNeed(devices).map((each) => each.device), ["wrong", "failing", "never", "late", "b", "quiet", "z"]);
  assert.equal(deviceStateOf(device("quiet", { troubles: [trouble("no_data")] })), "good");
});

test("newest, cadence and the fullest stretch, and none of nothing", () => {
  assert.deepEqual([newestOf([]), cadenceOf([]), fullestOf([])], [null, null, undefined]);
  assert.equal(newestOf([device("a", { newestMs: null }), device("b", { newestMs: 7 }), device("c", { newestMs: 3 })]), 7);
  assert.deepEqual(cadenceOf([device("a"), device("b", { periodMs: 3000 })]), { leastMs: 3000, mostMs: 60_000 });
  assert.equal(fullestOf([{ calls: 10, perMs: 1, used: 5 }, { calls: 100, perMs: 2, used: 60 }])?.perMs, 2);
});
