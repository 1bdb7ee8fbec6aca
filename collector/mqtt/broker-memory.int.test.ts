import assert from "node:assert/strict";
import { createServer, type AddressInfo, type Server } from "node:net";
import { after, before, test } from "node:test";
import { Aedes } from "aedes";
import { connectAsync, type MqttClient } from "mqtt";
import { eventually } from "../test-parts/harness.ts";
import { boundBrokerMemory } from "./broker-memory.ts";

let broker: Aedes;
let server: Server;
let sender: MqttClient;
const connect = (options: object): Promise<MqttClient> => connectAsync(`mqtt://127.0.0.1:${(server.address() as AddressInfo).port}`, { protocolVersion: 4, reconnectPeriod: 0, ...options });
before(async () => {
  broker = await Aedes.createBroker();
  boundBrokerMemory(broker);
  server = createServer((socket) => void broker.handle(socket));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  sender = await connect({});
});
after(async () => {
  await sender.endAsync(true);
  await new Promise<void>((resolve) => broker.close(() => resolve()));
  await new Promise((resolve) => server.close(resolve));
});

test("of many messages for one who is away a thousand wait, and room is given back once they were told", async () => {
  for (const round of [1, 2]) {
    const away = await connect({ clientId: "screen", clean: false });
    await away.subscribeAsync("news", { qos: 1 });
    await away.endAsync();
    await Promise.all(Array.from({ length: 1010 }, (_, n) => sender.publishAsync("news", `${round}-${n}`, { qos: 1 })));
    const heard: string[] = [];
    const back = await connect({ clientId: "screen", clean: false, manualConnect: false });
    back.on("message", (_topic, payload) => heard.push(payload.toString()));
    await eventually(() => heard.length >= 999);
    await sender.publishAsync("news", "last", { qos: 1 });
    await eventually(() => heard.includes("last"));
    assert.ok(heard.length <= 1001, String(heard.length));
    await back.endAsync();
  }
});

test("a small retained message is kept, a large one is not, an empty one forgets", async () => {
  await sender.publishAsync("small", "1", { qos: 1, retain: true });
  await sender.publishAsync("large", Buffer.alloc(100_000), { qos: 1, retain: true });
  await sender.publishAsync("forgotten", "1", { qos: 1, retain: true });
  await sender.publishAsync("forgotten", "", { qos: 1, retain: true });
  const screen = await connect({});
  const heard: string[] = [];
  screen.on("message", (topic) => heard.push(topic));
  await screen.subscribeAsync(["small", "large", "forgotten"], { qos: 1 });
  await eventually(() => heard.includes("small"));
  await sender.publishAsync("small", "2", { qos: 1 });
  await eventually(() => heard.length >= 2);
  assert.deepEqual(heard, ["small", "small"]);
  await screen.endAsync();
});
