import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { EntryBody } from "../ledger/entry.ts";
import { slotInstants, type Schedule } from "./schedule.ts";
import { afterEntry, expectedSlot, isClosed, mayBeSent, type SlotState } from "./slot-state.ts";

const us = (text: string): number => Date.parse(text) * 1000;
const iso = (timeUs: number): string => new Date(timeUs / 1000).toISOString();
const instants = (schedule: Schedule, from: string, to: string): string[] => [...slotInstants(schedule, { fromUs: us(from), toUs: us(to) })].map(iso);

test("slots of each standard, on the regulator's clock of UTC-4", () => {
  assert.deepEqual(instants({ standard: "mayor" }, "2026-04-05T01:30:00Z", "2026-04-05T05:00:00Z"), ["2026-04-05T02:00:00.000Z", "2026-04-05T03:00:00.000Z", "2026-04-05T04:00:00.000Z"]);
  assert.deepEqual(instants({ standard: "medio" }, "2026-02-27T04:00:00Z", "2026-03-02T04:00:00Z"), ["2026-02-27T04:00:00.000Z", "2026-02-28T04:00:00.000Z", "2026-03-01T04:00:00.000Z"]);
  assert.deepEqual(instants({ standard: "menor" }, "2025-12-01T04:00:00.001Z", "2026-03-01T04:00:00Z"), ["2026-01-01T04:00:00.000Z", "2026-02-01T04:00:00.000Z"]);
  assert.deepEqual(instants({ standard: "caudales-muy-pequenos" }, "2025-07-02T00:00:00Z", "2027-01-01T04:00:00.001Z"), ["2026-01-01T04:00:00.000Z", "2026-07-01T04:00:00.000Z", "2027-01-01T04:00:00.000Z"]);
  assert.deepEqual(instants({ standard: "custom", everyMinutes: 720 }, "2026-06-11T00:00:00Z", "2026-06-12T00:00:00Z"), ["2026-06-11T04:00:00.000Z", "2026-06-11T16:00:00.000Z"]);
  assert.equal(instants({ standard: "mayor" }, "2026-01-01T04:00:00Z", "2027-01-01T04:00:00Z").length, 365 * 24, "a year has no hour twice and none missing");
  assert.throws(() => instants({ standard: "custom", everyMinutes: 0 }, "2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z"), RangeError);
});

test("the slots of two spans side by side are those of the whole", () => {
  const schedule = fc.constantFrom<Schedule>({ standard: "mayor" }, { standard: "medio" }, { standard: "menor" }, { standard: "caudales-muy-pequenos" }, { standard: "custom", everyMinutes: 7 });
  const minute = fc.integer({ min: us("2024-01-01T00:00:00Z") / 6e7, max: us("2024-03-01T00:00:00Z") / 6e7 });
  fc.assert(fc.property(schedule, minute, minute, minute, (each, ...minutes) => {
    const [fromUs = 0, middleUs = 0, toUs = 0] = minutes.sort((a, b) => a - b).map((at) => at * 6e7);
    assert.deepEqual([...slotInstants(each, { fromUs, toUs: middleUs }), ...slotInstants(each, { fromUs: middleUs, toUs })], [...slotInstants(each, { fromUs, toUs })]);
  }), { numRuns: 200 });
});

const slotUs = us("2026-06-11T17:00:00Z");
const frozen = (version: number): EntryBody => ({ kind: "frozen", slotUs, version, path: "/p", headers: {}, payload: "{}", sha256: "", taken: [] });
const attempt = (number: number, day: string): EntryBody => ({ kind: "attempt", slotUs, attempt: number, day, sha256: "" });
const outcome = (number: number, is: "accepted" | "refused" | "refused-for-good" | "unknown", voucher: string | null = null): EntryBody => ({ kind: "outcome", slotUs, attempt: number, outcome: is, voucher, by: "answer", httpStatus: 200, code: "", message: "", answer: null, tookMs: 1 });
const after = (...bodies: readonly EntryBody[]): SlotState => bodies.reduce((state, body, at) => afterEntry(state, { body, atUs: slotUs + at }), expectedSlot(slotUs));

test("a slot goes from expected to verified, and every step of it is an entry", () => {
  const verified = after(frozen(1), attempt(1, "2026-06-11"), outcome(1, "accepted", "V"), { kind: "verification", slotUs, voucher: "V", result: "verified", fields: [] });
  assert.deepEqual([verified.standing, verified.attempts, verified.voucher, verified.acceptedUs], ["verified", 1, "V", slotUs + 2]);
  assert.equal(after(frozen(1), attempt(1, "2026-06-11"), outcome(1, "accepted")).standing, "accepted-no-voucher", "vector A2: and never sent again");
  assert.equal(after({ kind: "held", slotUs, reasons: ["negative"], taken: [] }, { kind: "reviewed", slotUs, decision: "annul", reason: "x" }).standing, "annulled");
  assert.equal(after({ kind: "imported", slotUs, voucher: "V", source: "file" }).standing, "accepted");
});

test("vector A11: an attempt whose outcome nobody wrote is tried again on another day, never on the same", () => {
  const begun = after(frozen(1), attempt(1, "2026-06-11"));
  assert.equal(begun.standing, "sending");
  assert.throws(() => afterEntry(begun, { body: attempt(2, "2026-06-11"), atUs: slotUs }), RangeError);
  assert.equal(afterEntry(begun, { body: attempt(2, "2026-06-12"), atUs: slotUs }).attempts, 2);
});

test("whatever is written, after accepted nothing is sent, attempts count up, and days only go on", () => {
  const body = fc.oneof(
    fc.integer({ min: 1, max: 3 }).map(frozen), fc.tuple(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 10, max: 14 })).map(([number, day]) => attempt(number, `2026-06-${day}`)),
    fc.tuple(fc.integer({ min: 1, max: 4 }), fc.constantFrom("accepted", "refused", "refused-for-good", "unknown"), fc.option(fc.constant("V"))).map(([number, is, voucher]) => outcome(number, is, voucher)),
    fc.constantFrom("confirm", "annul").map((decision): EntryBody => ({ kind: "reviewed", slotUs, decision, reason: "" })),
    fc.constant<EntryBody>({ kind: "held", slotUs, reasons: [], taken: [] }), fc.constant<EntryBody>({ kind: "written-off", slotUs, reason: "" }),
    fc.constantFrom("verified", "mismatch", "not-found").map((result): EntryBody => ({ kind: "verification", slotUs, voucher: "V", result, fields: [] })),
  );
  fc.assert(fc.property(fc.array(body, { maxLength: 40 }), (bodies) => {
    let state = expectedSlot(slotUs);
    const days: string[] = [];
    let isAccepted = false;
    for (const each of bodies) {
      let next: SlotState;
      try {
        next = afterEntry(state, { body: each, atUs: slotUs });
      } catch (error) {
        assert.ok(error instanceof RangeError);
        continue;
      }
      if (each.kind === "attempt") {
        assert.ok(!isAccepted && !isClosed(state) && state.version > 0, "sent after it was closed, or before it was frozen");
        assert.ok(!days.includes(each.day) && each.day > (days.at(-1) ?? ""));
        days.push(each.day);
      }
      if (each.kind === "outcome" && each.outcome === "accepted") isAccepted = true;
      state = next;
      assert.ok(!(isClosed(state) && mayBeSent(state)));
    }
  }), { numRuns: 2000 });
});
