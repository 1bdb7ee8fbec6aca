import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, test } from "node:test";
import { systemScope } from "@caudal/core";
import { sha256Hex, type EntryBody } from "../ledger/entry.ts";
import { HOUR_US, SLOT_US } from "./test-facts.ts";
import { goodHour, measured, openFreezingScene, WORK, type FreezingScene } from "./test-freezing.ts";

let scene: FreezingScene;
beforeEach(async () => {
  scene = await openFreezingScene();
});
afterEach(() => scene.close());

const kinds = (bodies: readonly EntryBody[]): string[] => bodies.map(({ kind }) => kind);
async function roundAt(minutes: number): ReturnType<ReturnType<FreezingScene["freezing"]>["round"]> {
  scene.at(minutes);
  return scene.freezing().round();
}

describe("freezing", () => {
  test("a slot is there before its instant, and frozen as soon as all is there, good and settled", async () => {
    scene.at(-30);
    await scene.put();
    const first = await scene.freezing().round();
    assert.equal(first.made, 72);
    assert.equal((await scene.row())?.standing, "expected");
    await scene.measure(goodHour());
    assert.equal((await roundAt(9.9)).frozen, 0);
    assert.equal((await roundAt(10)).frozen, 1);
    const [body] = await scene.bodies();
    assert.ok(body?.kind === "frozen");
    assert.equal(body.payload, '{"autenticacion":{"rutEmpresa":"76543210-3","rutUsuario":"12345678-5"},"medicionSubterranea":{"caudal":"15.31","fechaMedicion":"2026-06-11","horaMedicion":"13:00:00","nivelFreaticoDelPozo":"9.85","totalizador":"1010"}}');
    assert.equal(body.sha256, sha256Hex(body.payload));
    assert.deepEqual(body.taken.map(({ variable, value, instantUs }) => [variable, value, instantUs]), [["flow", "15.314", SLOT_US], ["total", "1010.7", SLOT_US], ["depth", "9.851", SLOT_US]]);
    assert.equal((await scene.row())?.standing, "ready");
    assert.deepEqual([(await roundAt(10)).looked, (await roundAt(60)).frozen], [0, 0], "once");
  });

  test("vector T6: a work that is off or in shadow has its slots built and frozen as one that is live", async () => {
    for (const mode of ["off", "shadow"] as const) {
      scene.at(0);
      await scene.put({ mode, code: mode === "off" ? "OB-0602-7" : "OB-0602-8" });
      await scene.measure(goodHour());
    }
    const { frozen } = await roundAt(10);
    assert.equal(frozen, 2);
    assert.equal((await scene.row(SLOT_US, "dga/OB-0602-8"))?.standing, "ready");
  });

  test("a value that was revised a moment ago settles first; at the deadline it is taken as it stands", async () => {
    await scene.put();
    await scene.measure(goodHour(), goodHour(0, { flow: 16 }, { knownMinutes: 8 }));
    assert.equal((await roundAt(12)).waiting, 1);
    await scene.measure(goodHour(0, { flow: 17 }, { knownMinutes: 45 }));
    assert.equal((await roundAt(49.9)).frozen, 0);
    assert.equal((await roundAt(50)).frozen, 1);
    assert.deepEqual((await scene.bodies()).map((body) => (body.kind === "frozen" ? body.taken[0]?.value : body.kind)), ["17"]);
  });

  test("vector P9: without a level the slot is held at the deadline and not before; once the level comes it is frozen anew", async () => {
    await scene.put();
    await scene.measure(measured(0, { flow: 3, total: 500 }));
    assert.equal((await roundAt(49)).held, 0);
    assert.equal((await roundAt(50)).held, 1);
    assert.deepEqual([(await scene.row())?.standing, (await scene.row())?.reasons], ["held", ["level-required"]]);
    assert.deepEqual([(await roundAt(51)).held, (await roundAt(600)).held], [0, 0], "the same is not said again");
    scene.at(700);
    await scene.measure(measured(1, { depth: 9.9 }, { knownMinutes: 700 }));
    assert.equal((await roundAt(705)).frozen, 0, "late data settles as well");
    assert.equal((await roundAt(711)).frozen, 1);
    assert.deepEqual(kinds(await scene.bodies()), ["held", "frozen"]);
    const row = await scene.row();
    assert.deepEqual([row?.standing, row?.reasons, row?.taken.length], ["ready", [], 3]);
  });

  test("a level that may be missing is waited for until the deadline, and sent without after it", async () => {
    await scene.put({ levelMayBeMissing: true });
    await scene.measure(measured(0, { flow: 3, total: 500 }));
    assert.equal((await roundAt(30)).frozen, 0);
    assert.equal((await roundAt(50)).frozen, 1);
    const [body] = await scene.bodies();
    assert.match(body?.kind === "frozen" ? body.payload : "", /"nivelFreaticoDelPozo":""/);
  });

  test("vector Q10: an impossible level blocks, and the right one is sent as 33.20", async () => {
    await scene.put();
    await scene.measure(goodHour(0, { depth: { value: null, flag: 4, reasons: ["impossible-level"] } }), goodHour(1, { depth: 33.2 }));
    await roundAt(130);
    assert.deepEqual((await scene.row())?.reasons, ["invalid-value", "level-required"]);
    const [body] = await scene.bodies(SLOT_US + HOUR_US);
    assert.match(body?.kind === "frozen" ? body.payload : "", /"nivelFreaticoDelPozo":"33.20"/);
  });

  test("vectors Q1 and Q8: what is beyond the right or a status code waits for a person; nothing is clamped or lowered", async () => {
    await scene.put({ right: { flowLps: 10, tolerance: 0.2 } });
    await scene.measure(goodHour(0, { flow: -15 }), goodHour(1, { flow: 12.01 }), goodHour(2, { flow: 12 }), goodHour(3, { flow: 3, total: { value: null, flag: 4, reasons: ["sentinel"] } }));
    await roundAt(240);
    const rows = await Promise.all([0, 1, 2, 3].map((hour) => scene.row(SLOT_US + hour * HOUR_US)));
    assert.deepEqual(rows.map((row) => [row?.standing, row?.reasons]), [
      ["held", ["beyond-right", "negative"]], ["held", ["beyond-right"]], ["ready", []], ["held", ["invalid-value", "total-required"]],
    ]);
    assert.deepEqual(rows.map((row) => row?.taken.find(({ variable }) => variable === "flow")?.value), ["-15", "12.01", "12", "3"]);
  });

  test("vectors Q3 and Q4: the fourth slot with the same total is held while water flows; a known defect is told and sent", async () => {
    await scene.put({ right: { flowLps: 100 } });
    await scene.measure(...[0, 1, 2, 3, 4].map((hour) => goodHour(hour, { flow: 3, total: hour < 4 ? 500 : 501 })));
    await roundAt(300);
    const standings = await Promise.all([0, 1, 2, 3, 4].map(async (hour) => (await scene.row(SLOT_US + hour * HOUR_US))?.standing));
    assert.deepEqual(standings, ["ready", "ready", "ready", "held", "ready"]);
    await scene.put({ right: { flowLps: 100 }, knownDefect: { sinceUs: SLOT_US, reason: "rotor broken" } });
    assert.equal((await roundAt(302)).frozen, 1, "a change of the work has what is held looked at anew");
    const last = (await scene.bodies(SLOT_US + 3 * HOUR_US)).at(-1);
    assert.deepEqual(last?.kind === "frozen" ? last.taken.find(({ variable }) => variable === "total")?.reasons : [], ["stuck-totaliser", "known-defect"]);
  });

  test("a slot without data says so, stays open, and takes what comes weeks later: late data is never stranded", async () => {
    await scene.put();
    const { noData } = await roundAt(50);
    assert.equal(noData, 1);
    const noted = await scene.row();
    assert.deepEqual([noted?.standing, noted?.reasons, noted?.lateFailure], ["expected", ["no-data"], false]);
    assert.deepEqual(await scene.bodies(), []);
    await roundAt(7 * 1440 + 1);
    assert.equal((await scene.row())?.lateFailure, true);
    const weeks = 20 * 1440;
    await roundAt(weeks);
    assert.equal(await scene.metrics.sum("caudal_slot_alerts_total", { kind: "late-failure" }), 13 * 24, "each slot once");
    scene.at(weeks);
    await scene.measure(goodHour(0, {}, { knownMinutes: weeks }));
    assert.equal((await roundAt(weeks + 10)).frozen, 1);
    const row = await scene.row();
    assert.deepEqual([row?.standing, row?.lateFailure], ["ready", true]);
  });

  test("vector A14: the same reading again is nothing; another value is a later revision beside what was frozen, once, with an alert", async () => {
    await scene.put();
    await scene.measure(goodHour());
    await roundAt(10);
    const { verified } = await accepted();
    assert.equal(verified, "accepted");
    scene.at(80);
    await scene.measure(goodHour());
    await scene.tell(goodHour());
    assert.equal((await roundAt(95)).lateRevisions, 0);
    await scene.measure(goodHour(0, {}, { knownMinutes: 96 }));
    await roundAt(110);
    assert.deepEqual(kinds(await scene.bodies()), ["frozen", "attempt", "outcome"]);
    scene.at(120);
    await scene.measure(goodHour(0, { flow: 14 }, { knownMinutes: 120 }));
    assert.equal((await roundAt(130)).lateRevisions, 1);
    for (const minutes of [131, 150]) {
      await scene.tell(goodHour(0, { flow: 14 }, { knownMinutes: 120 }));
      await roundAt(minutes);
    }
    await scene.again();
    await scene.tell(goodHour(0, { flow: 14 }, { knownMinutes: 120 }));
    await roundAt(170);
    assert.deepEqual(kinds(await scene.bodies()), ["frozen", "attempt", "outcome", "late-revision"]);
    const revision = (await scene.bodies()).at(-1);
    assert.deepEqual(revision?.kind === "late-revision" ? [revision.taken.variable, revision.taken.value] : [], ["flow", "14"]);
    assert.equal((await scene.row())?.standing, "accepted");
    assert.equal(await scene.metrics.sum("caudal_slot_alerts_total", { kind: "late-revision" }), 1);
    assert.equal(scene.lines.filter((line) => line.includes("slot.late-revision")).length, 1);
  });

  async function accepted(): Promise<{ verified: string | undefined }> {
    const obra = (await scene.obras.get(systemScope, WORK)) ?? assert.fail();
    await scene.slots.append(obra, SLOT_US, { by: "test", decide: () => ({ kind: "attempt", slotUs: SLOT_US, attempt: 1, day: "2026-06-11", sha256: "" }) });
    await scene.slots.append(obra, SLOT_US, { by: "test", decide: () => ({ kind: "outcome", slotUs: SLOT_US, attempt: 1, outcome: "accepted", voucher: "v", by: "answer", httpStatus: 200, code: "00", message: "", answer: null, tookMs: 1 }) });
    return { verified: (await scene.row())?.standing };
  }

  test("word of a measurement that warm has not got yet waits for it; nothing is frozen that is known to be old", async () => {
    await scene.put();
    await scene.measure(goodHour());
    await roundAt(10);
    scene.at(20);
    const newer = goodHour(0, { flow: 99 }, { knownMinutes: 20 });
    await scene.tell(newer);
    assert.equal((await roundAt(31)).lateRevisions, 0);
    assert.equal((await roundAt(33)).lateRevisions, 0);
    await scene.warm.write([newer]);
    assert.equal((await roundAt(35)).lateRevisions, 1);
  });

  test("before it is frozen a slot waits for what warm has not got yet, for an hour at most", async () => {
    await scene.put();
    await scene.measure(goodHour());
    scene.at(8);
    const newer = goodHour(0, { flow: 99 }, { knownMinutes: 8 });
    await scene.tell(newer);
    for (const minutes of [10, 10.2, 10.4, 12, 51, 51.1]) assert.equal((await roundAt(minutes)).frozen, 0);
    assert.equal((await roundAt(69)).frozen, 1, "what stands there counts now");
    scene.at(70);
    await scene.measure(newer);
    assert.equal((await roundAt(80)).lateRevisions, 1);
  });

  test("a person's confirmation sends what was held as it was measured, also when the process ended right after it", async () => {
    await scene.put({ right: { flowLps: 10 } });
    await scene.measure(goodHour(0, { flow: 13 }));
    await roundAt(50);
    const obra = (await scene.obras.get(systemScope, WORK)) ?? assert.fail();
    await scene.slots.append(obra, SLOT_US, { by: "ana", decide: () => ({ kind: "reviewed", slotUs: SLOT_US, decision: "confirm", reason: "it was so" }) });
    await scene.restart();
    assert.equal((await roundAt(52)).frozen, 1);
    const last = (await scene.bodies()).at(-1);
    assert.match(last?.kind === "frozen" ? last.payload : "", /"caudal":"13.00"/);
  });

  test("slots of a schedule that was given up, and beyond the end of a work, are written off with the reason", async () => {
    scene.at(-30);
    await scene.put();
    await scene.freezing().round();
    scene.at(-20);
    await scene.put({ standard: "medio" });
    await roundAt(70);
    assert.deepEqual([(await scene.row())?.standing, (await scene.row(SLOT_US + HOUR_US))?.standing], ["written-off", "written-off"]);
    const midnight = Date.UTC(2026, 5, 12, 4) * 1000;
    assert.equal((await scene.row(midnight))?.standing, "expected");
    await scene.put({ standard: "medio", endsUs: midnight });
    await roundAt((midnight - SLOT_US) / 60e6 + 60);
    assert.equal((await scene.row(midnight))?.standing, "written-off");
  });

  test("one work that cannot be looked at leaves the others alone", async () => {
    await scene.put();
    await scene.put({ code: "OB-0602-8", feeds: [{ quantity: "flow", point: "p8", variable: "flow" }, { quantity: "total", point: "p8", variable: "total" }], levelMayBeMissing: true });
    await scene.measure(goodHour(), goodHour(0, {}, { point: "p8" }));
    const { warm } = scene;
    const read = warm.read.bind(warm);
    warm.read = (scope, query) => (query.point === "p7" ? failing() : read(scope, query));
    const round = await roundAt(20);
    assert.deepEqual([round.failed, round.frozen], [1, 1]);
    warm.read = read;
    assert.equal((await roundAt(21)).frozen, 1);
  });

  test("a record that cannot be decoded, another client's point and another variable say nothing of a slot", async () => {
    await scene.put();
    await scene.tell(measured(0, { battery: 3 }), goodHour(0, {}, { client: "other" }), goodHour(0, {}, { point: "p9" }), goodHour(-2));
    scene.at(120);
    assert.equal((await scene.freezing().round()).looked, 2, "the two slots that are due, and no touch");
  });
});

function failing(): AsyncIterable<never> {
  return { [Symbol.asyncIterator]: () => ({ next: () => Promise.reject(new Error("the disk is away")) }) };
}
