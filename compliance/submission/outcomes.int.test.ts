import assert from "node:assert/strict";
import { test } from "node:test";
import { HOUR_US, openScene, PASSWORD, START, us, type Scene } from "./test-scene/scene.ts";

const SLOT = us("2026-06-11T17:00:00Z");
const DAY_MS = 86_400_000;
const kinds = async (scene: Scene, ...[obra]: Parameters<Scene["entries"]>): Promise<string[]> => (await scene.entries(obra)).map(({ body }) => (body.kind === "outcome" ? `outcome:${body.outcome}` : body.kind === "verification" ? `verification:${body.result}` : body.kind));

test("vector A1: 200 00 with a voucher: accepted, the voucher is kept, one attempt", async (context) => {
  const scene = await openScene(context);
  const obra = await scene.work();
  await scene.freeze(obra, SLOT);
  assert.deepEqual((await scene.submitter.round()).sent, { accepted: 1 });
  await scene.rounds(5, DAY_MS);
  const row = await scene.row(obra, SLOT);
  assert.deepEqual([row.standing, row.state.voucher, row.state.attempts, scene.server.posts.length], ["accepted", `V${"1".padStart(31, "0")}`, 1, 1]);
  assert.deepEqual(await kinds(scene, obra), ["frozen", "attempt", "outcome:accepted"]);
  const post = scene.server.posts[0]!;
  assert.deepEqual([post.slot, post.centre, post.password], ["2026-06-11 13:00:00", "76543210-3", PASSWORD]);
  assert.ok(!JSON.stringify(await scene.entries(obra)).includes(PASSWORD));
  assert.equal(await scene.metrics.sum("caudal_submission_attempts_total", { regulator: "dga", outcome: "accepted" }), 1);
});

test("vector A2: 200 00 without a voucher: never sent again, and somebody is told", async (context) => {
  const scene = await openScene(context);
  const obra = await scene.work();
  await scene.freeze(obra, SLOT);
  scene.server.manner = () => "no-voucher";
  await scene.rounds(10, DAY_MS);
  assert.deepEqual([(await scene.row(obra, SLOT)).standing, scene.server.posts.length], ["accepted-no-voucher", 1]);
  assert.equal(await scene.metrics.sum("caudal_submission_alerts_total", { alert: "accepted-no-voucher" }), 1);
});

test("vector A3: another status: refused, tried again on the regulator's next day", async (context) => {
  const scene = await openScene(context);
  const obra = await scene.work();
  await scene.freeze(obra, SLOT);
  scene.server.manner = () => "refuse";
  await scene.rounds(1, 1000);
  assert.equal((await scene.row(obra, SLOT)).standing, "refused");
  // Ten and a half hours to the regulator's midnight.
  await scene.rounds(10, 3_600_000);
  assert.equal(scene.server.posts.length, 1);
  scene.server.manner = () => "accept";
  await scene.rounds(2, 3_600_000);
  assert.deepEqual([scene.server.posts.length, (await scene.row(obra, SLOT)).standing], [2, "accepted"]);
});

test("vector A4: 400 duplicate with voucher: accepted by duplicate, then the GET", async (context) => {
  const scene = await openScene(context);
  const obra = await scene.work();
  await scene.freeze(obra, SLOT);
  scene.server.manner = () => "lost";
  await scene.submitter.round();
  scene.server.manner = () => "accept";
  await scene.clock.advance(DAY_MS);
  assert.deepEqual((await scene.submitter.round()).sent, { duplicate: 1 });
  const row = await scene.row(obra, SLOT);
  assert.deepEqual([row.standing, scene.server.gets], ["verified", [row.state.voucher]]);
  assert.deepEqual(await kinds(scene, obra), ["frozen", "attempt", "outcome:unknown", "attempt", "outcome:accepted", "verification:verified"]);
});

test("vector A5: the duplicate answer in capitals and with two blanks is the same", async (context) => {
  const scene = await openScene(context);
  const obra = await scene.work();
  await scene.freeze(obra, SLOT);
  scene.server.manner = () => ({ duplicateOf: " VOUCHER5", shouted: true });
  assert.deepEqual((await scene.submitter.round()).sent, { duplicate: 1 });
  assert.equal((await scene.row(obra, SLOT)).state.voucher, "VOUCHER5");
});

test("vector A6: duplicate without a voucher: never sent again, a person looks", async (context) => {
  const scene = await openScene(context);
  const obra = await scene.work();
  await scene.freeze(obra, SLOT);
  scene.server.manner = () => "duplicate-no-voucher";
  await scene.rounds(5, DAY_MS);
  assert.deepEqual([(await scene.row(obra, SLOT)).standing, scene.server.posts.length], ["accepted-no-voucher", 1]);
});

test("vector A7: not the informant: the work stops, other works go on, and a changed work goes on", async (context) => {
  const scene = await openScene(context);
  const [bad, good] = [await scene.work(), await scene.work({ code: "OB-0602-8", name: "Pozo 8" })];
  await scene.freeze(bad, SLOT - HOUR_US, SLOT);
  await scene.freeze(good, SLOT);
  scene.server.manner = ({ code }) => (code === "OB-0602-7" ? "not-informant" : "accept");
  assert.deepEqual((await scene.submitter.round()).sent, { "refused-for-good": 1, accepted: 1 });
  await scene.rounds(10, DAY_MS);
  assert.equal(scene.server.posts.filter(({ code }) => code === "OB-0602-7").length, 1, "the other slot of the work waits too");
  assert.deepEqual((await scene.submitter.round()).stopped, [bad.work]);
  assert.equal(await scene.metrics.sum("caudal_submission_works_stopped"), 1);
  scene.server.manner = () => "accept";
  await scene.work({ name: "Pozo 7, informante corregido" });
  await scene.rounds(3, 5 * 60_000);
  assert.deepEqual((await scene.rows(bad)).map(({ standing }) => standing), ["accepted", "accepted"]);
  assert.ok((await kinds(scene, bad)).includes("resumed"));
});

test("a new password ends a stop by refusal; a person's stop is only ended by a person", async (context) => {
  const scene = await openScene(context);
  const obra = await scene.work();
  await scene.freeze(obra, SLOT);
  scene.server.manner = () => "not-informant";
  await scene.submitter.round();
  await scene.clock.advance(DAY_MS);
  scene.server.manner = () => "accept";
  await scene.credentials.put("somebody", "dga", { user: "12345678-5", password: "synthetic-password-2" }, scene.clock.nowUs());
  assert.deepEqual((await scene.submitter.round()).sent, { accepted: 1 });
  assert.equal(scene.server.posts.at(-1)?.password, "synthetic-password-2");
  await scene.slots.appendToWork(obra, { by: "somebody", decide: () => ({ kind: "stopped", reason: "meter is being replaced" }) });
  await scene.freeze(obra, SLOT + 24 * HOUR_US);
  await scene.clock.advance(1000);
  await scene.work({ name: "another name" });
  assert.deepEqual((await scene.submitter.round()).sent, {});
  await scene.slots.appendToWork(obra, { by: "somebody", decide: () => ({ kind: "resumed", reason: "done" }) });
  assert.deepEqual((await scene.submitter.round()).sent, { accepted: 1 });
});

test("vector A8: no answer in 15 s and the server had stored it: unknown, no POST that day, next day the duplicate answer; one record", async (context) => {
  const scene = await openScene(context);
  const obra = await scene.work();
  await scene.freeze(obra, SLOT);
  scene.server.manner = () => "lost-hang";
  const round = scene.submitter.round();
  await scene.server.arrived(1);
  await scene.clock.advance(14_999);
  assert.equal((await scene.row(obra, SLOT)).standing, "sending", "an answer may come for 15 s");
  await scene.clock.advance(1);
  assert.deepEqual((await round).sent, { unknown: 1 });
  scene.server.manner = () => "accept";
  await scene.rounds(10, 3_600_000);
  assert.equal(scene.server.posts.length, 1);
  await scene.rounds(2, 3_600_000);
  assert.deepEqual([scene.server.posts.length, (await scene.row(obra, SLOT)).standing], [2, "verified"]);
  assert.deepEqual([...scene.server.stored.values()].map((records) => records.length), [1]);
});

test("vector A9: no answer and the server had not stored it: unknown, next day 00", async (context) => {
  const scene = await openScene(context);
  const obra = await scene.work();
  await scene.freeze(obra, SLOT);
  scene.server.manner = () => "hang";
  const round = scene.submitter.round();
  await scene.server.arrived(1);
  await scene.clock.advance(15_000);
  assert.deepEqual((await round).sent, { unknown: 1 });
  scene.server.manner = () => "accept";
  await scene.rounds(12, 3_600_000);
  assert.deepEqual([scene.server.posts.length, (await scene.row(obra, SLOT)).standing], [2, "accepted"]);
});

for (const manner of ["fault", "html", "reset"] as const) test(`vector A10: ${manner} is unknown`, async (context) => {
  const scene = await openScene(context);
  const obra = await scene.work();
  await scene.freeze(obra, SLOT);
  scene.server.manner = () => manner;
  assert.deepEqual((await scene.submitter.round()).sent, { unknown: 1 });
  await scene.rounds(5, 60_000);
  assert.deepEqual([(await scene.row(obra, SLOT)).standing, scene.server.posts.length], ["unknown", 1]);
});

test("vector A18: a duplicate voucher that another slot of the work holds: alarm, held for a person, not accepted", async (context) => {
  const scene = await openScene(context);
  const obra = await scene.work();
  await scene.freeze(obra, SLOT - HOUR_US);
  await scene.submitter.round();
  const held = (await scene.row(obra, SLOT - HOUR_US)).state.voucher!;
  await scene.clock.advance(300_000);
  await scene.freeze(obra, SLOT);
  scene.server.manner = () => ({ duplicateOf: held });
  assert.deepEqual((await scene.submitter.round()).sent, { unknown: 1 });
  const row = await scene.row(obra, SLOT);
  assert.deepEqual([row.standing, row.reasons, row.state.voucher], ["held", ["voucher-of-another-slot"], null]);
  assert.equal(await scene.metrics.sum("caudal_submission_alerts_total", { alert: "voucher-of-another-slot" }), 1);
  await scene.rounds(5, DAY_MS);
  assert.equal(scene.server.posts.length, 2, "nobody sends what a person has to look at");
});

test("a regulator that does not tell a second time: an unknown goes to a person, also when the crash came before", async (context) => {
  const scene = await openScene(context, { regulator: (real) => ({ ...real, answersDuplicates: false }) });
  const obra = await scene.work();
  await scene.freeze(obra, SLOT);
  scene.server.manner = () => "fault";
  await scene.submitter.round();
  assert.deepEqual([(await scene.row(obra, SLOT)).standing, (await scene.row(obra, SLOT)).reasons], ["held", ["unknown-outcome"]]);
  await scene.slots.append(obra, SLOT, { by: "somebody", decide: () => ({ kind: "reviewed", slotUs: SLOT, decision: "confirm", reason: "not there" }) });
  await scene.rounds(1, DAY_MS);
  assert.equal(scene.server.posts.length, 1, "and not on the same day either");
  const died = Promise.withResolvers<void>();
  const dying = await scene.open({
    regulator: (real) => ({ ...real, answersDuplicates: false }),
    faults: { reach: (name) => (name === "compliance/submission.outcome/after" ? new Promise<void>(() => died.resolve()) : undefined) },
  });
  void dying.submitter.round();
  await died.promise;
  assert.equal((await scene.row(obra, SLOT)).standing, "unknown");
  await scene.submitter.round();
  assert.equal((await scene.row(obra, SLOT)).standing, "held");
  await scene.slots.append(obra, SLOT, { by: "somebody", decide: () => ({ kind: "reviewed", slotUs: SLOT, decision: "confirm", reason: "still not there" }) });
  scene.server.manner = () => "accept";
  await scene.rounds(2, DAY_MS);
  assert.equal((await scene.row(obra, SLOT)).standing, "accepted");
});

test("without a password nothing is tried, and the round says whose is missing", async (context) => {
  const scene = await openScene(context);
  const obra = await scene.work({ informantRut: "11111111-1" });
  await scene.freeze(obra, SLOT);
  assert.deepEqual([(await scene.submitter.round()).withoutCredentials, scene.server.posts.length, START > SLOT], [[obra.work], 0, true]);
  assert.deepEqual(await kinds(scene, obra), ["frozen"]);
});
