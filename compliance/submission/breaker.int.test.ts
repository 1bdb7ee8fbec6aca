import assert from "node:assert/strict";
import { test } from "node:test";
import { openScene, START } from "./test-scene/scene.ts";

const SLOT = START - 30 * 60_000_000;

test("403 keeps all sends from the regulator for a time that grows, then one goes through", async (context) => {
  const scene = await openScene(context);
  const obras = await Promise.all(["7", "8", "9", "10"].map((number, at) => scene.work({ code: `OB-0602-${number}`, centreRut: ["76543210-3", "76000000-0"][at % 2]! })));
  for (const obra of obras) await scene.freeze(obra, SLOT);
  scene.server.manner = () => "blocked";
  const first = await scene.submitter.round();
  assert.ok((first.sent.unknown ?? 0) <= 2, "one a centre at most was on its way");
  const sent = scene.server.posts.length;
  const [breaker] = scene.submitter.breakers();
  assert.deepEqual([breaker?.state, breaker?.why, breaker?.retryInMs], ["open", "blocks", 60_000]);
  assert.equal(await scene.metrics.sum("caudal_submission_breaker_open", { regulator: "dga" }), 1);
  await scene.rounds(5, 10_000);
  assert.equal(scene.server.posts.length, sent);
  await scene.clock.advance(10_000);
  assert.equal(scene.submitter.breakers()[0]?.state, "half-open");
  await scene.submitter.round();
  assert.equal(scene.server.posts.length, sent + 1, "one");
  assert.equal(scene.submitter.breakers()[0]?.retryInMs, 120_000);
  scene.server.manner = () => "accept";
  await scene.clock.advance(120_000);
  await scene.rounds(2, 1000);
  assert.equal(scene.submitter.breakers()[0]?.state, "closed");
  assert.equal(await scene.metrics.sum("caudal_submission_breaker_open"), 0);
  assert.equal(scene.server.posts.length, 4, "what was not tried yet went out");
});

test("connections that are refused open it, and a server that is silent does after five", async (context) => {
  const scene = await openScene(context);
  const obras = await Promise.all(Array.from({ length: 8 }, (_, at) => scene.work({ code: `OB-0602-${at + 1}` })));
  for (const obra of obras) await scene.freeze(obra, SLOT);
  scene.server.manner = () => "fault";
  assert.deepEqual((await scene.submitter.round()).sent, { unknown: 5 });
  assert.equal(scene.submitter.breakers()[0]?.why, "silent");
  const elsewhere = await openScene(context);
  const two = await Promise.all(["1", "2", "3"].map((number) => elsewhere.work({ code: `OB-0602-${number}` })));
  for (const obra of two) await elsewhere.freeze(obra, SLOT);
  await elsewhere.server.close();
  elsewhere.server.close = () => Promise.resolve();
  assert.deepEqual((await elsewhere.submitter.round()).sent, { unknown: 2 });
  assert.equal(elsewhere.submitter.breakers()[0]?.why, "unreachable");
});
