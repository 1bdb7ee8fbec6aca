import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, test } from "node:test";
import { groups, systemScope, topics, topicSpecs } from "@caudal/core";
import { openEmbeddedLog, openFileRegistry } from "@caudal/embedded";
import { Codec } from "@caudal/schemas";
import { select } from "./selection.ts";
import { HOUR_US, SLOT_US } from "./test-facts.ts";
import { goodHour, openFreezingScene, WORK, type FreezingScene } from "./test-freezing.ts";

const HOURS = 6;
let scene: FreezingScene;
beforeEach(async () => {
  scene = await openFreezingScene();
});
afterEach(() => scene.close());

const hours = Array.from({ length: HOURS }, (_, hour) => hour);

test("a slot reads from a tier what it would take now, and says what is missing and since when it stands still", async () => {
  await scene.put();
  const obra = (await scene.obras.get(systemScope, WORK)) ?? assert.fail();
  assert.deepEqual(await select(scene.warm, obra, SLOT_US, SLOT_US + HOUR_US).then(({ isEmpty, missing }) => [isEmpty, missing.length]), [true, 3]);
  await scene.warm.write([goodHour(0, { depth: null }, { knownMinutes: 2 })]);
  const { values, missing, taken, settledAtUs } = await select(scene.warm, obra, SLOT_US, SLOT_US + HOUR_US);
  assert.deepEqual([values, missing, taken.length, settledAtUs - SLOT_US], [{ flowLps: 15.314, totalM3: 1010.7 }, [{ quantity: "depth", why: "invalid" }], 2, HOUR_US / 5]);
});

test("two that freeze at once leave one frozen entry a slot, and the same rows", async () => {
  await scene.put();
  const other = await scene.another();
  await Promise.all([scene.freezing().round(), other.round()]);
  await scene.measure(...hours.map((hour) => goodHour(hour)));
  scene.at(HOURS * 60);
  const rounds = await Promise.all([scene.freezing().round(), other.round(), scene.freezing().round()]);
  assert.equal(rounds[0].frozen + rounds[1].frozen, HOURS);
  for (const hour of hours) {
    assert.deepEqual((await scene.bodies(SLOT_US + hour * HOUR_US)).map(({ kind }) => kind), ["frozen"]);
    assert.equal((await scene.row(SLOT_US + hour * HOUR_US))?.standing, "ready");
  }
});

test("two that find the same later revision at once write it once", async () => {
  await scene.put();
  const other = await scene.another();
  await scene.measure(goodHour());
  scene.at(10);
  await scene.freezing().round();
  scene.at(70);
  await scene.measure(goodHour(0, { flow: 9, total: 8 }, { knownMinutes: 70 }));
  await Promise.all([scene.freezing().round(), other.round()]);
  assert.deepEqual((await scene.bodies()).map((body) => (body.kind === "late-revision" ? body.taken.value : body.kind)), ["frozen", "9", "8"]);
});

test("a row that a crash left behind is brought to what the ledger holds, and nothing is frozen twice", async () => {
  await scene.put();
  await scene.measure(goodHour());
  await scene.freezing().round();
  const chain = await scene.ledger.chain(WORK);
  await chain.append(SLOT_US, { by: "killed", decide: () => ({ kind: "frozen", slotUs: SLOT_US, version: 1, path: "", headers: {}, payload: "{}", sha256: "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a", taken: [] }) });
  assert.equal((await scene.row())?.standing, "expected");
  scene.at(10);
  assert.equal((await scene.freezing().round()).frozen, 0);
  assert.deepEqual([(await scene.row())?.standing, (await scene.bodies()).length], ["ready", 1]);
});

test("a batch is acknowledged once its word is durable: from the topic, through a restart before the round, to the frozen slot", async () => {
  const folder = await mkdtemp(join(tmpdir(), "caudal-freezing-log-"));
  const log = await openEmbeddedLog({ directory: folder });
  try {
    await log.declareTopics(topicSpecs(2));
    const codec = await Codec.open(openFileRegistry());
    await scene.put();
    await scene.freezing().round();
    const measurements = [goodHour(), goodHour(0, { flow: 16 }, { knownMinutes: 3 })];
    await scene.warm.write(measurements);
    await log.publish(topics.measurements, [...measurements.map((value) => ({ key: value.point, value: codec.encode("Measurement", value) })), { key: "p7", value: new Uint8Array([1, 2, 3]) }]);
    const consumption = await log.consume({ topic: topics.measurements, group: groups.compliance, handler: scene.freezing().handler });
    while ((await log.lag(topics.measurements, groups.compliance)).some(({ lag }) => lag > 0)) await new Promise((resolve) => setTimeout(resolve, 20));
    await consumption.close();
    assert.equal(scene.lines.filter((line) => line.includes("compliance.unreadable")).length, 1);
    await scene.restart();
    const touches = await scene.documents.collection({ name: "slot_touches", tenant: true, indexes: [["dueUs"]] });
    assert.equal(await touches.count(systemScope), 1);
    scene.at(13);
    assert.equal((await scene.freezing().round()).frozen, 1);
    assert.equal(await touches.count(systemScope), 0);
    const [body] = await scene.bodies();
    assert.match(body?.kind === "frozen" ? body.payload : "", /"caudal":"16.00"/);
  } finally {
    await log.close();
    await rm(folder, { recursive: true, force: true });
  }
});

test("a batch whose word cannot be kept is not acknowledged", async () => {
  await scene.put();
  await scene.obras.all();
  await scene.documents.close();
  await assert.rejects(scene.tell(goodHour()));
  await scene.restart();
});
