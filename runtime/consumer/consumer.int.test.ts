import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { CaudalError, groups, topics, type ConsumeOptions, type EventLog, type RecordBatch } from "@caudal/core";
import * as embedded from "@caudal/embedded";
import type { LogFields } from "../log/logger.ts";
import { createParkBreaker } from "../parking/breaker.ts";
import { openScene, type Scene } from "../test-parts/scene.ts";
import { eventually } from "../test-parts/serve.ts";
import { startConsumer, type Consumer, type StartConsumerOptions } from "./start-consumer.ts";

const group = groups.mapping;
const topic = topics.readings;

function recorder() {
  const lines: { level: string; event: string; fields: LogFields | undefined }[] = [];
  const at = (level: string) => (event: string, fields?: LogFields) => void lines.push({ level, event, fields });
  const logger = { debug: at("debug"), info: at("info"), warn: at("warn"), error: at("error"), child: () => logger };
  return { logger, lines };
}

async function start(t: TestContext, scene: Scene, handle: (batch: RecordBatch) => Promise<void> | void, over: Partial<StartConsumerOptions> = {}): Promise<{ consumer: Consumer; lines: ReturnType<typeof recorder>["lines"] }> {
  const { logger, lines } = recorder();
  const handler = { handle: async (batch: RecordBatch) => handle(batch) };
  const consumer = await startConsumer({ log: scene.log, topic, group, handler, logger, metrics: scene.metrics, retryBaseMs: 5, retryCapMs: 20, ...over });
  t.after(() => consumer.close());
  return { consumer, lines };
}

const publish = ({ log }: Scene, keys: readonly string[]) => log.publish(topic, keys.map((key) => ({ key, value: Buffer.from(key) })));

test("batches are handled, committed and counted; lag is told before and after", async (t) => {
  const scene = await openScene(t, embedded);
  await publish(scene, ["a", "b", "c"]);
  const seen: string[] = [];
  const { consumer } = await start(t, scene, ({ records }) => void seen.push(...records.map(({ key }) => key)));
  await eventually(async () => (await consumer.lag()) === 0, "all is consumed");
  assert.deepEqual(seen.sort(), ["a", "b", "c"]);
  assert.equal(await scene.metrics.sum("caudal_consumed_records_total", { group }), 3);
  assert.deepEqual(consumer.status(), { group, topic, state: "running", owned: [0, 1], failing: [], reopened: 0 });
  consumer.pause();
  await publish(scene, ["d", "e"]);
  assert.match(await scene.metrics.text(), /^caudal_lag_records\{group="processor-mapping",partition="\d"\} [12]$/m);
  assert.equal(await scene.metrics.sum("caudal_lag_records", { group }), 2);
  consumer.resume();
  await eventually(async () => (await consumer.lag()) === 0, "the rest is consumed");
  await consumer.close();
  assert.equal(consumer.status().state, "closed");
  assert.doesNotMatch(await scene.metrics.text(), /^caudal_lag_records\{/m);
});

test("an error that says yes is tried again until it goes; the same records come", async (t) => {
  const scene = await openScene(t, embedded);
  await publish(scene, ["a"]);
  const tries: number[] = [];
  const { consumer, lines } = await start(t, scene, ({ records }) => {
    tries.push(records[0]?.offset ?? -1);
    if (tries.length < 4) throw new CaudalError("unavailable", "busy");
  });
  await eventually(() => tries.length === 4, "the batch goes");
  assert.deepEqual(tries, [0, 0, 0, 0]);
  await eventually(() => consumer.status().state === "running", "it runs again");
  assert.deepEqual(lines.filter(({ event }) => event === "consumer.batch-retry").map(({ level, fields }) => [level, fields?.["attempt"]]), [["warn", 1], ["warn", 2]]);
  assert.equal(await scene.metrics.sum("caudal_batch_failures_total", { group, retry: "yes" }), 3);
  assert.equal(consumer.status().reopened, 0);
});

test("while it fails, the partition is shown as retrying and the other partition goes on", async (t) => {
  const scene = await openScene(t, embedded);
  const keys = ["a", "b", "c", "d", "e", "f"];
  const done = new Set<string>();
  await publish(scene, keys);
  const broken = (await scene.log.read({ topic, partition: 0, fromOffset: 0 })).records.map(({ key }) => key);
  assert.ok(broken.length > 0 && broken.length < keys.length);
  const { consumer } = await start(t, scene, ({ partition, records }) => {
    if (partition === 0) throw new CaudalError("storage-full", "no space");
    for (const { key } of records) done.add(key);
  });
  await eventually(() => done.size === keys.length - broken.length, "the other partition goes on");
  await eventually(() => consumer.status().state === "retrying", "it says so");
  const [failing] = consumer.status().failing;
  assert.deepEqual([failing?.partition, failing?.error], [0, "no space"]);
  assert.ok(Math.abs((failing?.sinceUs ?? 0) / 1000 - Date.now()) < 60_000);
});

test("an error of unknown outcome opens the consumption anew from its offset", async (t) => {
  const scene = await openScene(t, embedded);
  await publish(scene, ["a"]);
  let calls = 0;
  const { consumer, lines } = await start(t, scene, () => {
    if (++calls < 4) throw new CaudalError("timeout", "no answer");
  }, { unknownAttempts: 3 });
  await eventually(async () => calls >= 4 && (await consumer.lag()) === 0, "the batch goes after the reopening");
  assert.equal(consumer.status().reopened, 1);
  assert.equal(lines.filter(({ event }) => event === "consumer.reopen").length, 1);
  assert.equal(await scene.metrics.sum("caudal_consumer_reopens_total", { group }), 1);
  await publish(scene, ["b"]);
  await eventually(async () => (await consumer.lag()) === 0, "the new consumption goes on");
  assert.equal(consumer.status().state, "running");
});

test("a log that cannot be consumed while it reopens is asked again", async (t) => {
  const scene = await openScene(t, embedded);
  await publish(scene, ["a"]);
  let opened = 0;
  const log: EventLog = Object.create(scene.log, {
    consume: {
      value: (options: ConsumeOptions) => (++opened === 2 ? Promise.reject(new CaudalError("unavailable", "no broker")) : scene.log.consume(options)),
    },
  }) as EventLog;
  log.lag = (...asked) => scene.log.lag(...asked);
  let calls = 0;
  const { consumer, lines } = await start(t, scene, () => {
    if (++calls < 2) throw new CaudalError("timeout", "no answer");
  }, { log, unknownAttempts: 1, reopenPauseMs: 5 });
  await eventually(async () => (await consumer.lag()) === 0, "it goes on");
  assert.equal(opened, 3);
  assert.equal(lines.filter(({ event }) => event === "consumer.reopen-failed").length, 1);
});

test("a bug is told at level error, and the partition stays where it is", async (t) => {
  const scene = await openScene(t, embedded);
  await publish(scene, ["a"]);
  const { consumer, lines } = await start(t, scene, () => {
    throw new TypeError("undefined is no function");
  });
  await eventually(() => lines.some(({ event, level }) => event === "consumer.batch-failed" && level === "error"), "it is told");
  assert.equal(await consumer.lag(), 1);
  assert.deepEqual(lines.find(({ event }) => event === "consumer.batch-failed")?.fields?.["waitMs"], 15_000);
  assert.equal(await scene.metrics.sum("caudal_batch_failures_total", { retry: "no" }), 1);
  await consumer.close();
});

test("a breaker holds the group until a person resets it", async (t) => {
  const scene = await openScene(t, embedded);
  const keys = Array.from({ length: 50 }, (_, index) => `k${index}`);
  await publish(scene, keys);
  const breaker = createParkBreaker({ group, minParks: 5, resetAfterMs: 600_000 });
  let mended = false;
  let parked = 0;
  const { consumer } = await start(t, scene, ({ records }) => {
    const items = mended ? [] : records.map(() => ({ reason: "corrupt-record" as const }));
    breaker.admit(records.length, items);
    parked += items.length;
  }, { breaker });
  await eventually(() => consumer.status().state === "held", "it is held");
  assert.match(await scene.metrics.text(), /^caudal_park_breaker_open\{group="processor-mapping"\} 1$/m);
  assert.equal(parked, 0);
  mended = true;
  consumer.resetBreaker();
  await eventually(async () => (await consumer.lag()) === 0, "it goes on");
  assert.match(await scene.metrics.text(), /^caudal_park_breaker_open\{group="processor-mapping"\} 0$/m);
});

test("offsets of the handler's own are honoured, and its assignments are told", async (t) => {
  const scene = await openScene(t, embedded);
  await publish(scene, Array.from({ length: 20 }, (_, index) => `k${index}`));
  const ends = (await scene.log.bounds(topic)).map(({ endOffset }) => endOffset);
  const seen: number[] = [];
  const revoked: number[] = [];
  const { logger } = recorder();
  const consumer = await startConsumer({
    log: scene.log, topic, group, logger, metrics: scene.metrics, commit: "by-handler", maxBatchRecords: 1, maxBatchBytes: 1000,
    handler: {
      assigned: async ({ partition }) => (ends[partition] ?? 1) - 1,
      handle: async (batch, assignment) => {
        seen.push(...batch.records.map(({ offset }) => offset));
        await assignment.commit(batch.nextOffset);
      },
      revoked: async ({ partition }) => void revoked.push(partition),
    },
  });
  await eventually(async () => (await consumer.lag()) === 0, "all is consumed");
  assert.deepEqual(seen.sort(), ends.map((end) => end - 1).sort());
  await consumer.close();
  assert.deepEqual(revoked.sort(), [0, 1]);
});
