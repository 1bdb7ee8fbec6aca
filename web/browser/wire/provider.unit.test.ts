import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { ApiProblem } from "./problem.ts";
import { isFailure, readCollected, readQueued, readProviderList, readProviderStatus } from "./provider.ts";
import { readDevice, readRefusedDevice } from "./operations.ts";

describe("reading what the API says of providers", () => {
  test("accounts with their outage and budget; what has no name or no limit is left out", () => {
    const { accounts, problems } = readProviderList({
      items: [{ account: "a", provider: "tdata", state: "away", here: true, outage: { kind: "request_failed", detail: "503", since: "2026-01-01T00:00:00Z", retryAt: "bad" }, budget: [{ calls: 5, perMs: 1000, used: 2 }, { calls: 0 }] }, {}, { account: "b" }],
      problems: [{ account: "c", device: null, line: 3, detail: "no secret" }, { account: "d" }],
    });
    assert.deepEqual(accounts.map(({ account, title, state, here }) => [account, title, state, here]), [["a", "tdata", "away", true], ["b", "", "standby", false]]);
    assert.deepEqual(accounts[0]?.outage, { kind: "request_failed", detail: "503", sinceMs: Date.UTC(2026, 0, 1), retryAtMs: null });
    assert.deepEqual(accounts[0]?.budget, [{ calls: 5, perMs: 1000, used: 2 }]);
    assert.deepEqual(problems, [{ account: "c", device: null, line: 3, detail: "no secret" }]);
    assert.deepEqual(readProviderList("no list"), { accounts: [], problems: [] });
  });

  test("the card of the account that was asked for, among those of its provider", () => {
    const body = { items: [{ account: "other" }, { account: "a", ageMs: { p50: 1, p95: 2 }, delayMs: null, hour: { outcomes: { ok: 3, new_kind: 1 }, rows: { forward: 7 } }, gaps: [{ device: "d", keys: ["k"], from: "2026-01-01T00:00:00Z", to: "2026-01-01T01:00:00Z" }, { device: "d" }] }], devices: { items: [{ device: "d", newest: null, periodMs: 60_000, troubles: [{ kind: "auth_failed", misconfiguredSince: null }] }, {}], next: "a/d" } };
    const status = readProviderStatus(body, "a");
    assert.deepEqual(status?.card.hour.outcomes, { ok: 3, new_kind: 1 });
    assert.equal(status.card.hour.rows.forward, 7);
    assert.equal(status.card.day.rows.corrected, 0);
    assert.deepEqual([status.card.ageMs, status.card.delayMs, status.card.gaps.length, status.next], [{ p50: 1, p95: 2 }, null, 1, "a/d"]);
    assert.deepEqual(status.devices.map(({ device, newestMs, troubles }) => [device, newestMs, troubles[0]?.misconfiguredSinceMs]), [["d", null, null]]);
    assert.equal(readProviderStatus(body, "nobody"), undefined);
  });

  test("what came of asking now is one sum, with the first failure's words", () => {
    const collected = readCollected({ items: [{ device: "a", rows: { forward: 2, stale: 1 }, outcomes: [{ kind: "ok", detail: "" }] }, { device: "b", rows: { forward: 3 }, outcomes: [{ kind: "bad_payload", detail: "half a document" }, { kind: "bad_payload", detail: "again" }] }] });
    assert.deepEqual([collected.devices, collected.rows.forward, collected.rows.stale, collected.outcomes, collected.detail], [2, 5, 1, { ok: 1, bad_payload: 2 }, "half a document"]);
    assert.deepEqual(["ok", "no_data", "stale", "auth_failed"].map(isFailure), [false, false, false, true]);
  });

  test("a poll that goes on after the answer says how much is asked now and when the rest is due", () => {
    const queued = [{ account: "a", devices: 4, devicesNow: 3, calls: 4, callsNow: 3, restBy: "2026-03-01T12:18:01Z" }, { account: "b", devices: 2, devicesNow: 2, calls: 5, callsNow: 5, restBy: null }];
    assert.deepEqual(readQueued({ queued }), { devices: 6, devicesNow: 5, calls: 9, callsNow: 8, restByMs: Date.UTC(2026, 2, 1, 12, 18, 1) });
    assert.equal(readQueued({ queued: [queued[1]] })?.restByMs, null);
    assert.equal(readQueued({ items: [] }), undefined);
  });

  test("a silent device says since when, a refused one why", () => {
    assert.equal(readDevice({ device: "d", silentSince: "2026-01-01T00:00:00Z" })?.silentSinceMs, Date.UTC(2026, 0, 1));
    assert.deepEqual(readRefusedDevice({ client: "c", device: "d", reason: "quota", last: "2026-01-01T00:00:00Z" }), { client: "c", device: "d", reason: "quota", detail: "", source: "", lastMs: Date.UTC(2026, 0, 1) });
    assert.equal(readRefusedDevice({}), undefined);
    assert.equal(new ApiProblem(429, {}, 60).retryAfterS, 60);
  });
});
