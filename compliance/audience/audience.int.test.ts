import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { systemScope, type Documents } from "@caudal/core";
import { CertificateShelf } from "../evidence/certificates.ts";
import { ChainCheck } from "../ledger/chain.ts";
import { onEachStore, type OpenStore } from "../ledger/test-stores/each-store.ts";
import { openLedger } from "../ledger/open-ledger.ts";
import type { Obra } from "../obras/obra.ts";
import { draftOf } from "../obras/settled.ts";
import { HOUR_US, openScene, START, type Scene } from "../submission/test-scene/scene.ts";
import { SendSwitch } from "../submission/send-switch.ts";
import type { InstallationMode } from "../settings.ts";
import { forgetRehearsal, mustFinishForgetting, planForgetting } from "./forget-rehearsal.ts";
import { Forgetting, LedgerAudience, switchMark } from "./ledger-audience.ts";

const nowUs = (): number => START;
const inMode = (documents: Documents, mode: InstallationMode): Promise<LedgerAudience> => LedgerAudience.open(documents, { mode, nowUs });
const emptied = ["slots", "slot_marks", "slot_edits", "slot_horizons", "slot_touches", "ledger_roots", "ledger"];

async function counts(documents: Documents, names: readonly string[]): Promise<number[]> {
  const kinds = new Map((await documents.collections()).map(({ name, tenant }) => [name, tenant]));
  return Promise.all(names.map(async (name) => (await documents.collection<object>({ name, tenant: kinds.get(name) ?? false })).count(systemScope)));
}

/** A work with one accepted slot. */
async function sent(context: TestContext, open: OpenStore): Promise<Scene & { readonly obra: Obra }> {
  const scene = await openScene(context, { documents: (await open(context)).first });
  const obra = await scene.work();
  await scene.freeze(obra, START - HOUR_US);
  return { ...scene, obra };
}

onEachStore((store, open) => {
  test(`${store}: a ledger that has attempts for a sandbox is never live, and a live one never a rehearsal; without attempts it may become either`, async (context) => {
    const { documents, submitter } = await sent(context, open);
    const rehearsal = await inMode(documents, "sandbox");
    assert.deepEqual([rehearsal.audience, await rehearsal.holds()], ["rehearsal", true]);
    const live = await inMode(documents, "live");
    assert.deepEqual([live.audience, await live.holds(), await rehearsal.holds()], ["live", true, false], "who opened it for another audience sends no more");
    assert.equal((await inMode(documents, "sandbox")).audience, "rehearsal");
    assert.equal((await submitter.round()).sent["accepted"], 1);
    await assert.rejects(inMode(documents, "live"), { code: "setting", message: /forget-rehearsal/ });
    for (const mode of ["sandbox", "shadow", "off"] as const) assert.equal((await inMode(documents, mode)).audience, "rehearsal", mode);
  });

  test(`${store}: an attempt that nobody pinned is taken for a rehearsal's`, async (context) => {
    const { documents, submitter } = await sent(context, open);
    await submitter.round();
    await assert.rejects(inMode(documents, "live"), { code: "setting" });
    assert.equal((await planForgetting({ documents, nowUs })).audience, "rehearsal");
  });

  test(`${store}: a live ledger: a start in mode sandbox is refused, and it is never forgotten`, async (context) => {
    const { documents, submitter } = await sent(context, open);
    await inMode(documents, "live");
    await submitter.round();
    await assert.rejects(inMode(documents, "sandbox"), { code: "setting", message: /another data folder/ });
    assert.equal((await inMode(documents, "shadow")).audience, "live");
    await assert.rejects(forgetRehearsal({ documents, instanceId: "here", by: "ana", nowUs }), { code: "forbidden" });
    assert.deepEqual((await counts(documents, ["ledger"]))[0], 3);
  });

  test(`${store}: what was switched on for a rehearsal is off once it is live, until a person switches it on`, async (context) => {
    const { documents } = await sent(context, open);
    const rehearsal = await SendSwitch.open(documents, { nowUs, instanceId: switchMark("here", "rehearsal") });
    await rehearsal.set(true, "ana", "try");
    const live = await SendSwitch.open(documents, { nowUs, instanceId: switchMark("here", "live") });
    assert.equal((await live.get()).on, false);
    await live.set(true, "ana", "it is live");
    assert.deepEqual([(await live.get()).on, (await rehearsal.get()).on], [true, false]);
    const overtaken = await SendSwitch.open(documents, { nowUs, instanceId: switchMark("here", "live"), mayBeOn: async () => false });
    assert.equal((await overtaken.get()).on, false);
  });

  test(`${store}: forgetting removes what was sent and nothing else; live works are off by a version with its reason, and the switch is off`, async (context) => {
    const { documents, submitter, obra, obras } = await sent(context, open);
    const shadowed = await obras.put("ana", { ...draftOf(obra), code: "OB-0602-8", mode: "shadow" }, "watch");
    const before = await inMode(documents, "sandbox");
    await submitter.round();
    await CertificateShelf.open(documents);
    const plan = await planForgetting({ documents, nowUs });
    assert.deepEqual([plan.audience, plan.counts["ledger"], plan.counts["slots"], plan.works], ["rehearsal", 3, 1, [obra.work]]);
    assert.deepEqual(await counts(documents, ["ledger", "obras", "obra_versions"]), [3, 2, 2], "a plan changes nothing");
    const done: number[] = [];
    const report = await forgetRehearsal({ documents, instanceId: "here", by: "ana", nowUs, progress: ({ done: now }) => done.push(now) });
    assert.deepEqual(report, plan);
    assert.deepEqual(await counts(documents, emptied), emptied.map(() => 0));
    assert.deepEqual(await counts(documents, ["obras", "obra_versions", "regulator-credentials"]), [2, 3, 1]);
    assert.equal(done.at(-1), Object.values(report.counts).reduce((sum, count) => sum + count, 0));
    const after = await obras.get(systemScope, obra.work);
    assert.deepEqual([after?.mode, after?.version, after?.changedBy], ["off", 2, "ana"]);
    assert.equal((await obras.get(systemScope, shadowed.work))?.mode, "shadow");
    assert.equal((await (await SendSwitch.open(documents, { nowUs, instanceId: switchMark("here", "rehearsal") })).get()).on, false);
    assert.equal(await before.holds(), false, "what a process has in memory of it holds no more");
    assert.equal((await inMode(documents, "live")).audience, "live");
    const slots = await openLedger(documents, { nowUs });
    const entry = await (await slots.chain(obra.work)).appendToWork({ by: "ana", decide: () => ({ kind: "stopped", reason: "first of a new chain" }) });
    assert.deepEqual([entry?.seq, new ChainCheck(obra.work).next(entry!)], [1, []]);
  });

  test(`${store}: a forgetting that ended in the middle keeps everybody from the ledger, and is finished by whoever asks again; the one that was overtaken removes nothing more`, async (context) => {
    const { documents, submitter } = await sent(context, open);
    await inMode(documents, "sandbox");
    await submitter.round();
    await assert.rejects(forgetRehearsal({ documents, instanceId: "here", by: "ana", nowUs, settled: () => Promise.reject(new Error("it died")) }), /it died/);
    assert.deepEqual([await mustFinishForgetting(documents), await counts(documents, ["ledger"])], [true, [3]]);
    await assert.rejects(inMode(documents, "sandbox"), { code: "unavailable" });
    const overtaken = await Forgetting.open(documents);
    await overtaken.begin("bruno", START);
    await forgetRehearsal({ documents, instanceId: "here", by: "ana", nowUs });
    await assert.rejects(overtaken.goesOn(), { code: "version-conflict" });
    await assert.rejects(overtaken.end(START), { code: "version-conflict" });
    assert.deepEqual([await mustFinishForgetting(documents), await counts(documents, ["ledger"])], [false, [0]]);
    assert.equal((await inMode(documents, "live")).audience, "live");
  });
});
