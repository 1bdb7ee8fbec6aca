import assert from "node:assert/strict";
import { test } from "node:test";
import { HOUR_US, MINUTE_US, openScene, START } from "./test-scene/scene.ts";

const SLOT = START - 30 * MINUTE_US;

test("a work with a week of backlog keeps no other of its centre waiting, and is not kept waiting itself", async (context) => {
  const scene = await openScene(context);
  const works = await Promise.all(["1", "2", "3", "4", "5", "6"].map((number) => scene.work({ code: `OB-0602-${number}` })));
  await scene.freeze(works[0]!, ...Array.from({ length: 40 }, (_, hour) => SLOT - (hour + 1) * HOUR_US));
  for (const obra of works.slice(1)) await scene.freeze(obra, SLOT);
  await scene.submitter.round();
  assert.deepEqual(scene.server.posts.map(({ code }) => code), ["OB-0602-2", "OB-0602-3", "OB-0602-4", "OB-0602-1", "OB-0602-5", "OB-0602-6"]);
});

test("a centre that is slow is left after half a minute, and another goes on meanwhile; what was left goes on in the next round", async (context) => {
  const scene = await openScene(context);
  const slow = await Promise.all(["1", "2", "3", "4", "5"].map((number) => scene.work({ code: `OB-0602-${number}` })));
  const quick = await scene.work({ code: "OB-0602-9", centreRut: "76000000-0" });
  for (const obra of [...slow, quick]) await scene.freeze(obra, SLOT);
  scene.server.manner = ({ code }) => (code === "OB-0602-9" ? "accept" : "hang");
  const round = scene.submitter.round();
  await scene.server.arrived(2);
  assert.ok(scene.server.posts.some(({ code }) => code === "OB-0602-9"));
  await scene.clock.advance(15_000);
  await scene.server.arrived(3);
  await scene.clock.advance(15_000);
  assert.deepEqual((await round).sent, { unknown: 2, accepted: 1 });
  scene.server.manner = () => "accept";
  assert.deepEqual((await scene.submitter.round()).sent, { accepted: 3 });
});

test("one work that cannot be looked at is told, and the others are sent", async (context) => {
  const scene = await openScene(context);
  const [bad, good] = [await scene.work({ regulator: "sma", sma: { ufId: "1", procesoId: "2", dispositivoId: "3" } }), await scene.work({ code: "OB-0602-8" })];
  await scene.freeze(good, SLOT);
  const { failed, sent } = await scene.submitter.round();
  assert.deepEqual([failed.map(({ work }) => work), sent], [[bad.work], { accepted: 1 }]);
});

test("a regulator without an address: nothing is tried, and the round says so", async (context) => {
  const scene = await openScene(context, { regulator: (real) => ({ ...real, sends: false }) });
  const obra = await scene.work();
  await scene.freeze(obra, SLOT);
  const { withoutAddress, sent, waiting } = await scene.submitter.round();
  assert.deepEqual([withoutAddress, sent, waiting, scene.server.posts.length, (await scene.entries(obra)).length], [[obra.work], {}, 1, 0, 1]);
});

test("the plan of all works comes true when every answer is an acceptance", async (context) => {
  const scene = await openScene(context);
  const works = await Promise.all(["1", "2"].map((number) => scene.work({ code: `OB-0602-${number}` })));
  await scene.freeze(works[0]!, ...[0, 1, 2, 3].map((hour) => SLOT - hour * HOUR_US));
  await scene.freeze(works[1]!, SLOT);
  const plan = await scene.submitter.plan();
  assert.deepEqual(plan.works.map(({ work, waiting, oldest, next }) => [work, waiting, oldest, next]), [[works[0]!.work, 4, SLOT - 3 * HOUR_US, { slotUs: SLOT, dueUs: START }], [works[1]!.work, 1, SLOT, { slotUs: SLOT, dueUs: START }]]);
  assert.deepEqual([plan.total, plan.doneAtUs, plan.sending], [5, START + 15 * MINUTE_US, true]);
  await scene.rounds(20, 60_000);
  assert.equal(scene.server.posts.at(-1)?.atUs, plan.doneAtUs);
  assert.deepEqual((await scene.submitter.plan()).works, []);
});

test("a round over one work looks at it whatever was known, and a work set to shadow between look and send is not sent", async (context) => {
  const scene = await openScene(context, { settings: { lookAgainMs: 3_600_000 } });
  const obra = await scene.work();
  await scene.submitter.round();
  await scene.freeze(obra, SLOT);
  assert.deepEqual((await scene.submitter.round()).sent, {}, "it was looked at just now");
  assert.deepEqual((await scene.submitter.round({ work: obra.work })).sent, { accepted: 1 });
  await scene.clock.advance(3_600_000);
  await scene.freeze(obra, SLOT + HOUR_US);
  const other = await scene.open({ settings: { lookAgainMs: 3_600_000 } });
  await other.obras.all();
  await scene.work({ mode: "shadow" });
  await scene.clock.advance(2000);
  const { shadow, sent } = await other.submitter.round();
  assert.deepEqual([shadow.length, sent], [1, {}]);
});
