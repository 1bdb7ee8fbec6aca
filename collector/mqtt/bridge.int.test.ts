import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { CaudalError, type EventLog } from "@caudal/core";
import { connectAsync, type MqttClient } from "mqtt";
import { eventually, openHarness, type Harness } from "../test-parts/harness.ts";
import { startBroker, usualBroker, type OutsideBroker } from "../test-parts/outside-broker.ts";

const env = (broker: OutsideBroker, more: Record<string, string> = {}): Record<string, string> => ({ CAUDAL_MQTT: broker.url, CAUDAL_MQTT_CLIENT_ID: "caudal-test", ...more });
const connected = (harness: Harness): Promise<unknown> => eventually(() => harness.collector.status().bridges[0]?.state === "connected");
const values = async (harness: Harness, device: string): Promise<unknown[]> => (await harness.read("Reading")).filter((reading) => reading.device === device).map(({ samples }) => samples[0]?.value);

for (const kind of new Set([usualBroker(), "aedes"] as const)) {
  describe(`a bridge to ${kind}`, () => {
    let broker: OutsideBroker;
    let harness: Harness;
    let meter: MqttClient;
    before(async () => {
      broker = await startBroker(kind);
      meter = await connectAsync(broker.url, { protocolVersion: 4, reconnectPeriod: 50, clientId: "meter", clean: false });
      meter.on("error", () => {});
      await meter.publishAsync("caudal/acme/old/readings", "1", { qos: 1, retain: true });
      await meter.publishAsync("caudal/acme/old-dated/readings", '{"flow":2,"ts":1772366400}', { qos: 1, retain: true });
      harness = await openHarness({ env: env(broker) });
      await connected(harness);
    });
    after(async () => {
      await harness.close();
      await meter.endAsync(true);
      await broker.close();
    });

    test("it speaks what the broker speaks", () => {
      assert.equal(harness.collector.status().bridges[0]?.protocol, kind === "mosquitto" ? "MQTT 5" : "MQTT 3.1.1");
      assert.equal(harness.collector.health().status, "ok");
    });

    test("trap 16: a retained message from before counts by its own time alone", async () => {
      await eventually(async () => (await values(harness, "old-dated")).length === 1);
      await eventually(async () => (await harness.metrics.sum("caudal_mqtt_messages_total", { outcome: "retained-without-time" })) === 1);
      assert.deepEqual(await values(harness, "old"), []);
    });

    test("a message published with the flag while it listens is new", async () => {
      await meter.publishAsync("caudal/acme/fresh/readings", "3", { qos: 1, retain: true });
      await eventually(async () => (await values(harness, "fresh")).length === 1);
    });

    test("many messages, in their order", async () => {
      await Promise.all(Array.from({ length: 1000 }, (_, n) => meter.publishAsync("caudal/acme/many/readings", String(n), { qos: 1 })));
      const all = await eventually(async () => {
        const found = await values(harness, "many");
        return found.length >= 1000 && found;
      });
      assert.deepEqual(all, Array.from({ length: 1000 }, (_, n) => n));
      await eventually(() => harness.collector.status().bridges[0]?.inFlight === 0);
    });

    test("what cannot be used is parked whole", async () => {
      await meter.publishAsync("caudal/acme/bad/readings", "{", { qos: 1 });
      const parked = await eventually(async () => (await harness.read("Parked")).find(({ device }) => device === "bad"));
      assert.deepEqual([parked.reason, Buffer.from(parked.value).toString()], ["malformed-json", "{"]);
    });

    test("a payload over 8 MiB is listed and skipped, and those behind it come through", async () => {
      await meter.publishAsync("caudal/acme/huge/readings", Buffer.alloc(9 * 1024 * 1024, 1), { qos: 1 });
      await meter.publishAsync("caudal/acme/behind/readings", "4", { qos: 1 });
      await eventually(async () => (await harness.read("DevicePresence")).some(({ kind: word, device }) => word === "refused" && device === "huge"));
      await eventually(async () => (await values(harness, "behind")).length === 1);
      await eventually(() => harness.collector.status().bridges[0]?.inFlight === 0);
    });

    test("what is published while it is away waits in its session", async () => {
      await harness.collector.stop(2000);
      await meter.publishAsync("caudal/acme/away/readings", "5", { qos: 1 });
      await harness.collector.start();
      await eventually(async () => (await values(harness, "away")).length === 1);
    });
  });
}

test("a broker that comes late or restarts is waited for", async () => {
  const broker = await startBroker();
  await broker.close();
  const harness = await openHarness({ env: env(broker) });
  try {
    await eventually(() => harness.collector.status().bridges[0]?.problem !== undefined);
    assert.equal(harness.collector.health().status, "degraded");
  } finally {
    await harness.close();
  }
  const second = await startBroker();
  const waiting = await openHarness({ env: env(second) });
  try {
    await connected(waiting);
    await second.restart();
    await eventually(() => waiting.lines.some(({ event }) => event === "mqtt.bridge-disconnected"));
    await connected(waiting);
    const meter = await connectAsync(second.url, { protocolVersion: 4, reconnectPeriod: 0 });
    await meter.publishAsync("caudal/acme/late/readings", "1", { qos: 1 });
    await eventually(async () => (await values(waiting, "late")).length === 1);
    await meter.endAsync(true);
  } finally {
    await waiting.close();
    await second.close();
  }
});

test("when the log is away the connection is dropped, and the broker sends again what was not acknowledged", async () => {
  const broker = await startBroker();
  let away = true;
  const harness = await openHarness({
    env: env(broker),
    wrapLog: (log): EventLog => new Proxy(log, { get: (target, name: keyof EventLog) => name === "publish"
      ? async (...args: Parameters<EventLog["publish"]>) => (away ? Promise.reject(new CaudalError("unavailable", "the log is away")) : target.publish(...args))
      : (target[name] as (...args: never[]) => unknown).bind(target) }),
  });
  const meter = await connectAsync(broker.url, { protocolVersion: 4, reconnectPeriod: 0 });
  try {
    await connected(harness);
    await Promise.all(["1", "2", "3"].map((value) => meter.publishAsync("caudal/acme/W-1/readings", value, { qos: 1 })));
    await eventually(() => harness.lines.some(({ event }) => event === "mqtt.bridge-disconnected"));
    away = false;
    await eventually(async () => (await values(harness, "W-1")).length >= 3);
    assert.deepEqual(await values(harness, "W-1"), [1, 2, 3]);
  } finally {
    await meter.endAsync(true);
    await harness.close();
    await broker.close();
  }
});

test("more in flight than allowed waits, and none is lost", async () => {
  const broker = await startBroker("aedes");
  const harness = await openHarness({ env: env(broker, { CAUDAL_MQTT_IN_FLIGHT: "3" }) });
  const meter = await connectAsync(broker.url, { protocolVersion: 4, reconnectPeriod: 0 });
  try {
    await connected(harness);
    await Promise.all(Array.from({ length: 200 }, (_, n) => meter.publishAsync("caudal/acme/few/readings", String(n), { qos: n % 2 === 0 ? 1 : 0 })));
    await eventually(async () => (await values(harness, "few")).length === 200);
    // The broker itself lets messages of QoS 0 overtake.
    assert.deepEqual((await values(harness, "few")).map(Number).sort((a, b) => a - b), Array.from({ length: 200 }, (_, n) => n));
  } finally {
    await meter.endAsync(true);
    await harness.close();
    await broker.close();
  }
});
