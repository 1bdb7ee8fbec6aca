import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { canonicalJson, type Plain } from "../compliance/ledger/canonical-json.ts";
import { sha256Hex, type EntryBody } from "../compliance/ledger/entry.ts";
import { dayOf as writersDay } from "../compliance/ledger/regulator-day.ts";
import { afterEntry, expectedSlot } from "../compliance/slots/slot-state.ts";
import { canonical } from "./canonical.ts";
import { dayOf, fold, newSlot } from "./slot-rules.ts";

const slotUs = Date.parse("2026-06-11T17:00:00Z") * 1000;
const DAY_US = 86_400_000_000;
const sha256 = sha256Hex("{}");

test("canonical JSON is RFC 8785's, numbers with fractions too, and the writer's where it has any", () => {
  // The sample of RFC 8785, 3.2.2.
  const sample = { numbers: [333333333.33333329, 1e30, 4.5, 2e-3, 0.000000000000000000000000001], string: '\u20ac$\u000f\nA\'B"\\\\"/', literals: [null, true, false] };
  assert.equal(canonical(sample), '{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],"string":"\u20ac$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}');
  assert.equal(canonical({ "\u20ac": 1, "\r": 2, "\ufb33": 3, "1": 4, "\ud83d\ude00": 5, "\u0080": 6, "\u00f6": 7 }), '{"\\r":2,"1":4,"\u0080":6,"\u00f6":7,"\u20ac":1,"\ud83d\ude00":5,"\ufb33":3}');
  for (const odd of [NaN, Infinity, undefined, "\ud800", { a: () => 1 }]) assert.throws(() => canonical(odd), TypeError);
  const plain = fc.letrec<{ value: Plain }>((tie) => ({ value: fc.oneof({ depthSize: "small" }, fc.string({ unit: "binary" }), fc.maxSafeInteger(), fc.boolean(), fc.constant(null), fc.array(tie("value")), fc.dictionary(fc.string(), tie("value"))) })).value;
  fc.assert(fc.property(plain, (value) => assert.equal(canonical(value), canonicalJson(value))));
});

test("the regulator's days are those of the writer", () => {
  fc.assert(fc.property(fc.integer({ min: 0, max: 4e9 }), (s) => assert.equal(dayOf(s * 1e6), writersDay(s * 1e6))));
});

type Step = { readonly body: EntryBody; readonly atUs: number };
const bodies = fc.nat(4).chain((days) => {
  const atUs = slotUs + days * DAY_US + 1000;
  const attempt = fc.constantFrom(1, 1, 1, 0, 2);
  const kinds: fc.Arbitrary<EntryBody>[] = [
    attempt.map((version) => ({ kind: "frozen", slotUs, version, path: "/p", headers: {}, payload: "{}", sha256, taken: [] })),
    fc.constant({ kind: "held", slotUs, reasons: [], taken: [] }),
    fc.constantFrom("confirm", "annul").map((decision) => ({ kind: "reviewed", slotUs, decision: decision as "confirm" | "annul", reason: "r" })),
    attempt.map((number) => ({ kind: "attempt", slotUs, attempt: number, day: dayOf(atUs), sha256 })),
    attempt.map((number) => ({ kind: "attempt", slotUs, attempt: number, day: dayOf(atUs), sha256 })),
    fc.tuple(attempt, fc.constantFrom("accepted", "refused", "refused-for-good", "unknown", "unknown"), fc.constantFrom("V", null)).map(([number, outcome, voucher]) => ({ kind: "outcome", slotUs, attempt: number, outcome: outcome as "accepted", voucher, by: "answer", httpStatus: 200, code: "", message: "", answer: null, tookMs: 1 })),
    fc.constantFrom("verified", "mismatch", "not-found").map((result) => ({ kind: "verification", slotUs, voucher: "V", result: result as "verified", fields: [] })),
    fc.constantFrom("V", null).map((voucher) => ({ kind: "imported", slotUs, voucher, source: "s" })),
    fc.constant({ kind: "written-off", slotUs, reason: "r" }),
    fc.constant({ kind: "late-revision", slotUs, taken: { variable: "flow", point: "p", value: "1", instantUs: 1, knownAtUs: 1, flag: 1, reasons: [] } }),
  ];
  return fc.oneof(...kinds).map((body): Step => ({ body, atUs }));
});

test("what may follow what is decided by the writer and by the verifier alike, entry by entry, and adds up to the same", () => {
  let followed = 0;
  fc.assert(fc.property(fc.array(bodies, { maxLength: 40 }), (steps) => {
    let state = expectedSlot(slotUs);
    const slot = newSlot();
    for (const { body: drawn, atUs } of steps) {
      // Drawn numbers count from where the slot stands, so that most steps may follow but for what is being tried.
      const body = drawn.kind === "frozen" ? { ...drawn, version: state.version + drawn.version } : drawn.kind === "attempt" ? { ...drawn, attempt: state.attempts + drawn.attempt } : drawn.kind === "outcome" ? { ...drawn, attempt: state.attempts + drawn.attempt - 1 } : drawn;
      let next: typeof state | undefined;
      try {
        next = afterEntry(state, { body, atUs });
      } catch {
        next = undefined;
      }
      const tried = { ...slot };
      const wrong = fold(tried, { atUs, body: body as unknown as Record<string, unknown> });
      assert.equal(wrong === undefined, next !== undefined, `${body.kind} after ${state.standing}: ${wrong ?? "taken"}`);
      if (next === undefined) continue;
      followed++;
      state = next;
      Object.assign(slot, tried);
      assert.deepEqual([slot.standing, slot.attempts, slot.day, slot.voucher, slot.acceptedUs, slot.version, slot.lateRevisions], [state.standing, state.attempts, state.lastDay, state.voucher, state.acceptedUs ?? null, state.version, state.lateRevisions]);
    }
  }), { numRuns: 3000 });
  assert.ok(followed > 3000);
});

test("an attempt with other bytes than were frozen, or of another day than it was written on, may not stand", () => {
  const slot = newSlot();
  assert.equal(fold(slot, { atUs: slotUs, body: { kind: "frozen", slotUs, version: 1, sha256 } }), undefined);
  assert.match(fold({ ...slot }, { atUs: slotUs, body: { kind: "attempt", slotUs, attempt: 1, day: dayOf(slotUs), sha256: "other" } }) ?? "", /other bytes/);
  assert.match(fold({ ...slot }, { atUs: slotUs, body: { kind: "attempt", slotUs, attempt: 1, day: "2026-06-12", sha256 } }) ?? "", /written on/);
  assert.match(fold({ ...slot }, { atUs: slotUs, body: { kind: "sent", slotUs } }) ?? "", /not known/);
});
