import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { CaudalError, groups, systemScope, topics, type SeriesTier } from "@caudal/core";
import * as embedded from "@caudal/embedded";
import type { Measurement } from "@caudal/schemas";
import { Findings } from "../conservation/findings.ts";
import { keepLedger } from "../conservation/keep-ledger.ts";
import { silentLogger } from "../log/logger.ts";
import { observeTier } from "../metrics/observe-tier.ts";
import { createParkBreaker } from "../parking/breaker.ts";
import { createParker } from "../parking/parker.ts";
import { measurement, openScene, type Scene } from "../test-parts/scene.ts";
import { eventually } from "../test-parts/serve.ts";
import { startConsumer, type Consumer } from "./start-consumer.ts";
import { createTierSink } from "./tier-sink.ts";

const START_US = 1_700_000_000_000_000;
const DAY_US = 86_400_000_000;
const group = groups.hot;

async function openTier(t: TestContext): Promise<SeriesTier> {
  const directory = await mkdtemp(join(tmpdir(), "caudal-sink-"));
  const tier = await embedded.openEmbeddedTier({ name: "hot", directory, retentionMs: 3 * 86_400_000, revisions: "latest" });
  t.after(async () => {
    await tier.close();
    await rm(directory, { recursive: true, force: true });
  });
  return tier;
}

async function sink(t: TestContext, scene: Scene, tier: SeriesTier, minParks = 100): Promise<Consumer> {
  const breaker = createParkBreaker({ group, minParks });
  const directory = await mkdtemp(join(tmpdir(), "caudal-sink-"));
  const documents = await embedded.openEmbeddedDocuments({ directory });
  t.after(async () => {
    await documents.close();
    await rm(directory, { recursive: true, force: true });
  });
  const parts = { ...scene, documents, logger: silentLogger };
  const sunk = createTierSink({ ...scene, group, tier: observeTier(tier, scene.metrics), parker: createParker(scene), breaker });
  const handler = keepLedger({ ...parts, group, handler: sunk, findings: new Findings(parts) });
  const consumer = await startConsumer({ log: scene.log, topic: topics.measurements, group, handler, logger: silentLogger, metrics: scene.metrics, breaker, retryBaseMs: 2, retryCapMs: 10 });
  t.after(() => consumer.close());
  return consumer;
}

const publish = ({ log, codec }: Scene, measurements: readonly Measurement[]) =>
  log.publish(topics.measurements, measurements.map((one) => ({ key: one.point, value: codec.encode("Measurement", one) })));
const drained = (consumer: Consumer) => eventually(async () => (await consumer.lag()) === 0, "the sink has drained");

async function line({ metrics }: Scene): Promise<Record<string, number>> {
  const sums = ["stored", "superseded", "duplicate", "below-floor", "parked"].map(async (outcome) => [outcome, await metrics.sum("caudal_facts_out_total", { group, outcome })]);
  return { in: await metrics.sum("caudal_facts_in_total", { group }), ...Object.fromEntries(await Promise.all(sums)) as Record<string, number> };
}

test("every fact that goes in comes out: stored, superseded, duplicate or below the floor", async (t) => {
  const scene = await openScene(t, embedded);
  const tier = await openTier(t);
  const consumer = await sink(t, scene, tier);
  const first = measurement("acme", "p", START_US);
  await publish(scene, [first, first, measurement("acme", "p", START_US, { knownAtUs: START_US - 5 }), measurement("acme", "p", START_US - 10 * DAY_US)]);
  await drained(consumer);
  assert.deepEqual(await line(scene), { in: 4, stored: 1, superseded: 1, duplicate: 1, "below-floor": 1, parked: 0 });
  for (const outcome of ["stored", "superseded", "duplicate", "below-floor"]) assert.equal(await scene.metrics.sum("caudal_tier_facts_total", { tier: "hot", outcome }), 1, outcome);
  const writtenS = await scene.metrics.sum("caudal_tier_last_write_timestamp_seconds");
  assert.ok(Math.abs(writtenS - Date.now() / 1000) < 60);
  const [latest] = await tier.latest(systemScope, [{ client: "acme", point: "p" }]);
  assert.deepEqual([latest?.instantUs, latest?.value], [START_US, 1.5]);
});

test("what the store refuses for good is parked, and its neighbours are stored", async (t) => {
  const scene = await openScene(t, embedded);
  const tier = await openTier(t);
  const consumer = await sink(t, scene, tier);
  const unstorable = { variable: "flow", value: 1, flag: 0, reasons: [] };
  await publish(scene, [measurement("acme", "refused", START_US, { facts: [unstorable] }), measurement("acme", "p", START_US)]);
  await scene.log.publish(topics.measurements, [{ key: "p", value: Buffer.from("nonsense") }]);
  await drained(consumer);
  const parked = (await scene.all(topics.parked)).map(({ value }) => {
    const decoded = scene.codec.decode("Parked", value);
    return decoded.ok ? decoded.value : assert.fail();
  });
  assert.deepEqual(parked.map(({ client, reason, detail }) => [client, reason, detail]).sort(), [["-", "wrong-magic", "wrong-magic, 8 bytes"], ["acme", "rejected-by-store", "bad-request: flag 0 of flow is not from 1 to 255"]]);
  const again = scene.codec.decode("Measurement", parked.find(({ client }) => client === "acme")?.value ?? new Uint8Array());
  assert.equal(again.ok && again.value.point, "refused");
  assert.deepEqual(await line(scene), { in: 2, stored: 1, superseded: 0, duplicate: 0, "below-floor": 0, parked: 1 });
});

test("a store that is down delays and loses nothing; half a batch that failed is written again", async (t) => {
  const scene = await openScene(t, embedded);
  const tier = await openTier(t);
  let calls = 0;
  const flaky: SeriesTier = {
    ...observeTier(tier, scene.metrics),
    write: async (batch) => {
      calls++;
      if (calls === 1) throw new CaudalError("unavailable", "down");
      if (calls > 2) return tier.write(batch);
      const result = await tier.write(batch.slice(0, 1));
      return { ...result, failed: batch.slice(1).map((_, index) => ({ index: index + 1, error: new CaudalError("timeout", "no answer") })) };
    },
  };
  const consumer = await sink(t, scene, flaky);
  await publish(scene, [measurement("acme", "p", START_US), measurement("acme", "p", START_US + 1e6), measurement("acme", "p", START_US + 2e6)]);
  await drained(consumer);
  const counts = await line(scene);
  assert.equal(counts["in"], 3);
  assert.equal((counts["stored"] ?? 0) + (counts["duplicate"] ?? 0), 3);
  assert.equal((await scene.all(topics.parked)).length, 0);
});

test("the breaker keeps a flood of refusals in the log", async (t) => {
  const scene = await openScene(t, embedded);
  const consumer = await sink(t, scene, await openTier(t), 3);
  await scene.log.publish(topics.measurements, Array.from({ length: 20 }, () => ({ key: "p", value: Buffer.from("nonsense") })));
  await eventually(() => consumer.status().state === "held", "the group is held");
  assert.equal((await scene.all(topics.parked)).length, 0);
  assert.equal(await consumer.lag(), 20);
});
