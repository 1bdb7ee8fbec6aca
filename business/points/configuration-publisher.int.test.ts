import assert from "node:assert/strict";
import { test } from "node:test";
import { CaudalError, splitConfiguration, systemScope, type DocumentCollection, type LimitPeriod, type PointRecord } from "@caudal/core";
import type { PointEvent } from "@caudal/schemas";
import { openScene, until } from "../test-scene.ts";
import { publishConfigurations } from "./configuration-publisher.ts";

/** Long enough that only the test publishes. */
const NEVER_MS = 3_600_000;

function limitsOf(event: PointEvent | undefined): unknown {
  const { limits } = splitConfiguration(JSON.parse(event?.body ?? "") as Record<string, unknown>) as { limits: readonly LimitPeriod[] };
  return limits.map(({ variable, validFromUs, values }) => [variable, validFromUs, values]);
}

test("limits reach caudal.points, the newest of a point; a crash before the mark publishes the same event again", async (context) => {
  const scene = await openScene({ publishEveryMs: NEVER_MS });
  context.after(() => scene.close());
  const point = await scene.adopt("acme", "w-07", "caudal");
  const { points } = scene.directory.collections;
  const configure = async (max: number): Promise<void> => {
    assert.equal((await scene.call("PUT", `/api/v1/points/${point}/config`, { body: { variables: [{ key: "caudal", max }] } })).status, 200);
  };
  await configure(40);
  await configure(50);
  const dying: DocumentCollection<PointRecord> = { ...bound(points), replace: async () => { throw new CaudalError("unavailable", "killed"); } };
  await assert.rejects(publishConfigurations({ ...scene, points: dying }), { code: "unavailable" });
  assert.equal(await publishConfigurations({ ...scene, points }), 1);
  assert.equal(await publishConfigurations({ ...scene, points }), 0);
  const [event, again, ...more] = await scene.all("PointEvent");
  assert.deepEqual([more, again], [[], event], "the same event, byte for byte");
  const stored = (await points.get(systemScope, point))?.body;
  assert.deepEqual([event?.kind, event?.client, event?.point, event?.source, event?.receivedAtUs, event?.causeId], ["configuration", "acme", point, "business", stored?.changedAtUs, `${point}@3`]);
  assert.deepEqual(limitsOf(event), [["flow", null, { max: 50 }]]);
  await configure(60);
  await publishConfigurations({ ...scene, points });
  const third = (await scene.all("PointEvent")).at(-1);
  assert.notEqual(third?.eventId, event?.eventId);
  assert.deepEqual(limitsOf(third), [["flow", null, { max: 60 }]]);
});

test("a change that comes between publishing and marking is published by the next round", async (context) => {
  const scene = await openScene({ publishEveryMs: NEVER_MS });
  context.after(() => scene.close());
  const point = await scene.adopt("acme", "w-07", "caudal");
  const { points } = scene.directory.collections;
  const change = (name: string): Promise<unknown> => scene.directory.configure(point, { name }, { scope: systemScope, by: "Ana", atUs: 1 });
  await change("Uno");
  const raced: DocumentCollection<PointRecord> = { ...bound(points), replace: async (...call) => { await change("Dos"); return points.replace(...call); } };
  await publishConfigurations({ ...scene, points: raced });
  assert.equal((await points.get(systemScope, point))?.body.unpublished, true);
  assert.equal(await publishConfigurations({ ...scene, points }), 1);
  const { body } = await points.get(systemScope, point) ?? assert.fail();
  assert.deepEqual([body.unpublished, body.name, body.revision], [false, "Dos", 3]);
  assert.deepEqual((await scene.all("PointEvent")).map(({ causeId }) => causeId), [`${point}@2`, `${point}@3`]);
});

test("the service publishes by itself", async (context) => {
  const scene = await openScene();
  context.after(() => scene.close());
  const point = await scene.adopt("acme", "w-07", "caudal");
  await scene.call("PUT", `/api/v1/points/${point}/config`, { body: { name: "Pozo" } });
  await until("the change stands on the topic", async () => (await scene.all("PointEvent")).length === 1);
  await until("it is marked", async () => (await scene.directory.collections.points.get(systemScope, point))?.body.unpublished === false);
});

/** The collection's methods, to be replaced one by one. */
function bound<T extends object>(collection: DocumentCollection<T>): DocumentCollection<T> {
  return {
    insert: (...call) => collection.insert(...call), get: (...call) => collection.get(...call), getMany: (...call) => collection.getMany(...call),
    replace: (...call) => collection.replace(...call), putMany: (...call) => collection.putMany(...call), remove: (...call) => collection.remove(...call),
    restoreMany: (...call) => collection.restoreMany(...call), find: (...call) => collection.find(...call), count: (...call) => collection.count(...call),
  };
}
