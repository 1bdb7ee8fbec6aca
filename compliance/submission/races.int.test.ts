import assert from "node:assert/strict";
import { test } from "node:test";
import type { FaultPoints } from "@caudal/runtime";
import { onEachStore } from "../ledger/test-stores/each-store.ts";
import { troubled, type Trouble } from "../ledger/test-stores/troubled.ts";
import { HOUR_US, MINUTE_US, openScene, START } from "./test-scene/scene.ts";

const SLOT = START - 30 * MINUTE_US;
const DAY_MS = 86_400_000;

/** Holds whoever reaches the point until it is let go. */
function gate(name: string): FaultPoints & { readonly reached: Promise<void>; open(): void; shut: boolean } {
  const [reached, go] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const held = {
    shut: true, reached: reached.promise, open: () => go.resolve(),
    reach: (at: string): Promise<void> | undefined => {
      if (at !== name || !held.shut) return undefined;
      held.shut = false;
      reached.resolve();
      return go.promise;
    },
  };
  return held;
}

/** A process that is gone at a point: the promise there never settles. */
const gone = (name: string): FaultPoints & { readonly reached: Promise<void> } => gate(name);

test("vector A11: a crash after the POST and before its outcome is written: unknown, never ready; the next day closes it", async (context) => {
  const scene = await openScene(context);
  const obra = await scene.work();
  await scene.freeze(obra, SLOT);
  const faults = gone("compliance/submission.outcome/before");
  const dying = await scene.open({ faults });
  void dying.submitter.round();
  await faults.reached;
  assert.equal(scene.server.posts.length, 1);
  await scene.submitter.round();
  assert.equal((await scene.row(obra, SLOT)).standing, "sending", "it may still be under way");
  await scene.clock.advance(60_000);
  assert.equal((await scene.submitter.round()).repaired, 1);
  assert.equal((await scene.row(obra, SLOT)).standing, "unknown");
  await scene.rounds(10, 3_600_000);
  assert.equal(scene.server.posts.length, 1);
  await scene.rounds(2, 3_600_000);
  assert.deepEqual([scene.server.posts.length, (await scene.row(obra, SLOT)).standing], [2, "verified"]);
  assert.deepEqual([...scene.server.stored.values()].map((records) => records.length), [1]);
});

test("a crash before the socket is unknown too, and no slot of the work goes before it is over", async (context) => {
  const scene = await openScene(context);
  const obra = await scene.work();
  await scene.freeze(obra, SLOT, SLOT - HOUR_US);
  const faults = gone("compliance/submission.attempt/after");
  const dying = await scene.open({ faults });
  void dying.submitter.round();
  await faults.reached;
  await scene.clock.advance(10_000);
  assert.deepEqual((await scene.submitter.round()).sent, {});
  await scene.clock.advance(50_000);
  await scene.rounds(6, 60_000);
  assert.deepEqual((await scene.rows(obra)).map(({ standing }) => standing), ["accepted", "unknown"]);
  assert.ok(scene.server.posts[0]!.atUs - START >= 5 * MINUTE_US, "an attempt that came to nothing counts for the pacing");
});

test("vector A12: a crash after the outcome and before its row: the row is repaired to accepted, 0 POSTs", async (context) => {
  const scene = await openScene(context);
  const obra = await scene.work();
  await scene.freeze(obra, SLOT);
  await scene.submitter.round();
  // The row as it was before: what a crash between entry and row leaves.
  const rows = await scene.documents.collection<{ standing: string }>({ name: "slots", tenant: true });
  const id = `${obra.work}/${String(SLOT).padStart(17, "0")}`;
  const stored = (await rows.get({ clients: "all" }, id))!;
  const body = stored.body as unknown as { state: object };
  await rows.putMany({ clients: "all" }, [{ id, body: { ...stored.body, standing: "ready", seq: 1, state: { ...body.state, standing: "ready", attempts: 0, lastDay: "" } } as never }]);
  const again = await scene.open();
  const round = await again.submitter.round();
  assert.deepEqual([round.repaired, round.sent, scene.server.posts.length], [1, {}, 1]);
  assert.equal((await scene.row(obra, SLOT)).standing, "accepted");
});

test("a row that went stale while the submitter ran costs a look and no POST", async (context) => {
  const scene = await openScene(context, { settings: { lateCheckMs: 3_600_000 } });
  const obra = await scene.work();
  await scene.freeze(obra, SLOT);
  await scene.submitter.round();
  const rows = await scene.documents.collection<object>({ name: "slots", tenant: true });
  const id = `${obra.work}/${String(SLOT).padStart(17, "0")}`;
  const { body } = (await rows.get({ clients: "all" }, id))!;
  const state = { ...(body as { state: object }).state, standing: "ready", attempts: 0, lastDay: "", lastAttemptUs: undefined };
  await rows.putMany({ clients: "all" }, [{ id, body: { ...body, standing: "ready", seq: 1, state } }]);
  await scene.clock.advance(300_000);
  assert.deepEqual([(await scene.submitter.round()).sent, scene.server.posts.length], [{ declined: 1 }, 1]);
  assert.equal((await scene.row(obra, SLOT)).standing, "accepted");
});

onEachStore((name, openStore) => test(`vector A13: two submitters take one slot: one POST (${name})`, async (context) => {
  const { first, other: second } = await openStore(context);
  const scene = await openScene(context, { documents: first });
  const obra = await scene.work();
  const other = await scene.open({ documents: second });
  for (let slot = 0; slot < 10; slot++) {
    const slotUs = SLOT + slot * HOUR_US;
    await scene.freeze(obra, slotUs);
    await Promise.all([scene.submitter.round(), other.submitter.round()]);
    assert.equal(scene.server.posts.length, slot + 1);
    await scene.clock.advance(3_600_000);
  }
  assert.ok((await scene.rows(obra)).every(({ standing }) => standing === "accepted"));
}));

test("two submitters and a backlog: one POST every five minutes, whoever sends it", async (context) => {
  const scene = await openScene(context);
  const obra = await scene.work();
  const other = await scene.open();
  await scene.freeze(obra, ...Array.from({ length: 6 }, (_, hour) => SLOT - hour * HOUR_US));
  for (let minute = 0; minute < 40; minute++) {
    await Promise.all([scene.submitter.round(), other.submitter.round()]);
    await scene.clock.advance(60_000);
  }
  assert.deepEqual(scene.server.posts.map(({ atUs }) => (atUs - START) / MINUTE_US), [0, 5, 10, 15, 20, 25]);
});

test("of two processes one sends for a control centre, and the other at once when that one stops", async (context) => {
  const scene = await openScene(context);
  const works = await Promise.all(["7", "8", "9"].map((number) => scene.work({ code: `OB-0602-${number}` })));
  for (const obra of works) await scene.freeze(obra, SLOT);
  const [first, second] = [await scene.open({ leases: true }), await scene.open({ leases: true })];
  const gone = Promise.withResolvers<void>();
  scene.server.manner = () => (scene.server.posts.length === 0 ? "lost-hang" : "accept");
  const round = first.submitter.round();
  await scene.server.arrived(1);
  assert.deepEqual((await second.submitter.round()).sent, {});
  void first.submitter.stop().then(gone.resolve);
  await scene.clock.advance(15_000);
  assert.deepEqual((await round).sent, { unknown: 1 }, "one that stops begins nothing new");
  await gone.promise;
  assert.deepEqual((await second.submitter.round()).sent, { accepted: 2 });
});

test("one that stands still before its claim decides again: another slot of the work went out meanwhile, so its own waits its five minutes", async (context) => {
  const scene = await openScene(context);
  const obra = await scene.work();
  await scene.freeze(obra, SLOT - 3 * HOUR_US);
  const held = gate("compliance/submission.attempt/before");
  const late = await scene.open({ faults: held });
  const stuck = late.submitter.round();
  await held.reached;
  await scene.freeze(obra, SLOT);
  assert.deepEqual((await scene.submitter.round()).sent, { accepted: 1 });
  await scene.clock.advance(60_000);
  held.open();
  assert.deepEqual([(await stuck).sent, scene.server.posts.length], [{ declined: 1 }, 1]);
  await scene.clock.advance(240_000);
  assert.deepEqual([(await late.submitter.round()).sent, scene.server.posts.length], [{ accepted: 1 }, 2]);
});

onEachStore((name, openStore) => test(`a submitter that stands still for 60 s between its attempt and the socket: its attempt is over, it sends nothing, and the slot is sent once (${name})`, async (context) => {
  const { first, other: second } = await openStore(context);
  const scene = await openScene(context, { documents: first });
  const obra = await scene.work();
  await scene.freeze(obra, SLOT);
  const held = gate("compliance/submission.post/before");
  const frozen = await scene.open({ faults: held, documents: second });
  const stuck = frozen.submitter.round();
  await held.reached;
  await scene.clock.advance(60_000);
  await scene.submitter.round();
  assert.equal((await scene.row(obra, SLOT)).standing, "unknown", "the other one took it for over");
  held.open();
  assert.deepEqual((await stuck).sent, { "not-sent": 1 });
  assert.equal(scene.server.posts.length, 0);
  await Promise.all([scene.submitter.round(), frozen.submitter.round()]);
  assert.equal(scene.server.posts.length, 0, "not on the same day");
  await scene.clock.advance(DAY_MS);
  await Promise.all([scene.submitter.round(), frozen.submitter.round()]);
  assert.deepEqual([scene.server.posts.length, (await scene.row(obra, SLOT)).standing], [1, "accepted"]);
}));

test("one that stands still over midnight for less than 30 s sends nothing either: its attempt is of another day", async (context) => {
  const scene = await openScene(context, { startUs: Date.parse("2026-06-12T03:59:50Z") * 1000 });
  const obra = await scene.work();
  await scene.freeze(obra, Date.parse("2026-06-12T03:00:00Z") * 1000);
  const held = gate("compliance/submission.post/before");
  const frozen = await scene.open({ faults: held });
  const stuck = frozen.submitter.round();
  await held.reached;
  await scene.clock.advance(20_000);
  held.open();
  assert.deepEqual([(await stuck).sent, scene.server.posts.length], [{ "not-sent": 1 }, 0]);
});

test("a socket that opens 20 s after its attempt moves what follows by as much: the regulator gets no two within five minutes", async (context) => {
  const scene = await openScene(context);
  const obra = await scene.work();
  await scene.freeze(obra, SLOT, SLOT - HOUR_US);
  const held = gate("compliance/submission.post/before");
  const slow = await scene.open({ faults: held });
  const stuck = slow.submitter.round();
  await held.reached;
  await scene.clock.advance(20_000);
  held.open();
  assert.deepEqual((await stuck).sent, { accepted: 1 });
  await scene.clock.advance(290_000);
  await slow.submitter.round();
  assert.equal(scene.server.posts.length, 1, "five minutes after the attempt, not after the socket");
  await scene.clock.advance(70_000);
  await slow.submitter.round();
  assert.equal(scene.server.posts.length, 2);
});

for (const ending of ["goes on", "is gone"] as const) {
  test(`a socket that opens 20 s after its attempt, and its process ${ending}: another process waits five minutes from the socket too`, async (context) => {
    const scene = await openScene(context);
    const obra = await scene.work();
    await scene.freeze(obra, SLOT, SLOT - HOUR_US);
    const [held, after] = [gate("compliance/submission.post/before"), gate("compliance/submission.post/after")];
    const slow = await scene.open({ faults: { reach: (at) => held.reach(at) ?? (ending === "is gone" ? after.reach(at) : undefined) } });
    const stuck = slow.submitter.round();
    await held.reached;
    await scene.clock.advance(20_000);
    held.open();
    await (ending === "is gone" ? after.reached : stuck);
    for (const post of scene.server.posts) assert.equal(post.atUs, START + 20_000_000);
    for (let each = 0; each < 60; each++) {
      await scene.submitter.round();
      await scene.clock.advance(10_000);
    }
    const [first, second, ...others] = scene.server.posts;
    assert.ok(second !== undefined && others.length === 0 && second.atUs - first!.atUs >= 5 * MINUTE_US, `${(second!.atUs - first!.atUs) / 1e6} s`);
  });
}

test("one that stands still while its answer waits writes the acceptance that it got, also after the other took it for unknown", async (context) => {
  const scene = await openScene(context);
  const obra = await scene.work();
  await scene.freeze(obra, SLOT);
  const held = gate("compliance/submission.post/after");
  const frozen = await scene.open({ faults: held });
  const stuck = frozen.submitter.round();
  await held.reached;
  await scene.clock.advance(60_000);
  await scene.submitter.round();
  assert.equal((await scene.row(obra, SLOT)).standing, "unknown");
  held.open();
  assert.deepEqual((await stuck).sent, { accepted: 1 });
  await scene.rounds(5, DAY_MS);
  assert.deepEqual([(await scene.row(obra, SLOT)).standing, scene.server.posts.length], ["accepted", 1]);
});

test("an answer that comes when its slot was tried again says so to a person, and changes nothing", async (context) => {
  const scene = await openScene(context);
  const obra = await scene.work();
  await scene.freeze(obra, SLOT);
  const held = gate("compliance/submission.post/after");
  const late = await scene.open({ faults: held });
  const stuck = late.submitter.round();
  await held.reached;
  await scene.clock.advance(60_000);
  await scene.submitter.round();
  await scene.clock.advance(DAY_MS);
  scene.server.manner = () => "refuse";
  assert.deepEqual((await scene.submitter.round()).sent, { refused: 1 });
  held.open();
  await stuck;
  assert.deepEqual([(await scene.row(obra, SLOT)).standing, await late.metrics.sum("caudal_submission_alerts_total", { alert: "outcome-too-late" })], ["refused", 1]);
});

test("an outcome that the store does not take at first is written again; one that it never takes leaves an unknown", async (context) => {
  const scene = await openScene(context);
  const obra = await scene.work();
  const troubles: Trouble[] = [];
  const shaky = await scene.open({ documents: troubled(scene.documents, troubles) });
  const meeting = async (times: number, slotUs: number): Promise<void> => {
    await scene.freeze(obra, slotUs);
    scene.server.manner = () => {
      for (let time = 0; time < times; time++) troubles.push({ collection: "ledger", write: "insert", with: "refused" });
      return "accept";
    };
    let isOver = false;
    const round = shaky.submitter.round().finally(() => (isOver = true));
    while (!isOver) {
      await new Promise((resolve) => setTimeout(resolve, 20));
      await scene.clock.advance(1000);
    }
    await round;
  };
  await meeting(2, SLOT);
  assert.equal((await scene.row(obra, SLOT)).standing, "accepted");
  await scene.clock.advance(3_600_000);
  await meeting(4, SLOT + HOUR_US);
  assert.equal((await scene.row(obra, SLOT + HOUR_US)).standing, "sending");
  await scene.clock.advance(60_000);
  await scene.submitter.round();
  assert.equal((await scene.row(obra, SLOT + HOUR_US)).standing, "unknown");
  assert.equal(scene.server.posts.length, 2);
});

test("vector A14: what is learned later of an accepted slot is kept beside it, and nothing is sent", async (context) => {
  const scene = await openScene(context);
  const obra = await scene.work();
  await scene.freeze(obra, SLOT);
  await scene.submitter.round();
  const taken = { variable: "flow", point: "p7", value: "15.9", instantUs: SLOT, knownAtUs: SLOT + HOUR_US, flag: 0, reasons: [] };
  await scene.slots.append(obra, SLOT, { by: "freezer", decide: () => ({ kind: "late-revision", slotUs: SLOT, taken }) });
  await scene.rounds(3, DAY_MS);
  const row = await scene.row(obra, SLOT);
  assert.deepEqual([row.standing, row.state.lateRevisions, scene.server.posts.length], ["accepted", 1, 1]);
});
