import assert from "node:assert/strict";
import { test } from "node:test";
import { importSubmissions, type ImportReport } from "./import.ts";
import { HOUR_US, openScene, START, us, type Scene } from "./test-scene/scene.ts";

const SLOT = us("2026-06-11T17:00:00Z");
const HEAD = "obra,instant,voucher,source\n";
const given = (scene: Scene, csv: string, dryRun = false): Promise<ImportReport> => importSubmissions(scene, csv, { author: "ana", dryRun, nowUs: () => scene.clock.nowUs() });

test("what another system had sent is never sent again: moving re-sends nothing", async (context) => {
  const scene = await openScene(context);
  const obra = await scene.work();
  await scene.freeze(obra, SLOT, SLOT - HOUR_US, SLOT - 2 * HOUR_US);
  const csv = `${HEAD}OB-0602-7,2026-06-11T13:00:00-04:00,V1,old platform\r\ndga/OB-0602-7,2026-06-11T16:00:00Z,,old platform\r\n\r\nOB-0602-7,2026-06-11 11:00:00,"V3","old, ""the"" platform"\n`;
  assert.deepEqual(await given(scene, csv, true), { dryRun: true, lines: 3, imported: 3, already: 0, refusedLines: 0, refused: [] });
  assert.deepEqual((await scene.rows(obra)).map(({ standing }) => standing), ["ready", "ready", "ready"], "a dry run changes nothing");
  const told: number[] = [];
  assert.deepEqual(await importSubmissions(scene, csv, { author: "ana", dryRun: false, nowUs: () => scene.clock.nowUs(), onProgress: ({ lines }) => told.push(lines) }), { dryRun: false, lines: 3, imported: 3, already: 0, refusedLines: 0, refused: [] });
  assert.deepEqual(told, [3]);
  assert.deepEqual((await scene.rows(obra)).map(({ standing, state }) => [standing, state.voucher]), [["accepted", "V3"], ["accepted-no-voucher", null], ["accepted", "V1"]]);
  const { body, by } = (await scene.entries(obra)).at(-1)!;
  assert.deepEqual([by, body.kind === "imported" ? body.source : ""], ["ana", 'old, "the" platform']);
  assert.deepEqual(await given(scene, csv), { dryRun: false, lines: 3, imported: 0, already: 3, refusedLines: 0, refused: [] });
  await scene.rounds(10, 24 * 3_600_000);
  assert.equal(scene.server.posts.length, 0);
});

test("what does not fit is told by its line, and the others are taken", async (context) => {
  const scene = await openScene(context);
  const obra = await scene.work();
  const report = await given(scene, `${HEAD}OB-0602-9,2026-06-11T13:00:00-04:00,V,s\nOB-0602-7,2026-06-11T13:00:01-04:00,V,s\nOB-0602-7,yesterday,V,s\nOB-0602-7,2026-06-11T13:00:00-04:00,V\nOB-0602-7,2026-06-12T13:00:00-04:00,V,s\nOB-0602-7,2026-06-11T12:00:00-04:00,V,\nOB-0602-7,2026-06-11T12:00:00-04:00,V1,s\nOB-0602-7,2026-06-11T12:00:00-04:00,V2,s\nOB-0602-7,2026-06-11T12:00:00-04:00,${"x".repeat(201)},s\n`);
  assert.deepEqual(report.refused.map(({ line, why }) => [line, why]), [[2, "unknown-obra"], [3, "not-a-slot"], [4, "instant"], [5, "fields"], [6, "future"], [7, "fields"], [9, "another-voucher"], [10, "voucher"]]);
  assert.deepEqual([report.imported, report.refusedLines], [1, 8]);
  assert.equal((await scene.row(obra, SLOT - HOUR_US)).state.voucher, "V1");
  assert.deepEqual((await given(scene, "code,when\n1,2\n")).refused.map(({ line, why }) => [line, why]), [[1, "fields"]]);
  assert.deepEqual((await given(scene, `${HEAD}"OB`)).refused.map(({ line, why }) => [line, why]), [[2, "fields"]]);
});

test("an annulled slot and one that is being sent are not taken; a daily work has no noon", async (context) => {
  const scene = await openScene(context);
  const [obra, daily] = [await scene.work(), await scene.work({ code: "OB-0602-8", standard: "medio" })];
  await scene.freeze(obra, SLOT, SLOT - HOUR_US);
  await scene.slots.append(obra, SLOT, { by: "ana", decide: () => ({ kind: "reviewed", slotUs: SLOT, decision: "annul", reason: "x" }) });
  scene.server.manner = () => "lost-hang";
  const round = scene.submitter.round();
  await scene.server.arrived(1);
  const twice = `OB-0602-8,2026-06-10T00:00:00-04:00,D,s\n`;
  const report = await given(scene, `${HEAD}OB-0602-7,2026-06-11T13:00:00-04:00,V,s\nOB-0602-7,2026-06-11T12:00:00-04:00,V,s\nOB-0602-8,2026-06-10T12:00:00-04:00,V,s\n${twice}${twice}`, true);
  assert.deepEqual(report.refused.map(({ why }) => why), ["closed", "being-sent", "not-a-slot"]);
  assert.deepEqual([report.imported, report.already, START > SLOT, daily.standard], [1, 1, true, "medio"]);
  await scene.clock.advance(15_000);
  await round;
});
