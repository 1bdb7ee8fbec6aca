import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { groups, pointIdOf, topics } from "@caudal/core";
import { openEmbeddedTier } from "@caudal/embedded";
import { createProcessor } from "@caudal/processor";
import { systemClock } from "@caudal/runtime";
import type { Reading } from "@caudal/schemas";
import { openScene, until, type Scene } from "../test-scene.ts";

const S = 1_000_000;
const NOW = Date.now() * 1000;

function reading(device: string, at: number): Reading {
  const timeUs = NOW - (1000 - at) * S;
  return {
    eventId: `${device}-${at}`, client: "acme", device, source: "mqtt", transport: "mqtt", origin: "caudal/acme", observedAtUs: timeUs, receivedAtUs: timeUs + S,
    samples: [{ key: "caudal", value: at / 10, unit: null, timeUs }], contentType: "application/json", raw: Buffer.from("{}"), rawSha256: Buffer.alloc(32), labels: {},
  };
}

/** The real processor, in ask mode, beside the service. */
async function openAsking(context: TestContext): Promise<{ scene: Scene; send(...readings: readonly Reading[]): Promise<void> }> {
  const scene = await openScene();
  const tier = (name: "hot" | "warm"): ReturnType<typeof openEmbeddedTier> => openEmbeddedTier({ name, directory: scene.folder, retentionMs: 30 * 86_400_000, revisions: "latest" });
  const [hot, warm] = await Promise.all([tier("hot"), tier("warm")]);
  const processor = createProcessor({ ...scene, hot, warm, clock: systemClock, settings: { adopt: "ask" }, past: async function* () {}, pace: { everyMs: 20, everyRecords: 1000 } });
  await processor.start();
  context.after(async () => {
    await processor.stop(2000);
    await Promise.all([hot.close(), warm.close()]);
    await scene.close();
  });
  return {
    scene,
    send: async (...readings) => {
      await scene.log.publish(topics.readings, readings.map((one) => ({ key: `acme/${one.device}`, value: scene.codec.encode("Reading", one) })));
      await until("mapping has had them", async () => (await scene.log.lag(topics.readings, groups.mapping)).every(({ lag }) => lag === 0));
    },
  };
}

const times = async (scene: Scene, device: string): Promise<number[]> =>
  (await scene.all("Measurement")).filter(({ point }) => point === pointIdOf("acme", device)).map(({ facts }) => Math.round((facts[0]?.value ?? NaN) * 10));

test("readings of a device that waits are kept, listed, and measured once somebody adopts it", async (context) => {
  const { scene, send } = await openAsking(context);
  await send(...Array.from({ length: 240 }, (_, at) => reading("w-07", at)), ...Array.from({ length: 5 }, (_, at) => reading("w-08", at)));
  await scene.settled();
  const [waiting] = (await scene.get("/api/v1/devices?state=waiting")).body.items;
  assert.deepEqual([waiting.device, waiting.readings, waiting.keys[0]?.key], ["w-07", 240, "caudal"]);
  const { status, body } = await scene.call("POST", "/api/v1/devices/acme/w-07/adopt");
  assert.deepEqual([status, body.state, body.replayed], [200, "active", 240]);
  await until("all are measured", async () => (await times(scene, "w-07")).length >= 240);
  assert.deepEqual(await times(scene, "w-07"), Array.from({ length: 240 }, (_, at) => at), "each once, oldest first");
  await send(reading("w-07", 240));
  await until("the next one too", async () => (await times(scene, "w-07")).at(-1) === 240);
  assert.deepEqual([(await times(scene, "w-08")).length, await scene.business.parkedCount()], [0, 5], "its neighbour still waits");
  const point = (await scene.get(`/api/v1/points/${pointIdOf("acme", "w-07")}`)).body;
  assert.deepEqual([point.adoptedBy, point.variables[0]?.variable, point.variables[0]?.guessed], ["person", "flow", true]);
});

test("what is still on its way to the list when somebody adopts the device is measured too", async (context) => {
  const { scene, send } = await openAsking(context);
  await send(reading("w-07", 0));
  await scene.settled();
  await scene.business.stop(2000);
  await send(...Array.from({ length: 20 }, (_, at) => reading("w-07", at + 1)));
  assert.equal((await scene.call("POST", "/api/v1/devices/acme/w-07/adopt")).body.replayed, 1);
  await scene.business.start();
  await until("all are measured", async () => (await times(scene, "w-07")).length >= 21);
  assert.deepEqual((await times(scene, "w-07")).sort((a, b) => a - b), Array.from({ length: 21 }, (_, at) => at));
  await scene.settled();
  assert.equal(await scene.business.parkedCount(), 0);
  assert.ok((await scene.get("/api/v1/parked?state=replayed")).body.items.some(({ decidedBy }: { decidedBy: string }) => decidedBy === "adoption"));
});
