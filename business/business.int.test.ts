import assert from "node:assert/strict";
import { test } from "node:test";
import { CaudalError, topics, type DocumentCollection, type EventLog } from "@caudal/core";
import { createBusiness } from "./index.ts";
import { openScene, until } from "./test-scene.ts";

test("a start that fails leaves nothing open, and the next one works", async (context) => {
  const scene = await openScene();
  context.after(() => scene.close());
  await scene.business.stop(1000);
  let broken = true;
  const open: string[] = [];
  const log: EventLog = Object.create(scene.log, {
    consume: { value: async (options: Parameters<EventLog["consume"]>[0]) => {
      if (broken && options.topic === topics.parked) throw new CaudalError("unavailable", "down");
      const consumption = await scene.log.consume(options);
      open.push(options.topic);
      return { ...consumption, owned: () => consumption.owned(), close: async (ms?: number) => { open.splice(open.indexOf(options.topic), 1); await consumption.close(ms); } };
    } },
  }) as EventLog;
  const names = ["declareTopics", "publish", "read", "bounds", "lag", "groups", "trimBefore", "close"] as const;
  for (const name of names) Object.defineProperty(log, name, { value: (scene.log[name] as (...call: unknown[]) => unknown).bind(scene.log) });
  const business = await createBusiness({ ...scene, log, clock: { nowUs: () => 1, monotonicMs: () => performance.now() }, redecode: async () => ({ published: 1 }) });
  await assert.rejects(business.start(), { code: "unavailable" });
  assert.deepEqual(open, []);
  broken = false;
  await business.start();
  assert.deepEqual(open, [topics.devices, topics.parked]);
  assert.deepEqual(business.status().map(({ group, state }) => [group, state]), [["business-devices", "running"], ["business-parked", "running"]]);
  await business.stop(1000);
  assert.deepEqual(open, []);
});

test("an outage of the log or the documents is told by the rounds and ends with it", async (context) => {
  const scene = await openScene();
  await scene.business.stop(1000);
  let down = true;
  const documents = { close: async () => undefined, collections: () => scene.documents.collections(), collection: async <T extends object>(spec: Parameters<typeof scene.documents.collection>[0]) => {
    const real = await scene.documents.collection<T>(spec);
    const guarded: DocumentCollection<T> = {
      insert: (...call) => real.insert(...call), get: (...call) => real.get(...call), getMany: (...call) => real.getMany(...call), replace: (...call) => real.replace(...call),
      putMany: (...call) => real.putMany(...call), restoreMany: (...call) => real.restoreMany(...call), remove: (...call) => real.remove(...call), count: (...call) => real.count(...call),
      find: async (...call) => { if (down && spec.name !== "erasures") throw new CaudalError("unavailable", "down"); return real.find(...call); },
    };
    return guarded;
  } };
  await scene.parker.park([{ client: "acme", group: "collector", reason: "empty", detail: "", value: Buffer.from("x"), receivedAtUs: 1 }]);
  const clock = { nowUs: () => Date.now() * 1000, monotonicMs: () => performance.now() };
  const business = await createBusiness({ ...scene, documents, clock, redecode: async () => ({ published: 1 }), publishEveryMs: 5, trimEveryMs: 5 });
  context.after(async () => {
    await business.stop(1000);
    await scene.close();
  });
  const point = await scene.adopt("acme", "w-07", "caudal");
  await scene.directory.configure(point, { name: "Pozo" }, { scope: { clients: "all" }, by: "Ana", atUs: 1 });
  await business.start();
  await until("both are told", () => ["configuration.publish-failed", "parked.trim-failed"].every((event) => scene.lines.some((line) => line.includes(event))));
  down = false;
  await until("the change is published", async () => (await scene.all("PointEvent")).length === 1);
});
