/*
 * 5. From a device to an answer
 *
 * Every service in one process, as `npm start` runs them, on an empty folder. A device posts; mapping adopts it, judging flags its values, three
 * groups store them, and a question about its history is answered from whichever tiers cover the range.
 */
import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { createLogger } from "@caudal/runtime";
import { parseAllSettings } from "../../caudal/composition/all-settings.ts";
import { startOneProcess } from "../../caudal/composition/one-process.ts";

interface History {
  readonly items: readonly { readonly time: string; readonly flow?: { readonly value: number; readonly flag: number } }[];
  readonly coverage: { readonly received: number };
}

test("a reading that was accepted can be asked for, flagged and counted", async (context) => {
  const dataDirectory = await mkdtemp(join(tmpdir(), "caudal-tour-"));
  const settings = parseAllSettings({ env: { CAUDAL_HTTP: "0", CAUDAL_MQTT: "off" } });
  const caudal = await startOneProcess({ dataDirectory, settings, logger: createLogger({ level: "error" }), demo: false });
  context.after(async () => {
    await caudal.stop(5000);
    await rm(dataDirectory, { recursive: true });
  });
  const { page } = caudal.urls();

  // Three readings, the last one below zero: it is stored as it came, and flagged. Nothing is clamped.
  const start = Date.now() - 180_000;
  const rows = [12.5, 12.7, -3].map((flow, minute) => ({ id: "pozo-1", ts: start + minute * 60_000, flow_lps: flow }));
  const answer = await fetch(new URL("/api/v1/readings", page), { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(rows) });
  assert.equal(answer.status, 202);
  const { items } = (await answer.json()) as { items: { status: string; point: string }[] };
  assert.deepEqual(items.map(({ status }) => status), ["accepted", "accepted", "accepted"]);

  // The answer names the point, because its id follows from client and device. It shows up within moments.
  const question = new URL(`/api/v1/analytics/points/${items[0]?.point}/history?from=${new Date(start - 1000).toISOString()}&to=${new Date().toISOString()}&resolution=raw`, page);
  const deadline = performance.now() + 10_000;
  let history: History | undefined;
  while ((history?.items.length ?? 0) < 3) {
    assert.ok(performance.now() < deadline, "not in time");
    await new Promise((resolve) => setTimeout(resolve, 20));
    const response = await fetch(question);
    if (response.ok) history = (await response.json()) as History;
  }
  assert.deepEqual(history?.items.map(({ flow }) => flow?.value), [12.5, 12.7, -3]);
  assert.equal(history?.items[2]?.flow?.flag, 4);
  assert.equal(history?.coverage.received, 3);
});
