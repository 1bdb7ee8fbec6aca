import assert from "node:assert/strict";
import { connect as connectTcp } from "node:net";
import { after, before, describe, test } from "node:test";
import { CaudalError, topics, type EventLog, type Principal } from "@caudal/core";
import { connectAsync, type IClientOptions, type MqttClient } from "mqtt";
import { eventually, openHarness, type Harness } from "../test-parts/harness.ts";

const clients: MqttClient[] = [];

async function client(harness: Harness, options: IClientOptions = {}): Promise<MqttClient> {
  const { port } = harness.collector.mqttAddress() ?? assert.fail("no broker");
  const connected = await connectAsync(`mqtt://127.0.0.1:${port}`, { protocolVersion: 4, reconnectPeriod: 0, ...options });
  connected.on("error", () => {});
  clients.push(connected);
  return connected;
}

async function endClients(): Promise<void> {
  await Promise.all(clients.splice(0).map((one) => one.endAsync(true)));
}

describe("the built-in broker", () => {
  let harness: Harness;
  before(async () => {
    harness = await openHarness({ env: { CAUDAL_MQTT: "0" } });
  });
  after(async () => {
    await endClients();
    await harness.close();
  });

  test("a message is acknowledged once the log has it, as the reading that it is", async () => {
    const meter = await client(harness);
    await meter.publishAsync("caudal/acme/W-07/readings", '{"flow":12.5,"ts":1772366400,"labels":{"credit":"x"}}', { qos: 1 });
    const [reading] = (await harness.read("Reading")).filter(({ device }) => device === "W-07");
    assert.ok(reading !== undefined);
    assert.deepEqual([reading.client, reading.source, reading.transport, reading.origin, reading.observedAtUs, reading.labels], ["acme", "mqtt", "mqtt", "caudal/acme/W-07/readings", 1772366400e6, { credit: "x" }]);
    assert.equal(Buffer.from(reading.raw).toString(), '{"flow":12.5,"ts":1772366400,"labels":{"credit":"x"}}');
    const record = (await Promise.all([0, 1].map((partition) => harness.log.read({ topic: topics.readings, partition, fromOffset: 0 })))).flatMap(({ records }) => records)[0];
    assert.equal(record?.key, "acme/W-07");
    assert.match(record.headers["traceparent"] ?? "", /^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/);
  });

  test("messages of QoS 0, 1 and 2 are taken, each device in its order, all acknowledged in theirs", async () => {
    const meter = await client(harness);
    const acked: number[] = [];
    const sent = Array.from({ length: 300 }, (_, n) => meter.publishAsync(`caudal/acme/order-${n % 3}/readings`, String(n), { qos: n % 10 === 0 ? 2 : 1 }).then(() => acked.push(n)));
    meter.publish("caudal/acme/order-q0/readings", "7", { qos: 0 });
    await Promise.all(sent);
    await eventually(async () => (await harness.read("Reading")).some(({ device }) => device === "order-q0"));
    for (const device of ["order-0", "order-1", "order-2"]) {
      const values = (await harness.read("Reading")).filter((reading) => reading.device === device).map(({ samples }) => Number(samples[0]?.value));
      assert.deepEqual(values, values.toSorted((a, b) => a - b));
      assert.equal(values.length, 100);
    }
    const ones = acked.filter((n) => n % 10 !== 0);
    assert.deepEqual(ones, ones.toSorted((a, b) => a - b));
  });

  test("what cannot be used is parked whole and acknowledged, and delays nobody", async () => {
    const meter = await client(harness);
    const bad: readonly (readonly [string, string | Buffer])[] = [
      ["malformed-json", '{"flow":'], ["wrong-type", '{"flow":[1]}'], ["not-finite", '{"flow":NaN}'], ["empty", ""], ["too-deep", `{"a":${"[".repeat(40)}${"]".repeat(40)}}`],
      ["invalid-utf8", Buffer.from([0x7b, 0xff])], ["malformed-csv", "01-03-2026;09:00:00;Niv"], ["implausible-time", '{"flow":1,"ts":1000000000}'], ["no-samples", '{"id":"x"}'],
    ];
    await Promise.all(bad.map(([why, payload]) => meter.publishAsync(`caudal/acme/bad-${why}/readings`, payload, { qos: 1 })));
    await meter.publishAsync("caudal/acme/good/readings", '{"flow":1e308}', { qos: 1 });
    const parked = await harness.read("Parked");
    for (const [why, payload] of bad) {
      const found = parked.find(({ device }) => device === `bad-${why}`);
      assert.equal(found?.reason, why);
      assert.ok(Buffer.from(found.value).equals(Buffer.from(payload)), why);
      assert.deepEqual([found.client, found.group, found.origin, found.transport, found.topic, found.offset], ["acme", "collector", `caudal/acme/bad-${why}/readings`, "mqtt", "", -1]);
    }
    assert.ok((await harness.read("Reading")).some(({ device, samples }) => device === "good" && samples[0]?.value === 1e308));
  });

  test("a client that no client can be called is parked", async () => {
    const meter = await client(harness);
    await meter.publishAsync("caudal/ACME Corp/W-1/readings", '{"flow":1}', { qos: 1 });
    await meter.publishAsync("sensores/flujo", '{"flujo":1}', { qos: 1 });
    const parked = await harness.read("Parked");
    assert.ok(parked.some(({ reason, client: owner, origin }) => reason === "unknown-client" && owner === "default" && origin === "caudal/ACME Corp/W-1/readings"));
    assert.ok(parked.some(({ reason }) => reason === "no-device"));
  });

  test("a topic under caudal/ that nothing fits is parked; others pass between clients", async () => {
    const meter = await client(harness);
    const listener = await client(harness);
    const heard = new Promise<string>((resolve) => listener.on("message", (topic, payload) => resolve(`${topic} ${payload.toString()}`)));
    await listener.subscribeAsync("home/#");
    await meter.publishAsync("home/lamp", "on", { qos: 1 });
    assert.equal(await heard, "home/lamp on");
    await meter.publishAsync("caudal/acme/W-07/reading", '{"flow":1}', { qos: 1 });
    assert.ok((await harness.read("Parked")).some(({ reason, origin }) => reason === "unmapped-topic" && origin === "caudal/acme/W-07/reading"));
    assert.ok(!(await harness.read("Parked")).some(({ origin }) => origin === "home/lamp"));
  });

  test("a payload over 1 MiB is parked whole in parts and acknowledged", async () => {
    const meter = await client(harness);
    const payload = Buffer.alloc(3 * 1024 * 1024, "x");
    await meter.publishAsync("caudal/acme/large/readings", payload, { qos: 1 });
    const parts = (await harness.read("Parked")).filter(({ device }) => device === "large");
    assert.deepEqual([parts.length, parts[0]?.parts, parts[0]?.reason], [4, 4, "too-large"]);
    assert.ok(Buffer.concat(parts.toSorted((a, b) => a.part - b.part).map(({ value }) => value)).equals(payload));
  });

  test("above 8 MiB the connection is closed, nothing is kept, and the device is listed", async () => {
    const meter = await client(harness);
    const closed = new Promise((resolve) => meter.once("close", () => resolve(true)));
    meter.publish("caudal/acme/huge/readings", Buffer.alloc(8 * 1024 * 1024 + 1), { qos: 1 }, () => {});
    assert.equal(await closed, true);
    const listed = await eventually(async () => (await harness.read("DevicePresence")).find(({ kind, device }) => kind === "refused" && device === "huge"));
    assert.match(listed.detail, /8388609 bytes/);
    assert.ok(!(await harness.read("Parked")).some(({ device }) => device === "huge"));
  });

  test("exactly 8 MiB is parked", async () => {
    const meter = await client(harness);
    await meter.publishAsync("caudal/acme/just/readings", Buffer.alloc(8 * 1024 * 1024, 1), { qos: 1 });
    assert.ok((await harness.read("Parked")).some(({ device, reason }) => device === "just" && reason === "too-large"));
  });

  test("a live message is new, retained or not", async () => {
    const meter = await client(harness);
    await meter.publishAsync("caudal/acme/retained/readings", "5", { qos: 1, retain: true });
    assert.ok((await harness.read("Reading")).some(({ device }) => device === "retained"));
  });

  test("an MQTT 5 client is refused, and the log says so", async () => {
    const { port } = harness.collector.mqttAddress() ?? assert.fail();
    await assert.rejects(connectAsync(`mqtt://127.0.0.1:${port}`, { protocolVersion: 5, reconnectPeriod: 0, clientId: "modern", connectTimeout: 2000 }, false));
    const line = await eventually(() => harness.lines.find(({ event }) => event === "mqtt.version-refused"));
    assert.deepEqual([line.level, line.fields["clientId"], line.fields["asked"], line.fields["spoken"]], ["warn", "modern", "MQTT 5", "MQTT 3.1.1"]);
  });

  test("bytes that are no MQTT end their connection alone", async () => {
    const { port } = harness.collector.mqttAddress() ?? assert.fail();
    for (const bytes of [Buffer.from("GET / HTTP/1.1\r\n\r\n"), Buffer.from([0x30, 255, 255, 255, 255, 1])]) {
      const socket = connectTcp(port, "127.0.0.1");
      socket.on("error", () => {});
      const closed = new Promise((resolve) => socket.on("close", () => resolve(true)));
      socket.write(bytes);
      assert.equal(await closed, true);
    }
    await (await client(harness)).publishAsync("caudal/acme/after/readings", "1", { qos: 1 });
  });

  test("a will says that its device is gone", async () => {
    const meter = await client(harness, { will: { topic: "caudal/acme/W-07/status", payload: Buffer.from("offline"), qos: 1, retain: true } });
    await meter.publishAsync("caudal/acme/W-07/status", "online", { qos: 1 });
    meter.stream.destroy();
    const words = await eventually(async () => {
      const found = (await harness.read("DevicePresence")).filter(({ device, kind }) => device === "W-07" && kind !== "seen").map(({ kind }) => kind);
      return found.length >= 2 && found;
    });
    assert.deepEqual(words, ["online", "offline"]);
  });

  test("a device is seen at most once a minute", async () => {
    const meter = await client(harness);
    for (const value of ["1", "2", "3"]) await meter.publishAsync("caudal/acme/seen/readings", value, { qos: 1 });
    const seen = await eventually(async () => {
      const found = (await harness.read("DevicePresence")).filter(({ device }) => device === "seen");
      return found.length > 0 && found;
    });
    assert.deepEqual(seen.map(({ kind, transport }) => [kind, transport]), [["seen", "mqtt"]]);
  });

  test("metrics and status count what happened", async () => {
    assert.ok(await harness.metrics.sum("caudal_mqtt_messages_total", { broker: "built-in", outcome: "accepted" }) > 300);
    assert.ok(await harness.metrics.sum("caudal_readings_accepted_total", { transport: "mqtt" }) > 300);
    await eventually(() => (harness.collector.status().broker?.connections ?? 0) > 0);
    assert.equal(harness.collector.health().status, "ok");
  });
});

test("when the log is away the connection is closed and nothing is acknowledged; it comes again and is taken once the log is back", async () => {
  let away = true;
  const harness = await openHarness({
    env: { CAUDAL_MQTT: "0" },
    wrapLog: (log): EventLog => new Proxy(log, { get: (target, name: keyof EventLog) => name === "publish"
      ? async (...args: Parameters<EventLog["publish"]>) => (away ? Promise.reject(new CaudalError("unavailable", "the log is away")) : target.publish(...args))
      : (target[name] as (...args: never[]) => unknown).bind(target) }),
  });
  try {
    const meter = await client(harness, { reconnectPeriod: 50, clean: false, clientId: "logger-1" });
    const closed = new Promise((resolve) => meter.once("close", () => resolve(true)));
    let acked = false;
    const published = Promise.all(["1", "2"].map((value) => meter.publishAsync("caudal/acme/W-1/readings", value, { qos: 1 }))).then(() => { acked = true; });
    await closed;
    assert.equal(acked, false);
    away = false;
    await published;
    assert.deepEqual((await harness.read("Reading")).map(({ samples }) => samples[0]?.value), [1, 2]);
  } finally {
    await endClients();
    await harness.close();
  }
});

describe("who may do what", () => {
  const principals: Readonly<Record<string, Principal>> = {
    device: { name: "acme-loggers", role: "device", scope: { clients: ["acme"] } },
    viewer: { name: "screen", role: "viewer", scope: { clients: ["acme"] } },
    several: { name: "integrator", role: "operator", scope: { clients: ["acme", "beta"] } },
  };
  let harness: Harness;
  before(async () => {
    harness = await openHarness({
      env: { CAUDAL_MQTT: "0" },
      authenticate: async (_username, password) => {
        if (password === "broken") throw new CaudalError("unavailable", "tokens cannot be read");
        return principals[password ?? ""];
      },
    });
  });
  after(async () => {
    await endClients();
    await harness.close();
  });

  const refusedPublish = async (password: string, topic: string): Promise<void> => {
    const one = await client(harness, { password, username: "x" });
    const closed = new Promise((resolve) => one.once("close", () => resolve(true)));
    one.publish(topic, '{"id":"a","flow":1}', { qos: 1 }, () => {});
    assert.equal(await closed, true);
  };

  test("without a valid token nobody connects", async () => {
    const { port } = harness.collector.mqttAddress() ?? assert.fail();
    for (const [password, code] of [["wrong", 4], [undefined, 5], ["broken", 3]] as const) {
      await assert.rejects(connectAsync(`mqtt://127.0.0.1:${port}`, { protocolVersion: 4, reconnectPeriod: 0, username: "x", ...(password === undefined ? {} : { password }) }, false), (error: Error & { code: number }) => error.code === code);
    }
    assert.ok(harness.lines.some(({ event, fields }) => event === "mqtt.connection-refused" && !JSON.stringify(fields).includes("wrong")));
  });

  test("a device publishes to its own client's topics only", async () => {
    const meter = await client(harness, { password: "device", username: "x" });
    await meter.publishAsync("caudal/acme/W-1/readings", "1", { qos: 1 });
    await meter.publishAsync("sensores/flujo", '{"sensor_id":"M-1","flujo":6}', { qos: 1 });
    assert.deepEqual((await harness.read("Reading")).map(({ client: owner, device }) => `${owner}/${device}`).sort(), ["acme/M-1", "acme/W-1"]);
    await refusedPublish("device", "caudal/beta/W-1/readings");
    await refusedPublish("device", "home/lamp");
    await refusedPublish("device", "$SYS/x");
    assert.ok(harness.lines.some(({ event }) => event === "mqtt.publish-refused"));
  });

  test("whoever may not send is cut off", async () => {
    await refusedPublish("viewer", "caudal/acme/W-1/readings");
  });

  test("of several clients one must be named", async () => {
    const one = await client(harness, { password: "several", username: "x" });
    await one.publishAsync("sensores/flujo", '{"sensor_id":"M-9","flujo":6}', { qos: 1 });
    assert.ok((await harness.read("Parked")).some(({ reason, device }) => reason === "unknown-client" && device === "M-9"));
  });

  test("a subscription shows its own clients only", async () => {
    const device = await client(harness, { password: "device", username: "x" });
    await assert.rejects(device.subscribeAsync("caudal/acme/#"));
    const one = await client(harness, { password: "viewer", username: "x" });
    const granted = await one.subscribeAsync(["caudal/beta/#", "caudal/+/x", "#"]).catch((error: Error) => error);
    assert.ok(granted instanceof Error || granted.some(({ qos }) => qos === 128));
    const own = await one.subscribeAsync("caudal/acme/#");
    assert.equal(own[0]?.qos, 0);
  });

  test("one client cannot take over another's session by its name", async () => {
    const first = await client(harness, { password: "device", username: "x", clientId: "same" });
    await client(harness, { password: "several", username: "x", clientId: "same" });
    await first.publishAsync("caudal/acme/W-2/readings", "1", { qos: 1 });
    assert.equal(first.connected, true);
  });
});

test("a default port that is taken moves on, one that was asked for does not", async () => {
  const first = await openHarness({ env: { CAUDAL_MQTT: "0" } });
  const port = String(first.collector.mqttAddress()?.port);
  try {
    const second = await openHarness({ env: { CAUDAL_MQTT: port }, mqttPortAsked: false });
    assert.ok((second.collector.mqttAddress()?.port ?? 0) > Number(port));
    await second.close();
    await assert.rejects(openHarness({ env: { CAUDAL_MQTT: port } }), (error) => error instanceof CaudalError && error.code === "in-use");
  } finally {
    await first.close();
  }
});
