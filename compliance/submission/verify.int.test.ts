import assert from "node:assert/strict";
import { test } from "node:test";
import { HOUR_US, openScene, START } from "./test-scene/scene.ts";

const SLOT = START - 30 * 60_000_000;

test("vector A15: a GET with the date turned and zeros gone: verified, and asked once", async (context) => {
  const scene = await openScene(context);
  const obra = await scene.work();
  await scene.freeze(obra, SLOT);
  await scene.submitter.round();
  scene.server.held = ({ caudal: _, fechaMedicion = "", horaMedicion = "", nivelFreaticoDelPozo = "", totalizador = "" }) => ({ fecha: fechaMedicion.split("-").reverse().join("-"), hora: horaMedicion, caudal: "15.3", nivel: nivelFreaticoDelPozo, totalizador });
  assert.deepEqual((await scene.submitter.verifyRound()).asked, { verified: 1 });
  assert.deepEqual((await scene.submitter.verifyRound()).asked, {});
  assert.deepEqual([(await scene.row(obra, SLOT)).standing, scene.server.gets.length], ["verified", 1]);
  assert.equal(await scene.metrics.sum("caudal_submission_verifications_total", { result: "verified" }), 1);
});

test("vector A16: another value is held: a mismatch for a person, never a POST", async (context) => {
  const scene = await openScene(context);
  const obra = await scene.work();
  await scene.freeze(obra, SLOT);
  await scene.submitter.round();
  scene.server.held = (data) => ({ ...data, caudal: "15.4" });
  assert.deepEqual((await scene.submitter.verifyRound()).asked, { mismatch: 1 });
  const entry = (await scene.entries(obra)).at(-1)?.body;
  assert.deepEqual(entry?.kind === "verification" ? entry.fields : undefined, [{ field: "caudal", sent: "15.30", held: "15.4" }]);
  await scene.rounds(5, 86_400_000);
  assert.deepEqual([(await scene.row(obra, SLOT)).standing, scene.server.posts.length], ["mismatch", 1]);
  assert.equal(await scene.metrics.sum("caudal_submission_alerts_total", { alert: "mismatch" }), 1);
});

test("vector A17: the voucher is not found: an alert, never a POST; a person may ask again", async (context) => {
  const scene = await openScene(context);
  const obra = await scene.work();
  await scene.freeze(obra, SLOT);
  await scene.submitter.round();
  const { held } = scene.server;
  scene.server.held = () => "not-found";
  assert.deepEqual((await scene.submitter.verifyRound()).asked, { "not-found": 1 });
  await scene.rounds(5, 86_400_000);
  assert.deepEqual([(await scene.row(obra, SLOT)).standing, scene.server.posts.length], ["not-found", 1]);
  scene.server.held = held;
  assert.deepEqual((await scene.submitter.verifyRound()).asked, {});
  assert.deepEqual((await scene.submitter.verifyRound({ work: obra.work })).asked, { verified: 1 });
  assert.equal((await scene.row(obra, SLOT)).standing, "verified");
});

test("a GET without an answer says nothing and is repeated later; three in a row end the round", async (context) => {
  const scene = await openScene(context, { settings: { verifyAgainMs: 60_000 } });
  const obras = await Promise.all(["7", "8", "9", "10", "11"].map((number) => scene.work({ code: `OB-0602-${number}` })));
  for (const obra of obras) await scene.freeze(obra, SLOT);
  await scene.submitter.round();
  const { held } = scene.server;
  scene.server.held = () => "fault";
  assert.deepEqual((await scene.submitter.verifyRound()).asked, { unknown: 3 });
  scene.server.held = held;
  assert.deepEqual((await scene.submitter.verifyRound()).asked, { verified: 2 });
  await scene.clock.advance(60_000);
  assert.deepEqual((await scene.submitter.verifyRound()).asked, { verified: 3 });
});

test("a round asks for no more than it may, and the next begins where it left off; nobody asks while the switch is off", async (context) => {
  const scene = await openScene(context, { settings: { verifications: 2 } });
  const obras = await Promise.all(["7", "8", "9"].map((number) => scene.work({ code: `OB-0602-${number}` })));
  for (const obra of obras) await scene.freeze(obra, SLOT);
  await scene.submitter.round();
  await scene.sendSwitch.set(false, "ana", "x");
  assert.deepEqual(await scene.submitter.verifyRound(), { sending: false, asked: {}, left: false, failed: [] });
  await scene.sendSwitch.set(true, "ana", "x");
  const first = await scene.submitter.verifyRound();
  assert.deepEqual([first.asked, first.left], [{ verified: 2 }, true]);
  const second = await scene.submitter.verifyRound();
  assert.deepEqual([second.asked, second.left], [{ verified: 1 }, false]);
});

test("what has just been accepted is left alone for a minute, and a GET that hangs is given up after 15 s", async (context) => {
  const scene = await openScene(context, { settings: { verifyAfterMs: 60_000 }, regulator: (real) => ({ ...real, verify: () => new Promise(() => undefined) }) });
  const obra = await scene.work();
  await scene.freeze(obra, SLOT);
  await scene.submitter.round();
  assert.deepEqual((await scene.submitter.verifyRound()).asked, {});
  await scene.clock.advance(60_000);
  const round = scene.submitter.verifyRound();
  while (scene.clock.sleeping() === 0) await new Promise((resolve) => setTimeout(resolve, 5));
  await scene.clock.advance(15_000);
  assert.deepEqual((await round).asked, { unknown: 1 });
});

test("a regulator that gives nothing back is not asked", async (context) => {
  const scene = await openScene(context, { regulator: (real) => ({ ...real, verifies: false }) });
  const obra = await scene.work();
  await scene.freeze(obra, SLOT, SLOT - HOUR_US);
  await scene.submitter.round();
  assert.deepEqual([(await scene.submitter.verifyRound()).asked, scene.server.gets], [{}, []]);
});
