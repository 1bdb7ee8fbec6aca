import assert from "node:assert/strict";
import { test } from "node:test";
import { topics } from "@caudal/core";
import { createHeldClock } from "@caudal/runtime";
import type { DevicePresence } from "@caudal/schemas";
import { createBusiness } from "../index.ts";
import { openScene, until, type Body, type Scene } from "../test-scene.ts";

const MIN_US = 60_000_000;
const MIN_MS = 60_000;

const words = async (scene: Scene, device: string): Promise<string[]> => (await scene.all("DevicePresence")).filter((event) => event.device === device && ["silent", "back"].includes(event.kind)).map(({ kind }) => kind);
const shown = async (scene: Scene, device: string): Promise<Body> => (await scene.get("/api/v1/devices?client=acme")).body.items.find((row: Body) => row.device === device);

test("trap 4: a device whose data stop is said to be silent once, by its newest data over all variables, and back when they come again", async (context) => {
  const clock = createHeldClock();
  const scene = await openScene({ clock, silenceEveryMs: 20 });
  context.after(() => scene.close());
  await scene.adopt("acme", "w-1", "caudal", "nivel");
  await scene.adopt("acme", "w-2", "caudal");
  const seen = (device: string): Partial<DevicePresence> => ({ client: "acme", device, kind: "seen", observedAtUs: clock.nowUs(), receivedAtUs: clock.nowUs() });
  assert.deepEqual([(await shown(scene, "w-1")).newest, (await shown(scene, "w-1")).silentSince, (await shown(scene, "w-1")).presence], [null, null, "unknown"], "never seen is not zero days");
  for (let at = 0; at < 5; at++) {
    await scene.presence(seen("w-1"), seen("w-2"));
    await clock.advance(10 * MIN_MS);
  }
  assert.equal((await shown(scene, "w-1")).periodS, 600);
  // Either variable will do: w-1 goes on with one of its two, w-2 stops.
  for (let at = 0; at < 3; at++) {
    await scene.presence(seen("w-1"));
    await clock.advance(10 * MIN_MS);
  }
  await until("w-2 is silent", async () => (await shown(scene, "w-2")).presence === "silent");
  const w2 = await shown(scene, "w-2");
  assert.ok(w2.silentSince === w2.newest && w2.newest !== null);
  assert.equal((await shown(scene, "w-1")).presence, "unknown");
  await clock.advance(60 * MIN_MS);
  await scene.presence(seen("w-1"));
  await until("rounds went by", async () => (await words(scene, "w-2")).length >= 1);
  assert.deepEqual(await words(scene, "w-2"), ["silent"], "once, however many rounds");
  await scene.presence(seen("w-2"));
  await until("w-2 is back", async () => (await words(scene, "w-2")).length === 2);
  assert.deepEqual(await words(scene, "w-2"), ["silent", "back"]);
  await scene.settled();
  assert.deepEqual([(await shown(scene, "w-2")).presence, (await shown(scene, "w-2")).silentSince], ["unknown", null]);
});

test("silence outlives a restart, two processes say one thing, and nobody is silent in the first minutes of a process", async (context) => {
  const clock = createHeldClock();
  const scene = await openScene({ clock, silenceEveryMs: 20 });
  context.after(() => scene.close());
  const point = await scene.adopt("acme", "w-1", "caudal");
  assert.equal((await scene.call("PUT", `/api/v1/points/${point}/config`, { body: { periodS: 1800 } })).status, 200);
  await scene.presence({ client: "acme", device: "w-1", kind: "seen", observedAtUs: clock.nowUs() - 60 * MIN_US, receivedAtUs: clock.nowUs() });
  assert.equal((await shown(scene, "w-1")).periodS, 1800, "a person said so, and one reading is enough");
  await scene.business.stop(2000);
  await clock.advance(120 * MIN_MS);
  await scene.business.start();
  const second = await createBusiness({ ...scene, clock, redecode: async () => ({ stillBad: "empty", detail: "" }), silenceEveryMs: 20 });
  await second.start();
  try {
    await new Promise((resolve) => setImmediate(resolve));
    assert.deepEqual(await words(scene, "w-1"), [], "all have time to come back");
    await clock.advance(16 * MIN_MS);
    await until("both have said so", async () => (await words(scene, "w-1")).length >= 1 && (await shown(scene, "w-1")).presence === "silent");
    const said = (await scene.all("DevicePresence")).filter(({ kind }) => kind === "silent");
    assert.equal(new Set(said.map(({ eventId }) => eventId)).size, 1);
  } finally {
    await second.stop(2000);
  }
  const [{ version } = { version: 0 }] = (await (await scene.documents.collection({ name: "device-presence", tenant: true })).getMany({ clients: "all" }, ["acme/w-1"]));
  await scene.log.publish(topics.devices, (await scene.records(topics.devices)).map(({ key, value }) => ({ key, value })));
  await scene.settled();
  assert.equal((await shown(scene, "w-1")).presence, "silent", "a repeat of every word changes nothing");
  assert.equal((await (await scene.documents.collection({ name: "device-presence", tenant: true })).getMany({ clients: "all" }, ["acme/w-1"]))[0]?.version, version);
});

test("who was turned away is listed apart: one too many never enters the directory nor the presences", async (context) => {
  const scene = await openScene();
  context.after(() => scene.close());
  const refused = (device: string, reason: string, atUs: number): Partial<DevicePresence> => ({ client: "acme", device, kind: "refused", detail: `why ${reason}`, labels: { reason }, receivedAtUs: atUs });
  await scene.presence(refused("x-1", "quota", 1e15), refused("x-2", "identity", 2e15), refused("x-3", "too-large", 3e15), refused("x-1", "quota", 4e15));
  const listed = (await scene.get("/api/v1/devices/refused?client=acme")).body.items;
  assert.deepEqual(listed.map((row: Body) => [row.device, row.reason]), [["x-1", "quota"], ["x-3", "too-large"], ["x-2", "identity"]], "newest first");
  assert.ok(listed[0].first < listed[0].last);
  assert.deepEqual((await scene.get("/api/v1/devices?client=acme")).body.items.map((row: Body) => row.device), ["x-3"]);
  const presences = await scene.documents.collection({ name: "device-presence", tenant: true });
  assert.equal(await presences.count({ clients: "all" }), 1);
  const page = (await scene.get("/api/v1/devices/refused?limit=2")).body;
  assert.deepEqual([page.items.length, (await scene.get(`/api/v1/devices/refused?limit=2&cursor=${encodeURIComponent(page.next)}`)).body.items.length], [2, 1]);
  assert.equal((await scene.get("/api/v1/devices/refused", await scene.token("viewer", ["otra"]))).body.items.length, 0);
});
