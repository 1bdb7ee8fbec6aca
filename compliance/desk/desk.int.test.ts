import assert from "node:assert/strict";
import { after, before, beforeEach, describe, test } from "node:test";
import type { Obra } from "../obras/obra.ts";
import { onEachStore } from "../ledger/test-stores/each-store.ts";
import { HOUR_US, NOW, openDeskScene, us, type DeskScene } from "./test-scene.ts";

const SLOT = us("2026-06-11T17:00:00Z");
const good = { flow: 15, total: 1010, depth: 9.8 };

onEachStore((store, open) => describe(store, () => {
  let scene: DeskScene;
  let obra: Obra;
  let serial = 0;
  const ends: (() => unknown)[] = [];
  before(async () => {
    scene = await openDeskScene((await open({ after: (end) => void ends.push(end as () => unknown) })).first);
  });
  after(async () => {
    await scene.close();
    for (const end of ends) await end();
  });
  beforeEach(async () => {
    scene.clock.atUs = NOW;
    obra = await scene.work({ code: `OB-0603-${++serial}`, centreRut: "76543210-3" });
    await scene.rows(obra, SLOT - 10 * HOUR_US, SLOT + 4 * HOUR_US);
  });

  const get = (path: string): ReturnType<DeskScene["call"]> => scene.call("GET", path);
  const statusOf = async (work: Obra): ReturnType<typeof scene.call> => {
    const { body } = await get("/status?limit=1000");
    return { ...body.items.find((row: { work: string }) => row.work === work.work), whole: body };
  };

  describe("status", () => {
    test("one row a work: what was accepted last, what comes next, and counts of the running month", async () => {
      await scene.freeze(obra, SLOT, good);
      await scene.hold(obra, SLOT - HOUR_US, good, ["zero-total"]);
      await scene.call("POST", "/run", { body: { work: obra.work } });
      const row = await statusOf(obra) as unknown as Record<string, never>;
      assert.deepEqual(row["counts"], { expected: 12, ready: 0, accepted: 1, verified: 0, late: 1, missing: 9, refused: 0, unknown: 0, review: 1, attention: 0, annulled: 0, writtenOff: 0 });
      const { lastAccepted, nextSlot, stopped, whole } = row as unknown as { lastAccepted: { slot: string; at: string; voucher: string }; nextSlot: string; stopped: null; whole: { month: string; sending: { on: boolean }; breaker: { regulator: string; state: string }[]; totals: { works: number } } };
      assert.deepEqual([lastAccepted.slot, lastAccepted.at, nextSlot, stopped], ["2026-06-11T17:00:00Z", "2026-06-11T18:30:00Z", "2026-06-11T19:00:00Z", null]);
      assert.match(lastAccepted.voucher, /\S/);
      assert.deepEqual([whole.month, whole.sending.on, whole.breaker.map(({ regulator, state }) => `${regulator} ${state}`)], ["2026-06", true, ["dga closed", "sma closed"]]);
    });

    test("counts that were remembered take in what changed afterwards, and the next month begins anew", async () => {
      for (const back of [10, 9, 8]) await scene.slots.append(obra, SLOT - back * HOUR_US, { by: "x", decide: () => ({ kind: "written-off", slotUs: SLOT - back * HOUR_US, reason: "no pump" }) });
      const counts = async (): Promise<Record<string, number>> => ((await statusOf(obra)) as unknown as { counts: Record<string, number> }).counts;
      assert.deepEqual([(await counts())["writtenOff"], (await counts())["missing"]], [3, 8]);
      await scene.freeze(obra, SLOT - 7 * HOUR_US, good);
      await scene.call("POST", "/run", { body: { work: obra.work } });
      assert.deepEqual([(await counts())["writtenOff"], (await counts())["missing"], (await counts())["accepted"]], [3, 7, 1]);
      await scene.call("POST", "/verify", { body: { work: obra.work } });
      assert.deepEqual([(await counts())["verified"], (await counts())["expected"]], [1, 12]);
      scene.clock.atUs = us("2026-07-02T00:00:00Z");
      const row = await statusOf(obra) as unknown as { counts: Record<string, number>; lastAccepted: { slot: string } };
      assert.deepEqual([row.counts["expected"], row.lastAccepted.slot], [0, "2026-06-11T10:00:00Z"]);
    });

    test("a work that ended has no next slot; failures to declare of any month are counted", async () => {
      const ended = await scene.work({ code: "OB-0604-1", endsUs: SLOT });
      await scene.rows(ended, SLOT - 2 * HOUR_US, SLOT);
      scene.clock.atUs = NOW + 8 * 24 * HOUR_US;
      await scene.slots.note(ended.work, SLOT - HOUR_US, { lateFailure: true });
      const row = await statusOf(ended) as unknown as { nextSlot: null; lateFailures: number };
      assert.deepEqual([row.nextSlot, row.lateFailures], [null, 1]);
    });
  });

  describe("slots and ledger", () => {
    test("slots by month, by span, by standing, in pages", async () => {
      await scene.freeze(obra, SLOT, good);
      const path = `/obras${scene.at(obra)}/slots`;
      assert.equal((await get(path)).body.items.length, 14);
      assert.equal((await get(`${path}?month=2026-05`)).body.items.length, 0);
      assert.deepEqual((await get(`${path}?standing=ready`)).body.items.map(({ slot, local, attempts, acceptedAt }: Record<string, unknown>) => [slot, local, attempts, acceptedAt]), [["2026-06-11T17:00:00Z", "2026-06-11 13:00:00", 0, null]]);
      assert.equal((await get(`${path}?from=2026-06-11T17:00:00Z&to=2026-06-11T19:00:00Z`)).body.items.length, 2);
      const first = await get(`${path}?limit=10`);
      const second = await get(`${path}?limit=10&cursor=${encodeURIComponent(first.body.next)}`);
      assert.deepEqual([first.body.items.length, second.body.items.length, second.body.next], [10, 4, null]);
      assert.equal((await get(`${path}?month=2026-13`)).status, 400);
      assert.equal((await get(`${path}?from=today`)).body.code, "invalid-parameter");
    });

    test("entries as they are hashed, of a work or a slot, in pages", async () => {
      await scene.freeze(obra, SLOT, good);
      await scene.call("POST", "/run", { body: { work: obra.work } });
      const path = `/obras${scene.at(obra)}/ledger`;
      const all = await get(path);
      assert.deepEqual(all.body.items.map(({ seq, body }: { seq: number; body: { kind: string } }) => `${seq} ${body.kind}`), ["1 frozen", "2 attempt", "3 outcome"]);
      assert.equal(all.body.items[1].previous, all.body.items[0].hash);
      const first = await get(`${path}?limit=2`);
      assert.equal(first.body.next, "2");
      assert.deepEqual((await get(`${path}?limit=2&after=${first.body.next}`)).body.items.map(({ seq }: { seq: number }) => seq), [3]);
      assert.equal((await get(`${path}?slot=2026-06-11T17:00:00Z`)).body.items.length, 3);
      assert.equal((await get(`${path}?slot=2026-06-11T16:00:00Z`)).body.items.length, 0);
      assert.doesNotMatch(all.text, /synthetic-password/);
    });
  });

  describe("decisions on works and slots", () => {
    test("a stopped work is not sent for until it is resumed; each is said once, with a reason", async () => {
      await scene.freeze(obra, SLOT, good);
      const at = `/obras${scene.at(obra)}`;
      assert.equal((await scene.call("POST", `${at}/stop`, { body: {} })).status, 400);
      assert.equal((await scene.call("POST", `${at}/stop`, { body: { reason: "meter away" } })).body.stopped, "meter away");
      assert.equal((await scene.call("POST", `${at}/stop`, { body: { reason: "again" } })).status, 409);
      assert.deepEqual((await scene.call("POST", "/run", { body: { work: obra.work } })).body.stopped, [obra.work]);
      assert.equal(((await statusOf(obra)) as unknown as { stopped: string }).stopped, "meter away");
      assert.equal((await scene.call("POST", `${at}/resume`, { body: { reason: "meter back" } })).body.stopped, null);
      assert.equal((await scene.call("POST", `${at}/resume`, { body: { reason: "again" } })).status, 409);
      assert.deepEqual((await scene.call("POST", "/run", { body: { work: obra.work } })).body.sent, { accepted: 1 });
    });

    test("written off: a hole with a reason, for good; what is accepted or to come is not", async () => {
      const off = (slotUs: number): ReturnType<DeskScene["call"]> => scene.call("POST", `/obras/dga/${obra.code}/slots/${new Date(slotUs / 1000).toISOString()}/write-off`, { body: { reason: "no power for a day" } });
      assert.deepEqual([(await off(SLOT)).body.standing, (await off(SLOT)).status], ["written-off", 409]);
      assert.equal((await off(SLOT + 2 * HOUR_US)).status, 409);
      await scene.freeze(obra, SLOT - HOUR_US, good);
      await scene.call("POST", "/run", { body: { work: obra.work } });
      const accepted = await off(SLOT - HOUR_US);
      assert.deepEqual([accepted.status, accepted.body.code], [409, "state-conflict"]);
    });
  });

  describe("sending", () => {
    test("the plan, the switch with its reason, and nothing goes out while it is off", async () => {
      await scene.freeze(obra, SLOT, good);
      await scene.freeze(obra, SLOT - HOUR_US, good);
      const planned = (await get("/plan")).body;
      const mine = planned.works.find(({ work }: { work: string }) => work === obra.work);
      assert.deepEqual([mine.waiting, mine.oldest, mine.oldestLocal, mine.next.dueAt, mine.stopped], [2, "2026-06-11T16:00:00Z", "2026-06-11 12:00:00", "2026-06-11T18:30:00Z", null]);
      assert.equal(mine.doneAt, "2026-06-11T18:35:00Z");
      assert.equal((await scene.call("PUT", "/sending", { body: { on: false } })).status, 400);
      assert.deepEqual((await scene.call("PUT", "/sending", { body: { on: false, reason: "regulator asked" } })).body.on, false);
      const off = await scene.call("POST", "/run", { body: { work: obra.work } });
      assert.deepEqual([off.body.sending, off.body.sent, scene.sandbox.stored({ codigoObra: obra.code }).length], [false, {}, 0]);
      assert.equal((await scene.call("POST", "/verify")).body.sending, false);
      const { on, reason, by } = (await get("/sending")).body;
      assert.deepEqual([on, reason, by], [false, "regulator asked", "local"]);
      await scene.call("PUT", "/sending", { body: { on: true, reason: "they said yes" } });
      assert.deepEqual((await scene.call("POST", "/run", { body: { work: obra.work } })).body.sent, { accepted: 1 });
    });

    test("what another system sent is recorded once and never sent; a dry run records nothing", async () => {
      await scene.freeze(obra, SLOT, good);
      const csv = `obra,instant,voucher,source\n${obra.code},2026-06-11T17:00:00Z,V-1,old platform\n${obra.code},2026-06-11 12:00,,old platform\nOB-9999-1,2026-06-11T17:00:00Z,V-2,old platform\n`;
      const send = (dryRun: boolean, language = "en"): ReturnType<DeskScene["call"]> => scene.call("POST", `/import?dryRun=${dryRun}`, { raw: csv, type: "text/csv", language });
      const dry = await send(true, "es");
      assert.deepEqual([dry.status, dry.body.imported, dry.body.refusedLines, dry.body.refused[0].line, dry.body.refused[0].text], [200, 2, 1, 4, "no existe esa obra"]);
      assert.equal((await get(`/obras${scene.at(obra)}/ledger`)).body.items.length, 1);
      assert.deepEqual((await send(false)).body.imported, 2);
      assert.deepEqual((await send(false)).body.already, 2);
      const slots = (await get(`/obras${scene.at(obra)}/slots?from=2026-06-11T16:00:00Z&to=2026-06-11T18:00:00Z`)).body.items;
      assert.deepEqual(slots.map(({ standing, voucher }: { standing: string; voucher: string | null }) => [standing, voucher]), [["accepted-no-voucher", null], ["accepted", "V-1"]]);
      await scene.call("POST", "/run", { body: { work: obra.work } });
      assert.equal(scene.sandbox.stored({ codigoObra: obra.code }).length, 0);
      assert.deepEqual((await get("/review?standing=accepted-no-voucher")).body.items.map(({ work, why }: { work: string; why: unknown[] }) => [work, why]), [[obra.work, []]]);
      assert.equal((await scene.call("POST", "/import", { raw: "\xff", type: "application/json" })).status, 415);
    });

    test("who sees some clients does nothing to all: no switch, no round of all, no import; a round of their own work", async () => {
      const token = scene.token("admin", ["acme"]);
      for (const [method, path, body] of [["PUT", "/sending", { on: false, reason: "x" }], ["POST", "/run", {}], ["POST", "/verify", {}]] as const) assert.equal((await scene.call(method, path, { body, token })).status, 403, path);
      assert.equal((await scene.call("POST", "/import", { raw: "obra,instant,voucher,source\n", type: "text/csv", token })).status, 403);
      assert.equal((await scene.call("POST", "/run", { body: { work: obra.work }, token })).status, 200);
      assert.equal((await scene.call("POST", "/run", { body: { work: obra.work }, token: scene.token("admin", ["others"]) })).status, 404);
      await scene.freeze(obra, SLOT - 3 * HOUR_US, good);
      assert.deepEqual((await scene.call("GET", "/plan", { token: scene.token("viewer", ["others"]) })).body.works, []);
      assert.ok((await scene.call("GET", "/plan", { token })).body.total > 0);
    });
  });

  test("the auditor reads all and changes nothing; a compliance officer reviews and does not configure", async () => {
    await scene.hold(obra, SLOT, good, ["zero-total"]);
    const auditor = scene.token("auditor", "all");
    const officer = scene.token("compliance", "all");
    const work = `/obras${scene.at(obra)}`;
    const slot = `/review${scene.at(obra, SLOT)}`;
    for (const path of ["/status", `${work}/slots`, `${work}/ledger`, "/review", "/edits", "/plan", "/sending"]) assert.equal((await scene.call("GET", path, { token: auditor })).status, 200, path);
    const reason = { reason: "x" };
    const changes: readonly (readonly [string, string, object | string])[] = [
      ["POST", `${work}/stop`, reason], ["POST", `${work}/resume`, reason], ["POST", `${work}/slots/2026-06-11T17:00:00Z/write-off`, reason], ["POST", slot, { decision: "confirm", reason: "x" }],
      ["POST", `${slot}/edit`, { values: { flowLps: 20 }, reason: "x" }], ["POST", `${slot}/edit/approve`, reason], ["POST", `${slot}/edit/decline`, reason],
      ["PUT", "/sending", { on: false, reason: "x" }], ["POST", "/run", {}], ["POST", "/verify", {}], ["POST", "/import?dryRun=false", "obra,instant,voucher,source\n"],
    ];
    const before = (await scene.ledger.chain(obra.work)).head.seq;
    for (const [method, path, body] of changes) {
      const sent = typeof body === "string" ? { raw: body, type: "text/csv" } : { body };
      const { status, body: told } = await scene.call(method, path, { ...sent, token: auditor });
      assert.deepEqual([status, told.code], [403, "forbidden"], path);
      if (["/sending", "/run", "/verify"].includes(path) || path.startsWith("/import")) assert.equal((await scene.call(method, path, { ...sent, token: officer })).status, 403, path);
    }
    assert.equal((await scene.ledger.chain(obra.work)).head.seq, before);
    assert.equal((await scene.sendSwitch.get()).on, true);
    assert.equal((await scene.call("POST", slot, { body: { decision: "confirm", reason: "x" }, token: officer })).status, 200);
  });
}));
