import assert from "node:assert/strict";
import { test } from "node:test";
import { systemScope } from "@caudal/core";
import { every } from "../ledger/test-stores/every.ts";
import { ChainCheck } from "../ledger/chain.ts";
import { obraCollection, type Obra } from "../obras/obra.ts";
import { HOUR_US, openScene, START } from "../submission/test-scene/scene.ts";
import { rebuildSlotRows } from "./rebuild-rows.ts";
import { slotCollection, slotId, type SlotRow } from "./slot-row.ts";

test("rows of every work of the ledger are made anew from it; a work that was erased has none, keeps its chain, and keeps nobody from going on", async (context) => {
  const scene = await openScene(context);
  const { documents, submitter } = scene;
  const [kept, erased] = [await scene.work(), await scene.work({ code: "OB-0602-8", client: "other" })];
  for (const obra of [kept, erased]) await scene.freeze(obra, START - HOUR_US);
  await submitter.round();
  const before = await scene.row(kept, START - HOUR_US);
  assert.equal(before.standing, "accepted");
  const rows = await documents.collection<SlotRow>(slotCollection);
  await rows.putMany(systemScope, [{ id: slotId(kept.work, START - HOUR_US), body: { ...before, standing: "expected", seq: 0 } }]);
  const gone = { clients: ["other"] };
  await rows.remove(gone, slotId(erased.work, START - HOUR_US));
  await (await documents.collection<Obra>(obraCollection)).remove(gone, erased.work);
  const told: string[] = [];
  const rebuilt = await rebuildSlotRows(documents, { nowUs: () => START, signal: new AbortController().signal, progress: (done, total) => told.push(`${done}/${total}`) });
  // Rows from the work's first instant to the newest one are there too.
  assert.deepEqual([rebuilt.works, rebuilt.changed, told], [1, rebuilt.rows, ["0/2", "1/2", "2/2"]]);
  assert.deepEqual(await scene.row(kept, START - HOUR_US), before);
  assert.equal(await rows.count(gone), 0);
  const check = new ChainCheck(erased.work);
  assert.deepEqual((await every(scene.ledger.entries(erased.work, 0))).flatMap((entry) => check.next(entry)), []);
  const round = await scene.submitter.round();
  assert.deepEqual(round.failed, []);
});
