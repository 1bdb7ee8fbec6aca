import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { groups, topics } from "@caudal/core";
import { createLiveChannel, openEmbeddedTier } from "@caudal/embedded";
import { createProcessor } from "@caudal/processor";
import { systemClock } from "@caudal/runtime";
import { connectAsync, type MqttClient } from "mqtt";
import { eventually, openHarness, type Harness } from "../test-parts/harness.ts";
import { startBroker } from "../test-parts/outside-broker.ts";

const S = Math.floor(Date.now() / 1000) - 3600;

/** The real processor behind a collector: what its measurements say of a device, each value at its second. */
async function openMeasuring(context: TestContext, env: Readonly<Record<string, string>>): Promise<{ harness: Harness; facts(device: string): Promise<readonly string[]> }> {
  const harness = await openHarness({ env });
  const tier = (name: "hot" | "warm"): ReturnType<typeof openEmbeddedTier> => openEmbeddedTier({ name, directory: harness.folder, retentionMs: 30 * 86_400_000, revisions: "latest" });
  const [hot, warm] = await Promise.all([tier("hot"), tier("warm")]);
  const processor = createProcessor({ ...harness, live: createLiveChannel(), hot, warm, clock: systemClock, settings: { adopt: "auto" }, past: async function* () {}, pace: { everyMs: 20, everyRecords: 1000 } });
  await processor.start();
  context.after(async () => {
    await harness.collector.quiesce?.();
    await processor.stop(3000);
    await Promise.all([hot.close(), warm.close()]);
    await harness.close();
  });
  return {
    harness,
    facts: async (device) => {
      await eventually(async () => (await harness.log.lag(topics.readings, groups.mapping)).every(({ lag }) => lag === 0) && (await harness.log.lag(topics.points, groups.judging)).every(({ lag }) => lag === 0), 15_000);
      const measured = (await harness.read("Measurement")).filter((event) => event.device === device);
      return measured.flatMap(({ instantUs, facts }) => facts.map(({ value }) => `${instantUs / 1e6 - S}=${value}`));
    },
  };
}

const row = (at: number): string => JSON.stringify({ flow: at, ts: S + at });
const connect = (url: string): Promise<MqttClient> => connectAsync(url, { protocolVersion: 4, reconnectPeriod: 0 });

test("trap 16: a retained message that is replayed at each subscription is one measurement, and none without a time", async (context) => {
  const broker = await startBroker();
  const meter = await connect(broker.url);
  context.after(async () => {
    await meter.endAsync(true);
    await broker.close();
  });
  await meter.publishAsync("caudal/acme/timed/readings", row(1), { qos: 1, retain: true });
  await meter.publishAsync("caudal/acme/untimed/readings", "5", { qos: 1, retain: true });
  const { harness, facts } = await openMeasuring(context, { CAUDAL_MQTT: broker.url, CAUDAL_MQTT_CLIENT_ID: "caudal-retained" });
  const connected = (one: Harness): Promise<unknown> => eventually(() => one.collector.status().bridges[0]?.state === "connected");
  for (let session = 0; session < 3; session++) {
    await connected(harness);
    const before = await harness.metrics.sum("caudal_mqtt_messages_total", { outcome: "retained-without-time" });
    await eventually(async () => (await harness.read("Reading")).length > session && (before > 0 || (await harness.metrics.sum("caudal_mqtt_messages_total", { outcome: "retained-without-time" })) > 0));
    await harness.collector.stop(3000);
    // Another name: a session of its own, to which the broker sends again what it keeps.
    const other = await openHarness({ env: { CAUDAL_MQTT: broker.url, CAUDAL_MQTT_CLIENT_ID: `caudal-retained-${session}` } });
    await connected(other);
    await eventually(async () => (await other.read("Reading")).length === 1);
    await harness.log.publish(topics.readings, (await other.read("Reading")).map((value) => ({ key: "acme/timed", value: harness.codec.encode("Reading", value) })));
    await other.close();
    await harness.collector.start();
  }
  assert.deepEqual(await facts("timed"), ["1=1"]);
  assert.ok(!(await harness.read("Reading")).some(({ device }) => device === "untimed"));
});

test("trap 16: QoS 1 duplicates, and the disorder of a shared subscription, give each measurement once", async (context) => {
  const { harness, facts } = await openMeasuring(context, { CAUDAL_MQTT: "0" });
  const url = `mqtt://127.0.0.1:${harness.collector.mqttAddress()?.port}`;
  const members = await Promise.all([connect(url), connect(url), connect(url)]);
  context.after(() => Promise.all(members.map((one) => one.endAsync(true))));
  // Three members have parts of one device's stream; each sends its part, late, twice, and not in order.
  const order = Array.from({ length: 60 }, (_, at) => (at * 37) % 60);
  await Promise.all(order.flatMap((at, place) => [0, 1].map(async (again) => members[(place + again) % 3]?.publishAsync("caudal/acme/shared/readings", row(at), { qos: 1, dup: again === 1 }))));
  assert.ok((await harness.read("Reading")).length >= 60, "at least once");
  assert.deepEqual([...(await facts("shared"))].sort(), Array.from({ length: 60 }, (_, at) => `${at}=${at}`).sort());
});
