import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { readCertificate } from "./certificate.ts";
import { readCredential } from "./credential.ts";
import { readHeldSlot } from "./held-slot.ts";
import { readLedgerEntry } from "./ledger-entry.ts";
import { readComplianceStatus } from "./obra-status.ts";
import { readObraImport } from "./obra-import.ts";
import { readObra } from "./obra.ts";
import { mayAdminister, mayReview } from "./operations.ts";
import { readAnnualVolume, readBurnDown } from "./right-report.ts";
import { longestFirst, readSendPlan } from "./send-plan.ts";
import { readSlot } from "./slot.ts";

describe("reading what is owed", () => {
  test("a status: works with their counts, the switch, open breakers only; nothing said of the switch is off", () => {
    const status = readComplianceStatus({
      items: [{ work: "dga/OB-1", name: "Pozo", mode: "live", stopped: null, nextSlot: "2026-06-15T13:00:00Z", lastAccepted: { slot: "2026-06-15T12:00:00Z", at: "2026-06-15T12:12:00Z", voucher: "aB" }, counts: { missing: 2, late: "x" }, lateFailures: 1 }, { name: "no work" }],
      sending: { on: true, by: "ana", at: "2026-06-01T00:00:00Z", reason: "go" }, breaker: [{ regulator: "dga", state: "open", why: "blocks", retryInMs: 5 }, { regulator: "sma", state: "closed" }], next: null,
    });
    const [obra] = status.obras;
    assert.equal(status.obras.length, 1);
    assert.deepEqual([obra?.regulator, obra?.code, obra?.counts.missing, obra?.counts.late, obra?.lastAccepted?.voucher, obra?.stopped], ["dga", "OB-1", 2, 0, "aB", null]);
    assert.deepEqual(status.breakers.map(({ regulator }) => regulator), ["dga"]);
    assert.deepEqual([status.sending.on, readComplianceStatus({}).sending.on, readComplianceStatus(null).obras], [true, false, []]);
    assert.deepEqual(["because", "", undefined, null, true].map((stopped) => readComplianceStatus({ items: [{ work: "dga/a", stopped }] }).obras[0]?.stopped), ["because", "", null, null, ""]);
    assert.equal(readComplianceStatus({ items: [{ work: "dga/a", mode: "new" }] }).obras[0]?.mode, "off");
  });

  test("a slot keeps what was measured with its true instant, missing figures as null, a zero as a zero", () => {
    const slot = readSlot({ slot: "2026-06-11T17:00:00Z", standing: "verified", values: { flowLps: 0, totalM3: "1234567", depthM: null }, taken: [{ quantity: null, variable: "flow", point: "p", value: 0, at: "2026-06-11T16:58:00Z", flag: 1 }, {}], voucher: "V", attempts: 2 });
    assert.deepEqual(slot?.values, { flowLps: 0, totalM3: 1_234_567, depthM: null, stageM: null });
    assert.deepEqual(slot?.taken.map(({ quantity, atMs, value }) => [quantity, atMs, value]), [["", Date.parse("2026-06-11T16:58:00Z"), 0]]);
    assert.equal(readSlot({ slot: "soon" }), undefined);
    assert.deepEqual([readSlot({ slot: "2026-06-11T17:00:00Z", values: null })?.values, readSlot({ slot: "2026-06-11T17:00:00Z", values: { flowLps: "x" } })?.values], [null, null]);
  });

  test("an entry of the ledger, of a slot and of the whole work", () => {
    const entry = readLedgerEntry({ seq: 4, at: "2026-06-11T17:10:00Z", by: "submitter", slot: "2026-06-11T17:00:00Z", previous: "a", hash: "b", body: { kind: "outcome", slotUs: 1_781_197_200_000_000, attempt: 1, outcome: "accepted", voucher: "V", httpStatus: 200, message: "ok" } });
    assert.deepEqual([entry?.seq, entry?.kind, entry?.slotMs, entry?.outcome, entry?.voucher, entry?.httpStatus], [4, "outcome", 1_781_197_200_000, "accepted", "V", 200]);
    assert.deepEqual([readLedgerEntry({ seq: 1, slot: null, body: { kind: "stopped", reason: "r" } })?.slotMs, readLedgerEntry({ seq: 1, body: {} }), readLedgerEntry({ body: { kind: "frozen" } })], [null, undefined, undefined]);
    assert.equal(readLedgerEntry({ seq: 2, body: { kind: "frozen", edit: { author: "ana" } } })?.editedBy, "ana");
  });

  test("a held slot with its proposal, neighbours and why it is held", () => {
    const held = readHeldSlot({
      slot: "2026-06-11T17:00:00Z", work: "dga/OB-1", standing: "held", name: "Pozo", water: "groundwater", why: [{ code: "beyond-right", text: "Above the right" }, { code: "odd" }], right: { flowLps: 5 }, blocked: null, wouldSend: { path: "/x", body: "{}" },
      neighbours: [{ slot: "2026-06-11T16:00:00Z", standing: "verified", values: { flowLps: 4 } }, {}], edit: { author: "ana", at: "2026-06-11T18:00:00Z", code: "other", reason: "typed", values: { flowLps: 4.5 } },
    });
    assert.deepEqual([held?.why, held?.rightLps, held?.blocked, held?.wouldSend, held?.neighbours.length, held?.proposal?.values?.flowLps], [["Above the right", "odd"], 5, "", "{}", 1, 4.5]);
    assert.equal(readHeldSlot({ slot: "2026-06-11T17:00:00Z" }), undefined);
    assert.equal(readHeldSlot({ slot: "2026-06-11T17:00:00Z", work: "dga/a", edit: null })?.proposal, null);
  });

  test("a plan has what takes longest first, what never ends before it", () => {
    const plan = readSendPlan({ at: "2026-06-15T12:00:00Z", sending: true, total: 8, doneAt: null, works: [
      { work: "dga/A", waiting: 3, doneAt: "2026-06-15T13:00:00Z", next: { slot: "2026-06-15T11:00:00Z", dueAt: "2026-06-15T12:05:00Z" } }, { work: "dga/B", waiting: 5, doneAt: null, next: null, stopped: "password" }, { work: "dga/C", waiting: 0, doneAt: null }, { waiting: 1 },
    ] });
    assert.deepEqual(longestFirst(plan.works).map(({ code }) => code), ["B", "A", "C"]);
    assert.deepEqual([plan.works[0]?.next?.dueMs, plan.works[1]?.stopped], [Date.parse("2026-06-15T12:05:00Z"), "password"]);
  });

  test("reports: what is not computable says why, a verdict that is not known is too little data", () => {
    const volume = readAnnualVolume({ works: [{ volumeM3: null, rightM3: 100, percent: null, notComputable: "reset", stretchesM3: 12, readings: 3 }] });
    assert.deepEqual([volume.fault, volume.stretchesM3, readAnnualVolume({}).fault, readAnnualVolume({ works: [{ volumeM3: 4 }] }).fault], ["reset", 12, "no-reading", ""]);
    assert.deepEqual([readBurnDown({}).verdict, readBurnDown({ days: [{ day: "2026-01-01", usedM3: 3 }, { day: "x", usedM3: 3 }, { day: "2026-01-02" }] }).days], ["too-little-data", [{ day: "2026-01-01", usedM3: 3 }]]);
  });

  test("a work with its right by month, and instants that may be missing", () => {
    const obra = readObra({ work: "dga/OB-1", right: { annualM3: 10, monthly: [{ flowLps: 2 }, null, {}], tolerance: 0.2 }, submitFrom: "2026-01-01T04:00:00Z", endsAt: null, knownDefect: { since: "2026-02-01T00:00:00Z", reason: "cable" }, feeds: [{ quantity: "flow", point: "p", variable: "flow" }, {}] });
    assert.deepEqual([obra?.right.monthly, obra?.endsMs, obra?.knownDefect?.reason, obra?.feeds.length, obra?.version], [[{ flowLps: 2, volumeM3: null }, null, null], null, "cable", 1, 1]);
    assert.deepEqual([readObra({ work: "dga/" }), readObra({})], [undefined, undefined]);
    assert.deepEqual([obra?.ids, readObra({ work: "sma/a", sma: { ufId: "1", procesoId: "2" } })?.ids], [null, { ufId: "1", procesoId: "2", dispositivoId: "" }]);
  });

  test("an import: rows with what changes and what is wrong; an outcome that is not known is refused", () => {
    const plan = readObraImport({ dryRun: false, written: 1, counts: { new: 1 }, rows: [{ line: 2, work: "dga/A", outcome: "new", written: true, changes: [{ field: "mode", old: "", new: "off" }], errors: [] }, { line: 3, work: null, outcome: "?", errors: [{ column: "code", detail: "no" }] }, {}] });
    assert.deepEqual([plan.dryRun, plan.written, plan.counts, plan.rows.length], [false, 1, { new: 1, changed: 0, unchanged: 0, refused: 0 }, 2]);
    assert.deepEqual([plan.rows[0]?.changes, plan.rows[1]?.outcome, plan.rows[1]?.work, plan.rows[1]?.errors], [[{ field: "mode", before: "", after: "off" }], "refused", "", [{ column: "code", detail: "no" }]]);
    assert.equal(readObraImport({}).dryRun, true);
  });

  test("of a password only that it is held; of a certificate what it is", () => {
    const credential = readCredential({ regulator: "dga", user: "1-9", setBy: "ana", setAt: "2026-01-01T00:00:00Z", password: "never", readable: false });
    assert.deepEqual(credential, { regulator: "dga", user: "1-9", setBy: "ana", setAtMs: Date.parse("2026-01-01T00:00:00Z"), readable: false });
    assert.deepEqual([readCredential({}), readCertificate({}), readCertificate({ id: "a", bytes: 3, sha256: "ff" })?.name], [undefined, undefined, "a"]);
  });
});

test("who decides on what is owed, and who throws the switch", () => {
  const roles = ["admin", "operator", "compliance", "analyst", "auditor", "viewer", "device"];
  assert.deepEqual(roles.filter((role) => mayReview({ name: "x", role })), ["admin", "operator", "compliance"]);
  assert.deepEqual(roles.filter((role) => mayAdminister({ name: "x", role })), ["admin"]);
  assert.equal(mayReview(null), false);
});
