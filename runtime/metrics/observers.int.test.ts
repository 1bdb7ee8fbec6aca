import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { CaudalError, groups, hasCode, segmentName, sha256Hex, systemScope, topics, type PointKey, type RowBlock } from "@caudal/core";
import * as embedded from "@caudal/embedded";
import { createHeldClock } from "../clock/held-clock.ts";
import { measurement, openScene } from "../test-parts/scene.ts";
import { eventually } from "../test-parts/serve.ts";
import { createMetrics } from "./metrics.ts";
import { observeDocuments } from "./observe-documents.ts";
import { observeEventLog } from "./observe-event-log.ts";
import { observeSegments } from "./observe-segments.ts";
import { observeTier } from "./observe-tier.ts";

const topic = topics.devices;

test("an observed log is the same log, with its publishes and failures counted", async (t) => {
  const { log: plain, metrics } = await openScene(t, embedded);
  const log = observeEventLog(plain, metrics);
  await log.declareTopics([]);
  await log.publish(topic, [{ key: "a", value: Buffer.from("1") }, { key: "b", value: Buffer.from("2") }]);
  assert.equal(await metrics.sum("caudal_log_published_records_total", { topic }), 2);
  assert.match(await metrics.text(), /^caudal_log_publish_seconds_count\{topic="caudal\.devices"\} 1$/m);
  const seen: string[] = [];
  const consumption = await log.consume({ topic, group: groups.devices, handler: { handle: async ({ records }) => void seen.push(...records.map(({ key }) => key)) } });
  await eventually(() => seen.length === 2, "both are consumed");
  await eventually(async () => (await log.lag(topic, groups.devices)).every(({ lag }) => lag === 0), "both are committed");
  await consumption.close();
  assert.deepEqual(await log.groups(topic), [groups.devices]);
  const [first] = (await log.bounds(topic)).filter(({ endOffset }) => endOffset > 0);
  assert.equal((await log.read({ topic, partition: first?.partition ?? 0, fromOffset: 0 })).records.length, first?.endOffset);
  await log.trimBefore(topic, first?.partition ?? 0, 1);
  await assert.rejects(log.publish("caudal.nowhere", [{ key: "a", value: Buffer.from("1") }]), (error) => error instanceof CaudalError && error.code === "unknown-topic");
  assert.equal(await metrics.sum("caudal_log_errors_total", { call: "publish", code: "unknown-topic" }), 1);
  assert.equal(await metrics.sum("caudal_log_published_records_total"), 2);
  await log.close();
});

async function folder(t: TestContext): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), "caudal-observed-"));
  t.after(() => rm(directory, { recursive: true, force: true }));
  return directory;
}

const START_US = 1_700_000_000_000_000;

test("an observed tier is the same tier, with its facts, rows and failures counted", async (t) => {
  const metrics = createMetrics({ process: false });
  const clock = createHeldClock(START_US);
  const plain = await embedded.openEmbeddedTier({ name: "cold", directory: await folder(t), retentionMs: null, revisions: "all" });
  const tier = observeTier(plain, metrics, clock);
  const key: PointKey = { client: "acme", point: "p" };
  assert.deepEqual([tier.name, tier.capabilities], ["cold", plain.capabilities]);
  const written = [measurement("acme", "p", START_US), measurement("acme", "p", START_US + 1e6), measurement("acme", "", START_US)];
  assert.deepEqual((await tier.write(written)).failed.map(({ index }) => index), [2]);
  for (const [outcome, facts] of [["stored", 2], ["failed", 1], ["duplicate", 0]] as const) assert.equal(await metrics.sum("caudal_tier_facts_total", { tier: "cold", outcome }), facts, outcome);
  assert.equal(await metrics.sum("caudal_tier_last_write_timestamp_seconds", { tier: "cold" }), START_US / 1e6);
  await clock.advance(1000);
  await tier.write(written.slice(0, 1));
  assert.equal(await metrics.sum("caudal_tier_last_write_timestamp_seconds"), START_US / 1e6, "a duplicate is no write");

  const blocks: RowBlock[] = [];
  for await (const block of tier.read(systemScope, { ...key, fromUs: START_US, toUs: START_US + 2e6 })) blocks.push(block);
  assert.equal(blocks.reduce((rows, block) => rows + block.rows, 0), 2);
  assert.equal(await metrics.sum("caudal_tier_read_rows_total"), 2);
  assert.equal((await tier.latest(systemScope, [key])).length, 1);
  assert.equal((await tier.digest(systemScope, key, Math.floor(START_US / 86_400e6) * 86_400e6)).facts, 2);
  assert.equal(await tier.floor(systemScope, key), await plain.floor(systemScope, key));
  await tier.raiseFloor(systemScope, key, START_US + 1e6);
  assert.deepEqual(await tier.eraseClient("acme"), { points: 1 });
  await tier.close();
  await assert.rejects(tier.write(written));
  await assert.rejects(async () => {
    for await (const _ of tier.read(systemScope, { ...key, fromUs: 0, toUs: 1 })) assert.fail("a row of a closed tier");
  });
  assert.equal(await metrics.sum("caudal_tier_errors_total", { tier: "cold", call: "write" }), 1);
  assert.equal(await metrics.sum("caudal_tier_errors_total", { tier: "cold", call: "read" }), 1);
});

test("observed documents are the same documents, with their calls timed and their failures counted", async (t) => {
  const metrics = createMetrics({ process: false });
  const documents = observeDocuments(await embedded.openEmbeddedDocuments({ directory: await folder(t) }), metrics);
  const points = await documents.collection<{ client: string; name: string }>({ name: "points", tenant: true, indexes: [["name"]] });
  const one = { id: "1", body: { client: "acme", name: "well" } };
  assert.equal((await points.insert(systemScope, one)).version, 1);
  await assert.rejects(points.insert(systemScope, one), (error) => hasCode(error, "duplicate-key"));
  assert.equal((await points.get(systemScope, "1"))?.body.name, "well");
  assert.equal((await points.replace(systemScope, { ...one, body: { client: "acme", name: "spring" } }, 1)).version, 2);
  await points.putMany(systemScope, [{ id: "2", body: { client: "acme", name: "a" } }]);
  assert.equal((await points.getMany(systemScope, ["1", "2", "3"])).length, 2);
  assert.deepEqual((await points.find(systemScope, { where: { name: "spring" } })).items.map(({ id }) => id), ["1"]);
  assert.equal(await points.count(systemScope), 2);
  assert.equal(await points.remove(systemScope, "2"), true);
  await documents.close();
  const text = await metrics.text();
  for (const [call, times] of [["insert", 2], ["get", 1], ["getMany", 1], ["replace", 1], ["putMany", 1], ["find", 1], ["count", 1], ["remove", 1]] as const) {
    assert.match(text, new RegExp(`^caudal_documents_seconds_count\\{collection="points",call="${call}"\\} ${times}$`, "m"));
  }
  assert.equal(await metrics.sum("caudal_documents_errors_total", { collection: "points", call: "insert", code: "duplicate-key" }), 1);
});

test("an observed segment store is the same store, with what it made durable counted by topic", async (t) => {
  const metrics = createMetrics({ process: false });
  const segments = observeSegments(await embedded.openFileSegments(await folder(t)), metrics);
  const bytes = Buffer.from("segment");
  const name = segmentName({ topic: topics.points, partition: 2, firstOffset: 0, nextOffset: 5, day: "2026-03-01", sha256: sha256Hex(bytes) });
  await segments.put(name, bytes);
  await segments.put("other/blob", bytes);
  await assert.rejects(segments.put(name, Buffer.from("others")), (error) => hasCode(error, "duplicate-key"));
  assert.equal(await metrics.sum("caudal_archive_segments_total", { topic: topics.points }), 1);
  assert.equal(await metrics.sum("caudal_archive_bytes_total", { topic: topics.points }), bytes.length);
  assert.equal(await metrics.sum("caudal_archive_segments_total"), 2);
  assert.deepEqual(Buffer.from(await segments.get(name) ?? []), bytes);
  assert.deepEqual(await segments.list("caudal"), [name]);
  await segments.remove(name);
  assert.deepEqual(await segments.list(""), ["other/blob"]);
  await segments.close();
});
