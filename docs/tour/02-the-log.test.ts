/*
 * 2. The log
 *
 * Every stage writes to and reads from one partitioned log. `publish` resolves when the records are on disk, and only then is a device told.
 * Readers come in groups; each group has a place of its own in every partition, so one that is slow delays nobody else. Here the log is the
 * embedded one; Kafka fills the same port in a fleet.
 */
import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { partitionOf, type StoredRecord } from "@caudal/core";
import { openEmbeddedLog } from "@caudal/embedded";

const topic = "caudal.readings";

async function until(holds: () => boolean): Promise<void> {
  const deadline = performance.now() + 10_000;
  while (!holds()) {
    assert.ok(performance.now() < deadline, "not in time");
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

test("a record is durable, keyed, and read by each group at its own pace", async (context) => {
  const directory = await mkdtemp(join(tmpdir(), "caudal-tour-"));
  const log = await openEmbeddedLog({ directory });
  context.after(async () => {
    await log.close();
    await rm(directory, { recursive: true });
  });
  await log.declareTopics([{ name: topic, partitions: 6, retentionMs: null }]);

  // Two readings of one device: the key decides the partition, so they stay in order.
  const key = "apr-norte/pozo-1";
  await log.publish(topic, ["first", "second"].map((text) => ({ key, value: Buffer.from(text) })));
  const bounds = await log.bounds(topic);
  assert.equal(bounds[partitionOf(key, 6)]?.endOffset, 2);

  // A group whose handler fails gets the same records again, and nobody else is the wiser.
  const seen: Record<"steady" | "shaky", StoredRecord[]> = { steady: [], shaky: [] };
  let failures = 0;
  const steady = await log.consume({ topic, group: "steady", handler: { handle: async ({ records }) => void seen.steady.push(...records) } });
  const shaky = await log.consume({
    topic, group: "shaky", onHandlerError: () => 10,
    handler: {
      handle: async ({ records }) => {
        failures += 1;
        if (failures === 1) throw new Error("the store is away");
        seen.shaky.push(...records);
      },
    },
  });
  await until(() => seen.steady.length === 2 && seen.shaky.length === 2);
  assert.deepEqual(seen.shaky.map(({ value }) => Buffer.from(value).toString()), ["first", "second"]);

  // Lag is how far a group is behind, exactly; it tells what to scale.
  await steady.close();
  await shaky.close();
  await log.publish(topic, [{ key, value: Buffer.from("third") }]);
  const lag = (await log.lag(topic, "steady")).reduce((sum, partition) => sum + partition.lag, 0);
  assert.equal(lag, 1);
});
