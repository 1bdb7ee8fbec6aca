import assert from "node:assert/strict";
import { test } from "node:test";
import { connectAsync, type MqttClient } from "mqtt";
import { eventually, openHarness, type Harness } from "../../test-parts/harness.ts";
import { payloadBytes, type TestMetric } from "../../test-parts/sparkplug-payload.ts";
import { startBroker } from "../../test-parts/outside-broker.ts";
import { datatypes as types } from "./metric-value.ts";
import { parsePayload } from "./payload.ts";

const flow = (value: number): TestMetric => ({ name: "flow", alias: 1, datatype: types.Double, doubleValue: value });

/** A node that publishes data before anybody heard its birth, and is born again when it is asked. */
class EdgeNode {
  readonly #client: MqttClient;
  asked = 0;

  private constructor(client: MqttClient) {
    this.#client = client;
    client.on("message", (_topic, payload) => {
      const command = parsePayload(payload);
      if (!command.ok || command.value.metrics[0]?.name !== "Node Control/Rebirth") return;
      this.asked += 1;
      void this.publish("NBIRTH", 0, [{ name: "bdSeq", datatype: types.UInt64, longValue: 3 }, flow(1)]);
    });
  }

  static async connect(port: number): Promise<EdgeNode> {
    const will = { topic: "spBv1.0/g/NDEATH/n1", payload: payloadBytes({ timestamp: Date.now(), metrics: [{ name: "bdSeq", datatype: types.UInt64, longValue: 3 }] }), qos: 1 as const, retain: false };
    const client = await connectAsync(`mqtt://127.0.0.1:${port}`, { protocolVersion: 4, reconnectPeriod: 0, clientId: "edge-node-1", will });
    const node = new EdgeNode(client);
    await client.subscribeAsync("spBv1.0/g/NCMD/n1", { qos: 0 });
    return node;
  }

  async publish(type: string, seq: number, metrics: readonly TestMetric[]): Promise<void> {
    await this.#client.publishAsync(`spBv1.0/g/${type}/n1`, payloadBytes({ timestamp: Date.now(), seq, metrics }), { qos: 0 });
  }

  /** Ends without a goodbye, so that the broker sends the will. */
  async die(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#client.once("close", () => resolve()));
    this.#client.stream.destroy();
    await closed;
  }
}

async function liveAndDie(harness: Harness, port: number): Promise<void> {
  const node = await EdgeNode.connect(port);
  await node.publish("NDATA", 7, [{ alias: 1, doubleValue: 4.5 }]);
  const values = async (): Promise<readonly unknown[]> => (await harness.read("Reading")).map(({ device, samples }) => [device, samples[0]?.key, samples[0]?.value]);
  await eventually(async () => (await values()).length >= 2);
  assert.deepEqual((await values()).toSorted(), [["n1", "flow", 1], ["n1", "flow", 4.5]]);
  assert.equal(node.asked, 1);
  await node.die();
  const words = async (): Promise<readonly string[]> => (await harness.read("DevicePresence")).filter(({ kind }) => kind !== "seen").map(({ kind, device }) => `${device} ${kind}`);
  await eventually(async () => (await words()).includes("n1 offline"));
  assert.deepEqual(await words(), ["n1 online", "n1 offline"]);
  assert.deepEqual(await harness.read("Parked"), []);
}

test("the built-in broker: a node is asked for its birth, its data waits for it, its will is a word", async () => {
  const harness = await openHarness({ env: { CAUDAL_MQTT: "0" } });
  try {
    await liveAndDie(harness, harness.collector.mqttAddress()?.port ?? assert.fail("not listening"));
  } finally {
    await harness.close();
  }
});

test("an outside broker: the command leaves by the bridge that the data came from", async () => {
  const outside = await startBroker();
  const harness = await openHarness({ env: { CAUDAL_MQTT: `mqtt://127.0.0.1:${outside.port}`, CAUDAL_MQTT_CLIENT_ID: "caudal-sparkplug" } });
  try {
    await eventually(() => harness.collector.status().bridges[0]?.state === "connected");
    await liveAndDie(harness, outside.port);
  } finally {
    await harness.close();
    await outside.close();
  }
});
