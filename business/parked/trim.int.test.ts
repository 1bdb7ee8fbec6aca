import assert from "node:assert/strict";
import { test } from "node:test";
import { groups, systemScope, topics } from "@caudal/core";
import { openScene, until, type Scene } from "../test-scene.ts";
import { trimDecided } from "./trim.ts";

const bounds = async (scene: Scene): Promise<number[]> => {
  const [{ startOffset, endOffset } = assert.fail()] = await scene.log.bounds(topics.parked);
  return [startOffset, endOffset];
};

test("the log lets go of what lies below the first event that waits, and of all when none does", async (context) => {
  const scene = await openScene({ partitions: 1, redecode: async () => ({ published: 1 }) });
  context.after(() => scene.close());
  const decide = async (id: string, how: "discard" | "replay"): Promise<void> => {
    assert.equal((await scene.call("POST", `/api/v1/parked/${id}/${how}`, { body: { reason: "a test" } })).status, 200);
  };
  await trimDecided(scene.log, scene.parked);
  assert.deepEqual(await bounds(scene), [0, 0]);
  const [a = "", b = "", c = "", d = ""] = await scene.park({}, { value: Buffer.alloc(2_000_000, 1) }, {}, {});
  assert.deepEqual(await bounds(scene), [0, 6]);
  await decide(a, "discard");
  await decide(c, "replay");
  await trimDecided(scene.log, scene.parked);
  assert.deepEqual(await bounds(scene), [1, 6], "the large one still waits, with the one behind it");

  const gone = await scene.get(`/api/v1/parked/${a}`);
  assert.deepEqual([gone.status, gone.body.code, gone.body.detail], [410, "parked-gone", "the event was discarded, and the log has let go of it"]);
  assert.match(gone.body.next, /Nothing needs to be done/);
  assert.equal((await scene.get(`/api/v1/parked/${c}`)).status, 200, "decided, and not gone yet");
  await decide(b, "replay");
  await trimDecided(scene.log, scene.parked);
  assert.deepEqual(await bounds(scene), [5, 6]);
  const again = await scene.call("POST", `/api/v1/parked/${b}/replay?lang=es`);
  assert.deepEqual([again.status, again.body.detail], [410, "el evento quedó reprocesado, y el registro ya no lo conserva"]);
  assert.equal((await scene.get(`/api/v1/parked?client=acme`)).body.items.length, 4, "the list keeps what became of them");

  await decide(d, "replay");
  await trimDecided(scene.log, scene.parked);
  await trimDecided(scene.log, scene.parked);
  assert.deepEqual(await bounds(scene), [6, 6]);
  const [e = ""] = await scene.park({});
  assert.equal((await scene.get(`/api/v1/parked/${e}`)).status, 200);
});

test("nothing is let go that the projection has yet to see", async (context) => {
  const scene = await openScene({ partitions: 1 });
  context.after(() => scene.close());
  const [id = ""] = await scene.park({});
  await scene.call("POST", `/api/v1/parked/${id}/discard`, { body: { reason: "a test" } });
  await scene.business.stop(1000);
  await scene.parker.park([{ client: "acme", group: "collector", reason: "empty", detail: "", value: Buffer.from("x"), receivedAtUs: 1 }]);
  await trimDecided(scene.log, scene.parked);
  assert.deepEqual(await bounds(scene), [1, 2]);
  assert.equal((await scene.log.lag(topics.parked, groups.parked))[0]?.lag, 1);
});

test("the service trims by itself", async (context) => {
  const scene = await openScene({ partitions: 1, trimEveryMs: 20 });
  context.after(() => scene.close());
  const [id = ""] = await scene.park({});
  await scene.call("POST", `/api/v1/parked/${id}/discard`, { body: { reason: "a test" } });
  await until("it is trimmed", async () => (await bounds(scene))[0] === 1);
  assert.equal((await scene.parked.get(systemScope, id))?.body.state, "discarded");
});
