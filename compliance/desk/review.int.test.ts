import assert from "node:assert/strict";
import { after, before, beforeEach, describe, test } from "node:test";
import type { LedgerEntry } from "../ledger/entry.ts";
import type { Obra } from "../obras/obra.ts";
import { onEachStore } from "../ledger/test-stores/each-store.ts";
import { HOUR_US, NOW, openDeskScene, us, type DeskScene } from "./test-scene.ts";

const SLOT = us("2026-06-11T17:00:00Z");
const beyond = { flow: 30, total: 1010.7, depth: 9.851 };

onEachStore((store, open) => describe(store, () => {
  let scene: DeskScene;
  let obra: Obra;
  let serial = 7;
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
    obra = await scene.work({ code: `OB-0602-${++serial}` });
    await scene.rows(obra, SLOT - 5 * HOUR_US, SLOT + 2 * HOUR_US);
  });

  const entries = (slotUs = SLOT): Promise<readonly LedgerEntry[]> => scene.ledger.entriesOf(obra.work, slotUs);
  const kinds = async (): Promise<string[]> => (await entries()).map(({ body }) => body.kind);
  const officer = (): string => scene.token("compliance", "all");

  describe("held slots", () => {
    test("are listed oldest first, with neighbours, the right, what would be sent, and reasons in both languages", async () => {
      await scene.freeze(obra, SLOT - HOUR_US, { flow: 15, total: 1000, depth: 9.8 });
      await scene.hold(obra, SLOT, beyond, ["beyond-right"]);
      await scene.hold(obra, SLOT - 2 * HOUR_US, { flow: 15, total: 990 }, ["level-required"]);
      const { body } = await scene.call("GET", `/review?work=${encodeURIComponent(obra.work)}`, { language: "es" });
      assert.deepEqual(body.items.map(({ slot }: { slot: string }) => slot), ["2026-06-11T15:00:00Z", "2026-06-11T17:00:00Z"]);
      const [early, late] = body.items;
      assert.deepEqual([late.local, late.values, late.right.flowLps, late.right.tolerance, late.since], ["2026-06-11 13:00:00", { flowLps: 30, totalM3: 1010.7, depthM: 9.851, stageM: null }, 20, 0.2, "2026-06-11T18:30:00Z"]);
      assert.deepEqual(late.why, [{ code: "beyond-right", text: "Sobre el derecho de aprovechamiento" }]);
      assert.match(late.wouldSend.body, /"caudal":"30\.00"/);
      assert.doesNotMatch(late.wouldSend.body, /password/);
      assert.deepEqual(late.neighbours.map(({ local, standing, values }: { local: string; standing: string; values: { flowLps: number } | null }) => [local.slice(11, 16), standing, values?.flowLps]), [["10:00", "expected", undefined], ["11:00", "held", 15], ["12:00", "ready", 15], ["14:00", "expected", undefined]]);
      assert.deepEqual([late.taken[0].quantity, late.taken[0].value, late.taken[0].at], ["flow", 30, "2026-06-11T16:59:00Z"]);
      assert.equal(early.wouldSend, null);
      assert.deepEqual([early.blocked.reason, early.blocked.field], ["level-required", "depthM"]);
      const english = await scene.call("GET", `/review?work=${encodeURIComponent(obra.work)}`, { language: "en" });
      assert.equal(english.body.items[1].why[0].text, "Above the water right");
    });

    test("confirmed: frozen as it was measured, with the person and the reason in the ledger; and sent", async () => {
      await scene.hold(obra, SLOT, beyond, ["beyond-right"]);
      const { status, body } = await scene.call("POST", `/review${scene.at(obra, SLOT)}`, { body: { decision: "confirm", reason: "pumped for a fire" }, token: officer() });
      assert.equal(status, 200, JSON.stringify(body));
      assert.deepEqual([body.standing, body.values.flowLps, body.reasons], ["ready", 30, []]);
      assert.deepEqual(await kinds(), ["held", "reviewed", "frozen"]);
      const [, reviewed, frozen] = await entries();
      assert.match(reviewed!.by, /^compliance-/);
      assert.deepEqual(reviewed!.body, { kind: "reviewed", slotUs: SLOT, decision: "confirm", reason: "pumped for a fire" });
      assert.ok(frozen!.body.kind === "frozen" && frozen!.body.payload.includes('"caudal":"30.00"') && frozen!.body.edit === undefined);
      const run = await scene.call("POST", "/run", { body: { work: obra.work } });
      assert.deepEqual(run.body.sent, { accepted: 1 });
      assert.equal(scene.sandbox.stored({ codigoObra: obra.code }).length, 1);
      assert.equal((await scene.call("POST", `/review${scene.at(obra, SLOT)}`, { body: { decision: "annul", reason: "too late" } })).status, 409);
    });

    test("what cannot be sent is not confirmed, and nothing is written; annulled it is never sent", async () => {
      await scene.hold(obra, SLOT, { flow: 15, total: 990 }, ["level-required"]);
      const path = `/review${scene.at(obra, SLOT)}`;
      const refused = await scene.call("POST", path, { body: { decision: "confirm", reason: "ok" }, language: "es" });
      assert.deepEqual([refused.status, refused.body.code, refused.body.field], [422, "cannot-be-frozen", "depthM"]);
      assert.match(refused.body.detail, /Falta el nivel freático/);
      assert.deepEqual(await kinds(), ["held"]);
      assert.equal((await scene.call("POST", path, { body: { decision: "confirm" } })).status, 400);
      const annulled = await scene.call("POST", path, { body: { decision: "annul", reason: "probe was out of the well" } });
      assert.deepEqual([annulled.body.standing, annulled.body.reasons], ["annulled", ["level-required"]]);
      await scene.call("POST", "/run", { body: { work: obra.work } });
      assert.equal(scene.sandbox.stored({ codigoObra: obra.code }).length, 0);
      assert.equal((await scene.call("POST", path, { body: { decision: "confirm", reason: "after all" } })).status, 409);
    });

    test("two who decide at once: one is taken, the other is told", async () => {
      await scene.hold(obra, SLOT, beyond, ["beyond-right"]);
      const path = `/review${scene.at(obra, SLOT)}`;
      const both = await Promise.all([scene.call("POST", path, { body: { decision: "confirm", reason: "a" } }), scene.call("POST", path, { body: { decision: "annul", reason: "b" } })]);
      assert.deepEqual(both.map(({ status }) => status).sort(), [200, 409]);
      assert.equal((await kinds()).filter((kind) => kind === "reviewed").length, 1);
    });

    test("a slot that is not there, a time that is none, a work that is not there or somebody else's", async () => {
      const body = { decision: "confirm", reason: "x" };
      assert.deepEqual((await scene.call("POST", `/review${scene.at(obra, SLOT + 1_000_000)}`, { body })).body.code, "slot-not-found");
      assert.deepEqual((await scene.call("POST", `/review/dga/${obra.code}/yesterday`, { body })).body.code, "invalid-parameter");
      assert.deepEqual((await scene.call("POST", `/review/dga/OB-0101-1/2026-06-11T17:00:00Z`, { body })).body.code, "obra-not-found");
      assert.deepEqual((await scene.call("POST", `/review${scene.at(obra, SLOT)}`, { body, token: scene.token("operator", ["others"]) })).body.code, "obra-not-found");
    });

    test("a work that changed its feeds: what was taken before is told by the feeds of then", async () => {
      await scene.hold(obra, SLOT, beyond, ["beyond-right"]);
      obra = await scene.work({ code: obra.code, feeds: [{ quantity: "flow", point: "p8", variable: "flow" }, { quantity: "total", point: "p8", variable: "total" }, { quantity: "depth", point: "p8", variable: "depth" }] });
      const { body } = await scene.call("GET", `/obras${scene.at(obra)}/slots?standing=held`);
      assert.deepEqual([body.items.length, body.items[0].values.flowLps, body.items[0].taken[1].quantity], [1, 30, "total"]);
      assert.equal((await scene.call("POST", `/review${scene.at(obra, SLOT)}`, { body: { decision: "confirm", reason: "it was so" } })).body.values.totalM3, 1010.7);
    });
  });

  describe("edits", () => {
    const edit = (body: object, token?: string): ReturnType<DeskScene["call"]> => scene.call("POST", `/review${scene.at(obra, SLOT)}/edit`, { body, ...(token === undefined ? {} : { token }) });
    const decide = (verb: string, token: string): ReturnType<DeskScene["call"]> => scene.call("POST", `/review${scene.at(obra, SLOT)}/edit/${verb}`, { body: { reason: "looked at it" }, token });

    test("one proposes, another approves: a new version with old and new values, author and approver", async () => {
      await scene.hold(obra, SLOT, { flow: 15.314, total: 990.4 }, ["level-required"]);
      const [author, second] = [officer(), officer()];
      const proposed = await edit({ values: { depthM: 9.85 }, code: "missing-value", reason: "read on site" }, author);
      assert.deepEqual([proposed.status, proposed.body.state, proposed.body.values, proposed.body.measured.flowLps], [201, "waiting", { depthM: 9.85 }, 15.314]);
      assert.deepEqual(await kinds(), ["held"]);
      assert.deepEqual((await scene.call("GET", `/review?work=${encodeURIComponent(obra.work)}`)).body.items[0].edit.values, { depthM: 9.85 });
      assert.equal((await edit({ values: { depthM: 9 }, reason: "no, this" }, second)).body.code, "edit-waits");
      for (const verb of ["approve", "decline"]) {
        const own = await decide(verb, author);
        assert.deepEqual([own.status, own.body.code], [403, "second-person"]);
      }
      assert.deepEqual(await kinds(), ["held"]);
      const approved = await decide("approve", second);
      assert.deepEqual([approved.status, approved.body.state, approved.body.decision], [200, "approved", "looked at it"]);
      const frozen = (await entries()).at(-1)!;
      assert.ok(frozen.body.kind === "frozen");
      const { payload, edit: kept, taken, version } = frozen.body;
      assert.match(payload, /"caudal":"15\.31".*"nivelFreaticoDelPozo":"9\.85".*"totalizador":"990"/);
      assert.deepEqual([version, taken.map(({ variable }) => variable), kept!.values, kept!.measured, kept!.code, kept!.reason, kept!.approval], [1, ["flow", "total"], { depth: "9.85" }, { flow: "15.314", total: "990.4" }, "missing-value", "read on site", "looked at it"]);
      assert.notEqual(kept!.author, frozen.by);
      const { body } = await scene.call("GET", `/obras${scene.at(obra)}/slots?standing=ready`);
      assert.deepEqual([body.items[0].edited, body.items[0].values], [true, { flowLps: 15.314, totalM3: 990.4, depthM: 9.85, stageM: null }]);
      assert.equal((await decide("approve", second)).body.code, "edit-not-found");
    });

    test("a measured flow is not lowered unless the instrument was at fault, and that is told", async () => {
      await scene.hold(obra, SLOT, beyond, ["beyond-right"]);
      const lowered = await edit({ values: { flowLps: 20 }, reason: "looks better" });
      assert.deepEqual([lowered.status, lowered.body.code, lowered.body.detail], [422, "edit-lowers", "flow: 30 → 20"]);
      assert.equal((await edit({ values: { totalM3: 900 }, reason: "x", code: "missing-value" })).body.code, "edit-lowers");
      assert.equal((await edit({ values: { flowLps: 20 }, reason: "meter was shorted, ticket 7", code: "instrument-fault" })).status, 201);
      assert.equal((await decide("approve", officer())).status, 200);
      const frozen = (await entries()).at(-1)!.body;
      assert.ok(frozen.kind === "frozen" && frozen.edit?.code === "instrument-fault" && frozen.edit.measured["flow"] === "30");
    });

    test("declined it leaves the slot as it is, and another may be proposed; all of them stay on the list", async () => {
      await scene.hold(obra, SLOT, beyond, ["beyond-right"]);
      await edit({ values: { flowLps: 31 }, reason: "first" });
      assert.equal((await decide("decline", officer())).body.state, "declined");
      assert.deepEqual(await kinds(), ["held"]);
      assert.equal((await edit({ values: { flowLps: 32 }, reason: "second" })).status, 201);
      const listed = (await scene.call("GET", `/edits?work=${encodeURIComponent(obra.work)}`)).body.items;
      assert.deepEqual(listed.map(({ state, reason }: { state: string; reason: string }) => `${state} ${reason}`).sort(), ["declined first", "waiting second"]);
      assert.deepEqual((await scene.call("GET", `/edits?work=${encodeURIComponent(obra.work)}&state=waiting`)).body.items.length, 1);
      assert.ok((await scene.call("GET", "/edits?state=waiting")).body.items.length >= 1);
    });

    test("overtaken: confirmed meanwhile, or measured otherwise, it is not approved any more", async () => {
      await scene.hold(obra, SLOT, beyond, ["beyond-right"]);
      await edit({ values: { flowLps: 31 }, reason: "first" });
      await scene.call("POST", `/review${scene.at(obra, SLOT)}`, { body: { decision: "confirm", reason: "so" } });
      assert.equal((await decide("approve", officer())).body.code, "edit-not-found");
      assert.equal((await edit({ values: { flowLps: 33 }, reason: "of the frozen one" })).status, 201);
      await scene.freeze(obra, SLOT, { flow: 34, total: 1010.7, depth: 9.8 });
      assert.equal((await decide("approve", officer())).body.code, "edit-overtaken");
      assert.equal((await entries()).filter(({ body }) => body.kind === "frozen" && body.edit !== undefined).length, 0);
    });

    test("held anew with other values, an edit of the old ones is not approved", async () => {
      await scene.hold(obra, SLOT, beyond, ["beyond-right"]);
      await edit({ values: { flowLps: 31 }, reason: "first" });
      await scene.hold(obra, SLOT, { flow: 40, total: 1010.7, depth: 9.851 }, ["beyond-right"]);
      assert.equal((await decide("approve", officer())).body.code, "edit-overtaken");
      assert.deepEqual(await kinds(), ["held", "held"]);
    });

    test("an edit over an edit keeps what the first one said, and what was sent is not edited", async () => {
      await scene.hold(obra, SLOT, { flow: 15, total: 990 }, ["level-required"]);
      await edit({ values: { depthM: 9.85 }, reason: "on site", code: "missing-value" });
      await decide("approve", officer());
      assert.equal((await edit({ values: { depthM: 9.85 }, reason: "the same" })).body.code, "invalid-body");
      await edit({ values: { totalM3: 991 }, reason: "dial" });
      assert.equal((await decide("approve", officer())).status, 200);
      const frozen = (await entries()).at(-1)!.body;
      assert.ok(frozen.kind === "frozen" && frozen.version === 2);
      assert.deepEqual(frozen.edit?.values, { depth: "9.85", total: "991" });
      assert.deepEqual((await scene.call("POST", "/run", { body: { work: obra.work } })).body.sent, { accepted: 1 });
      assert.equal((await edit({ values: { depthM: 1 }, reason: "later" })).body.code, "state-conflict");
      assert.equal((await edit({ values: { stageM: 1 }, reason: "later" })).status, 409);
      const verified = await scene.call("POST", "/verify", { body: { work: obra.work } });
      assert.deepEqual(verified.body.asked, { verified: 1 });
    });

    test("what a crash left between the two writes is finished by whoever approves again", async () => {
      await scene.hold(obra, SLOT, beyond, ["beyond-right"]);
      await edit({ values: { flowLps: 31 }, reason: "first" });
      assert.equal((await decide("approve", officer())).status, 200);
      const edits = await scene.documents.collection<{ state: string; open: number }>({ name: "slot_edits", tenant: true });
      const [stored] = (await edits.find({ clients: "all" }, { limit: 1000 })).items.filter(({ id }) => id.startsWith(obra.work));
      await edits.replace({ clients: "all" }, { id: stored!.id, body: { ...stored!.body, state: "approving", open: 1 } }, stored!.version);
      assert.equal((await decide("decline", officer())).status, 409);
      assert.equal((await decide("approve", officer())).body.state, "approved");
      assert.equal((await entries()).filter(({ body }) => body.kind === "frozen").length, 1);
    });
  });
}));
