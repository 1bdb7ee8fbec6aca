import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { connectAsync, type MqttClient } from "mqtt";
import { systemClock, silentLogger } from "@caudal/runtime";
import { eventually, openHarness, type Harness } from "../../test-parts/harness.ts";
import { startBroker, usualBroker, type OutsideBroker } from "../../test-parts/outside-broker.ts";
import { parseBrokerUrl } from "../broker-url.ts";
import { HostState, statePayload, stateTopic } from "./host-state.ts";

interface Said {
  readonly online: boolean;
  readonly timestamp: number;
  readonly retained: boolean;
}

/** A node that waits for its host: what it was told, in order. */
async function nodeAt(url: string, host: string): Promise<{ readonly client: MqttClient; readonly said: Said[] }> {
  const said: Said[] = [];
  const client = await connectAsync(url, { protocolVersion: 4, reconnectPeriod: 50 });
  client.on("error", () => {});
  client.on("message", (_topic, payload, packet) => said.push({ ...(JSON.parse(payload.toString()) as { online: boolean; timestamp: number }), retained: packet.retain }));
  const [granted] = await client.subscribeAsync(stateTopic(host), { qos: 1 });
  assert.equal(granted?.qos, 1);
  return { client, said };
}

const bridgeEnv = (broker: OutsideBroker, more: Record<string, string> = {}): Record<string, string> => ({ CAUDAL_MQTT: broker.url, CAUDAL_MQTT_CLIENT_ID: "caudal-state-test", CAUDAL_SPARKPLUG_HOST: "caudal", ...more });
const states = (said: readonly Said[]): boolean[] => said.map(({ online }) => online);

for (const kind of new Set([usualBroker(), "aedes"] as const)) {
  describe(`the host's state at ${kind}`, () => {
    test("nodes learn that their host is there, that it left, and that it came back; each time is later than the one before", async () => {
      const broker = await startBroker(kind);
      let harness: Harness | undefined;
      const { client, said } = await nodeAt(broker.url, "caudal");
      try {
        harness = await openHarness({ env: bridgeEnv(broker) });
        await eventually(() => said.length === 1);
        await harness.close();
        await eventually(() => said.length === 2);
        harness = await openHarness({ env: bridgeEnv(broker) });
        await eventually(() => said.length === 3);
        assert.deepEqual(states(said), [true, false, true]);
        assert.deepEqual(said.map(({ timestamp }) => timestamp), [...said.map(({ timestamp }) => timestamp)].sort((a, b) => a - b));
        assert.ok(Math.abs(said[0]!.timestamp - Date.now()) < 60_000, "milliseconds of the clock");
        const late = await nodeAt(broker.url, "caudal");
        await eventually(() => late.said.length === 1);
        assert.deepEqual(late.said, [{ online: true, timestamp: said[2]!.timestamp, retained: true }], "the broker keeps it for nodes that come later");
        await late.client.endAsync(true);
      } finally {
        await harness?.close();
        await client.endAsync(true);
        await broker.close();
      }
    });

    test("a host that goes without a word is told by its will, with its birth's own time; one of two of the same name tells again", async () => {
      const broker = await startBroker(kind);
      const { client, said } = await nodeAt(broker.url, "pair");
      const host = (clientId: string): HostState => new HostState({
        hostId: "pair", url: parseBrokerUrl(broker.url), clientId, username: undefined, password: undefined, certificates: () => ({ ca: undefined, cert: undefined, key: undefined }), clock: systemClock, logger: silentLogger,
      });
      const one = host("one");
      try {
        await one.up(4);
        await eventually(() => said.length === 1);
        // A second of that name whose connection is cut: its will says that the host is gone.
        const other = await connectAsync(broker.url, { protocolVersion: 4, clientId: "other", reconnectPeriod: 0, will: { topic: stateTopic("pair"), payload: statePayload(false, said[0]!.timestamp + 1), qos: 1, retain: true } });
        other.on("error", () => {});
        other.stream.destroy();
        await eventually(() => said.length >= 3);
        assert.deepEqual(states(said).slice(0, 3), [true, false, true]);
        assert.ok(said[2]!.timestamp > said[0]!.timestamp, "a node takes no state that is older than what it knows");
        await one.down();
        await eventually(() => states(said).at(-1) === false);
      } finally {
        await one.down();
        await client.endAsync(true);
        await broker.close();
      }
    });
  });
}

test("the will says the birth's own time", async () => {
  const broker = await startBroker("aedes");
  const { client, said } = await nodeAt(broker.url, "caudal");
  const harness = await openHarness({ env: bridgeEnv(broker) });
  try {
    await eventually(() => said.length === 1);
    // A broker that takes another connection under the name ends the first, as if its host had died.
    const usurper = await connectAsync(broker.url, { protocolVersion: 4, clientId: "caudal-state-test-state", clean: true, reconnectPeriod: 0 });
    await eventually(() => said.some(({ online }) => !online));
    assert.equal(said.find(({ online }) => !online)?.timestamp, said[0]!.timestamp);
    await eventually(() => said.at(-1)?.online === true && said.length >= 3);
    assert.ok(said.at(-1)!.timestamp > said[0]!.timestamp);
    await usurper.endAsync(true);
  } finally {
    await harness.close();
    await client.endAsync(true);
    await broker.close();
  }
});

test("without a name nothing is said; while the broker is away nothing is, and again once it is back", async () => {
  const broker = await startBroker("aedes");
  const quiet = await nodeAt(broker.url, "caudal");
  const silent = await openHarness({ env: bridgeEnv(broker, { CAUDAL_SPARKPLUG_HOST: "" }) });
  await eventually(() => silent.collector.status().bridges[0]?.state === "connected");
  assert.deepEqual(quiet.said, []);
  await silent.close();
  const harness = await openHarness({ env: bridgeEnv(broker) });
  try {
    await eventually(() => quiet.said.length === 1);
    await quiet.client.endAsync(true);
    await broker.restart();
    const again = await nodeAt(broker.url, "caudal");
    await eventually(() => again.said.some(({ online }) => online));
    await again.client.endAsync(true);
  } finally {
    await harness.close();
    await broker.close();
  }
});

test("the built-in broker keeps it for nodes, and a device may see it", async () => {
  const harness = await openHarness({
    env: { CAUDAL_MQTT: "127.0.0.1:0", CAUDAL_SPARKPLUG_HOST: "caudal" }, authenticate: async () => ({ name: "node", role: "device", scope: { clients: ["acme"] }, devices: ["n1"] }),
  });
  const { port } = harness.collector.mqttAddress()!;
  const { client, said } = await nodeAt(`mqtt://127.0.0.1:${port}`, "caudal");
  try {
    await eventually(() => said.length === 1);
    assert.deepEqual([said[0]!.online, said[0]!.retained], [true, true]);
    const refused = await client.subscribeAsync("spBv1.0/STATE/+", { qos: 1 }).then((granted) => granted[0]?.qos, () => 128);
    assert.equal(refused, 128, "no more than the state of its own host");
  } finally {
    await client.endAsync(true);
    await harness.close();
  }
});
