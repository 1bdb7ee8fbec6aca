import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import type { EventLog } from "@caudal/core";
import { openEmbeddedLog } from "./open.ts";

const topic = "t";
const HOUR_MS = 3_600_000;
const KEEP_BYTES = 600_000;

async function opened(context: TestContext, nowUs: () => number): Promise<EventLog> {
  const directory = await mkdtemp(join(tmpdir(), "caudal-keep-"));
  const log = await openEmbeddedLog({ directory, clock: { nowUs }, retentionSweepMs: 10, keepBytes: KEEP_BYTES });
  context.after(async () => {
    await log.close();
    await rm(directory, { recursive: true });
  });
  await log.declareTopics([{ name: topic, partitions: 1, retentionMs: 24 * HOUR_MS }]);
  return log;
}

async function until(holds: () => Promise<boolean>, deadlineMs = 5000): Promise<void> {
  const end = performance.now() + deadlineMs;
  while (!(await holds())) {
    assert.ok(performance.now() < end, "not in time");
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

const startOf = async (log: EventLog): Promise<number> => (await log.bounds(topic))[0]?.startOffset ?? -1;

test("a log that is too large lets go of its oldest records early, but of none that a group has yet to handle", async (context) => {
  let nowUs = 1_700_000_000_000_000;
  const log = await opened(context, () => nowUs);
  const consumption = await log.consume({ topic, group: "slow", commit: "by-handler", handler: { handle: async (batch, assignment) => (batch.records[0]?.offset === 0 ? assignment.commit(400) : undefined) } });
  for (let hour = 0; hour < 10; hour++) {
    await log.publish(topic, Array.from({ length: 100 }, () => ({ key: "k", value: Buffer.alloc(2000) })));
    nowUs += HOUR_MS * 1000;
  }
  await until(async () => (await startOf(log)) > 300);
  // Many sweeps more: it stays at what the slow group has committed.
  await new Promise((resolve) => setTimeout(resolve, 200));
  assert.ok((await startOf(log)) <= 400);
  await consumption.close();
});
