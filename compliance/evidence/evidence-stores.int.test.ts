import assert from "node:assert/strict";
import { test } from "node:test";
import { decisionCollection, systemScope, type DecisionRecord } from "@caudal/core";
import { verifyPack } from "@caudal/verifier";
import { unzipSync } from "fflate";
import { onEachStore } from "../ledger/test-stores/each-store.ts";
import { evidencePack } from "./pack.ts";
import { DAY_US, HOUR_US, SLOT_US, taken, testWork, type TestWork } from "./test-work.ts";

const packed = async (work: TestWork): Promise<Uint8Array> => {
  const chunks: Uint8Array[] = [];
  for await (const chunk of evidencePack(work.parts, work.question())) chunks.push(chunk);
  return Buffer.concat(chunks);
};
const textOf = (bytes: Uint8Array | undefined): string => Buffer.from(bytes ?? []).toString();
const linesOf = (bytes: Uint8Array | undefined): Record<string, unknown>[] => textOf(bytes).split("\n").filter((line) => line !== "").map((line) => JSON.parse(line) as Record<string, unknown>);

onEachStore((store, open) => {
  test(`${store}: a pack with roots, certificates and decisions verifies offline, comes out with the same bytes again, and a flipped byte is found`, async (context) => {
    const { first } = await open(context);
    const work = await testWork(context, {}, first);
    const { clock, obra, slots, roots, parts } = work;
    await slots.ensure(obra, { fromUs: SLOT_US, toUs: SLOT_US + 4 * HOUR_US });
    clock.atUs = SLOT_US + HOUR_US / 2;
    await work.sent(0, { flow: 15.314, total: 1010.7, outcome: "accepted", voucher: "Abc0" });
    await work.append(0, { kind: "verification", slotUs: SLOT_US, voucher: "Abc0", result: "verified", fields: [] });
    await work.sent(1, { flow: 15, total: 1064.2, outcome: "unknown" });
    await work.append(2, { kind: "held", slotUs: SLOT_US + 2 * HOUR_US, reasons: ["negative"], taken: [taken(2, "flow", "-3")] });
    clock.atUs += DAY_US;
    await work.sent(1, { flow: 15, total: 1064.2, outcome: "accepted", voucher: "Abc1" });
    clock.atUs += DAY_US;
    assert.ok((await roots.sign()).length > 0);
    const file = Buffer.alloc(100_000, "certificate ");
    await parts.certificates.put(systemScope, obra, { id: "calibracion-2026", name: "Calibración 2026", note: "", contentType: "application/pdf", by: "ana", atUs: clock.atUs, file });
    const decisions = await first.collection<DecisionRecord>(decisionCollection);
    await decisions.insert(systemScope, { id: "d1", body: { client: "acme", point: "p7", variable: "total", instantUs: SLOT_US + HOUR_US, kind: "reset", state: "made", said: false, baseline: 5, count: 0, volumeM3: 0.5, knownAtUs: 1, causeId: "c" } });

    const zip = await packed(work);
    const found = verifyPack(zip, { key: roots.publicKey });
    assert.deepEqual([found.findings, found.works.map(({ work: name, slots: known, accepted, entries }) => [name, known, accepted, entries])], [[], [["dga/OB-0602-7", 4, 2, 10]]]);
    const files = unzipSync(zip);
    assert.deepEqual(linesOf(files["slots.ndjson"]).map(({ standing, voucher, attempts }) => [standing, voucher, attempts]), [["verified", "Abc0", 1], ["accepted", "Abc1", 2], ["held", null, 0], ["expected", null, 0]]);
    assert.deepEqual(Buffer.from(files["certificates/calibracion-2026.pdf"] ?? []), file);
    assert.deepEqual(linesOf(files["decisions/01-p7.totaliser.ndjson"]).map(({ kind }) => kind), ["reset"]);
    assert.deepEqual(await packed(work), zip);
    zip[Math.floor(zip.length / 2)]! ^= 4;
    assert.ok(!verifyPack(zip, { key: roots.publicKey }).ok);
  });
});
