import assert from "node:assert/strict";
import { createServer, type AddressInfo, type Socket } from "node:net";
import { test } from "node:test";
import { Aedes } from "aedes";
import { eventually, openHarness, type Harness } from "../test-parts/harness.ts";
import { startBroker } from "../test-parts/outside-broker.ts";

const isOk = (harness: Harness) => (): boolean => harness.collector.health().status === "ok";
const isDegraded = (harness: Harness) => (): boolean => harness.collector.health().status === "degraded";

test("trap 21: a port that answers is no broker session: health says so, and names the broker", async () => {
  const sockets = new Set<Socket>();
  const mute = createServer((socket) => void sockets.add(socket.on("error", () => {})));
  await new Promise<void>((resolve) => mute.listen(0, "127.0.0.1", resolve));
  const { port } = mute.address() as AddressInfo;
  const harness = await openHarness({ env: { CAUDAL_MQTT: `mqtt://127.0.0.1:${port}` } });
  try {
    await eventually(() => sockets.size > 0);
    const health = harness.collector.health();
    assert.equal(health.status, "degraded", "TCP is there, MQTT is not");
    assert.match(health.detail ?? "", new RegExp(`127\\.0\\.0\\.1:${port}`));
  } finally {
    for (const socket of sockets) socket.destroy();
    await harness.close();
    await new Promise((resolve) => mute.close(resolve));
  }
});

test("trap 21: a broker that greets and lets nobody subscribe is no session either", async () => {
  const broker = await Aedes.createBroker({ authorizeSubscribe: (_client, _subscription, done) => done(null, null) });
  const server = createServer((socket) => void broker.handle(socket));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const harness = await openHarness({ env: { CAUDAL_MQTT: `mqtt://127.0.0.1:${(server.address() as AddressInfo).port}` } });
  try {
    assert.match(await eventually(() => harness.collector.status().bridges[0]?.problem), /subscri|refused/i);
    assert.equal(harness.collector.health().status, "degraded");
  } finally {
    await harness.close();
    await new Promise<void>((resolve) => broker.close(() => resolve()));
    await new Promise((resolve) => server.close(resolve));
  }
});

test("trap 21: health follows the session: ok with it, degraded without it, ok again", async () => {
  const broker = await startBroker();
  const harness = await openHarness({ env: { CAUDAL_MQTT: broker.url } });
  try {
    await eventually(isOk(harness));
    const restarted = broker.restart();
    await eventually(isDegraded(harness));
    await restarted;
    await eventually(isOk(harness), 15_000);
  } finally {
    await harness.close();
    await broker.close();
  }
});

test("trap 21: the built-in broker answers for itself: once it takes no connections it is not well", async () => {
  const harness = await openHarness({ env: { CAUDAL_MQTT: "0" } });
  try {
    assert.equal(harness.collector.health().status, "ok");
    await harness.collector.quiesce?.();
    assert.match(harness.collector.health().detail ?? "", /built-in broker/);
  } finally {
    await harness.close();
  }
});
