import assert from "node:assert/strict";
import { test } from "node:test";
import type { LogEntry } from "../../sandbox/index.ts";
import { CallCounts } from "./call-counts.ts";

const call = (atMs: number, device: string | undefined, more: Partial<LogEntry> = {}): LogEntry => ({
  number: 1, atMs, provider: "tdata", account: "a", credential: "", device, method: "GET", route: "", status: 200, quirks: [], limit: undefined, rows: [], ...more,
});

test("requests, refusals, the fullest window of each provider, and the longest silence of a device", () => {
  const counts = new CallCounts();
  for (const [atMs, device] of [[500, "a"], [1000, "a"], [1100, "b"], [1900, "a"], [2000, undefined]] as const) counts.take(call(atMs, device));
  counts.take(call(2100, "b", { status: 503 }));
  counts.take(call(2200, "a", { limit: { limit: "20:1", used: 16, exceeded: false } }));
  counts.take(call(2210, "a", { limit: { limit: "600:60", used: 300, exceeded: false } }));
  counts.take(call(2220, "a", { provider: "ubidots", status: 429, limit: { limit: "4:1", used: 5, exceeded: true } }));
  const seen = counts.since(1000, 2500);
  assert.deepEqual(seen, { requests: 8, failed: 2, exceeded: 1, devices: 2, silenceMs: { tdata: 1400 }, fullest: { tdata: "16 of 20 in 1 s", ubidots: "5 of 4 in 1 s" } });
  assert.deepEqual(counts.since(5000, 6000).silenceMs, {});
});
