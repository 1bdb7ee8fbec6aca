import assert from "node:assert/strict";
import { test } from "node:test";
import { attempt, frozen, outcome, taken } from "../ledger/test-stores/bodies.ts";
import { nextEntry, type EntryBody, type LedgerEntry } from "../ledger/entry.ts";
import { dayEndUs, dayOf, monthOf, monthSpan } from "../ledger/regulator-day.ts";
import { openOf, projectedRow, type SlotNotes } from "./projected-row.ts";
import { findQueryOf } from "./slot-query.ts";
import type { SlotRow } from "./slot-row.ts";

const us = (text: string): number => Date.parse(text) * 1000;
const SLOT = us("2026-06-11T14:00:00Z");
const owner = { client: "c", work: "dga/OB-0602-7", slotUs: SLOT };
const held: EntryBody = { kind: "held", slotUs: SLOT, reasons: ["negative"], taken: [taken] };
const reviewed = (decision: "confirm" | "annul"): EntryBody => ({ kind: "reviewed", slotUs: SLOT, decision, reason: "x" });
const writtenOff: EntryBody = { kind: "written-off", slotUs: SLOT, reason: "x" };

function entries(bodies: readonly EntryBody[], atUs = SLOT): LedgerEntry[] {
  return bodies.reduce<LedgerEntry[]>((all, body) => [...all, nextEntry(all.at(-1), { work: owner.work, atUs, by: "t", body })], []);
}
const row = (bodies: readonly EntryBody[], { atUs, notes }: { readonly atUs?: number; readonly notes?: SlotNotes } = {}): SlotRow => projectedRow({ ...owner, notes }, entries(bodies, atUs));

test("vector T1: measured at 10:00 and accepted at 10:59 is on time, at 11:01 late; of an imported one nobody knows", () => {
  const accepted = [frozen(SLOT), attempt(SLOT, 1, "2026-06-11"), outcome(SLOT, 1, "accepted", "V")];
  assert.equal(row(accepted, { atUs: us("2026-06-11T14:59:00Z") }).late, false);
  assert.equal(row(accepted, { atUs: us("2026-06-11T15:00:00Z") }).late, false);
  assert.equal(row(accepted, { atUs: us("2026-06-11T15:01:00Z") }).late, true);
  const verified: EntryBody = { kind: "verification", slotUs: SLOT, voucher: "V", result: "verified", fields: [] };
  assert.equal(row([...accepted, verified], { atUs: us("2026-06-11T15:01:00Z") }).late, true);
  assert.equal(row([{ kind: "imported", slotUs: SLOT, voucher: "V", source: "file" }], { atUs: us("2027-01-01T00:00:00Z") }).late, false);
  assert.deepEqual([row([], { notes: { lateFailure: true, lookedAtUs: null } }).late, row([]).late], [true, false]);
});

test("a row tells what its slot's entries add up to, and why nothing was there until the ledger knows better", () => {
  const notes: SlotNotes = { noted: ["no-data"], lateFailure: false, lookedAtUs: 5 };
  const expected = row([], { notes });
  assert.deepEqual(expected, { ...owner, month: "2026-06", standing: "expected", open: 1, seq: 0, state: { slotUs: SLOT, standing: "expected", attempts: 0, lastDay: "", voucher: null, lateRevisions: 0, version: 0 }, reasons: ["no-data"], noted: ["no-data"], taken: [], late: false, lateFailure: false, lookedAtUs: 5 });
  const told = (bodies: readonly EntryBody[]): readonly unknown[] => {
    const { standing, open, reasons, seq } = row(bodies, { notes });
    return [standing, open, reasons.join(), seq];
  };
  assert.deepEqual(told([held]), ["held", 1, "negative", 1]);
  assert.deepEqual(told([held, reviewed("confirm")]), ["expected", 1, "no-data", 2]);
  assert.deepEqual(told([held, reviewed("annul")]), ["annulled", 0, "negative", 2]);
  assert.deepEqual(told([frozen(SLOT), held, reviewed("confirm")]), ["ready", 1, "", 3]);
  assert.deepEqual(told([held, frozen(SLOT)]), ["ready", 1, "", 2]);
  assert.deepEqual(told([writtenOff]), ["written-off", 0, "no-data", 1]);
  assert.deepEqual(told([{ kind: "imported", slotUs: SLOT, voucher: null, source: "file" }]), ["accepted-no-voucher", 0, "", 1]);
  assert.deepEqual(told([frozen(SLOT), attempt(SLOT, 1, "2026-06-11"), outcome(SLOT, 1, "unknown"), held, outcome(SLOT, 1, "accepted", "V")]), ["accepted", 1, "", 5], "a person was asked meanwhile");
  assert.deepEqual(row([held]).taken, [taken]);
  assert.throws(() => row([outcome(SLOT, 1, "accepted", "V")]), { code: "corrupt" });
});

test("a slot is open while it waits for something", () => {
  const open = ["expected", "held", "ready", "sending", "unknown", "refused", "refused-for-good", "accepted"] as const;
  const closed = ["accepted-no-voucher", "verified", "mismatch", "not-found", "annulled", "written-off"] as const;
  assert.deepEqual([...open, ...closed].map(openOf), [...open.map(() => 1), ...closed.map(() => 0)]);
});

test("days and months are the regulator's: they end at four in the morning of UTC", () => {
  assert.deepEqual([dayOf(us("2026-07-01T03:59:59Z")), dayOf(us("2026-07-01T04:00:00Z")), monthOf(us("2026-07-01T03:59:59Z"))], ["2026-06-30", "2026-07-01", "2026-06"]);
  assert.equal(dayEndUs("2026-06-30"), us("2026-07-01T04:00:00Z"));
  assert.deepEqual(monthSpan("2026-12"), { fromUs: us("2026-12-01T04:00:00Z"), toUs: us("2027-01-01T04:00:00Z") });
});

test("a question that nothing can answer reads nothing, and a month is a span", () => {
  assert.equal(findQueryOf({ clients: ["a"] }, { client: "b" }), undefined);
  assert.equal(findQueryOf({ clients: "all" }, { standing: "verified", open: true }), undefined);
  assert.equal(findQueryOf({ clients: "all" }, { fromUs: 5, toUs: 5 }), undefined);
  assert.throws(() => findQueryOf({ clients: "all" }, { month: "2026-13" }), { code: "bad-request" });
  const asked = findQueryOf({ clients: "all" }, { client: "b", month: "2026-06", toUs: 7e15, open: true, descending: true, limit: 3, cursor: "x" });
  assert.deepEqual(asked, { scope: { clients: ["b"] }, find: { where: { client: "b", open: 1 }, range: { field: "slotUs", from: monthSpan("2026-06").fromUs, to: monthSpan("2026-06").toUs }, orderBy: "slotUs", descending: true, limit: 3, cursor: "x" } });
});
