import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { EntryBody } from "../ledger/entry.ts";
import { wireDay } from "../regulators/dga/wire-time.ts";
import { afterEntry, expectedSlot, isClosed, type SlotState } from "../slots/slot-state.ts";
import { nextSend } from "./next-send.ts";

const us = (text: string): number => Date.parse(text) * 1000;
const MINUTE = 60_000_000;
const HOUR = 60 * MINUTE;
const NOW = us("2026-06-11T17:30:00Z");

const ready = (slotUs: number): SlotState => afterEntry(expectedSlot(slotUs), { body: { kind: "frozen", slotUs, version: 1, path: "", headers: {}, payload: "", sha256: "", taken: [] }, atUs: slotUs });

type Answering = (slotUs: number, day: string) => "accepted" | "refused" | "unknown";

/** Sends minute by minute as the planner says, and tells when. */
function run(slots: SlotState[], { fromUs, minutes, answer = () => "accepted", arriving = () => [] }: { fromUs: number; minutes: number; answer?: Answering; arriving?: (nowUs: number) => number[] }): { sends: { atUs: number; slotUs: number }[]; slots: SlotState[] } {
  const sends: { atUs: number; slotUs: number }[] = [];
  for (let minute = 0; minute < minutes; minute++) {
    const nowUs = fromUs + minute * MINUTE;
    slots.push(...arriving(nowUs).map(ready));
    const chosen = nextSend({ waiting: slots, lastSendUs: sends.at(-1)?.atUs, isSending: false }, { nowUs, dayOf: wireDay });
    if (chosen === undefined || chosen.dueUs > nowUs) continue;
    sends.push({ atUs: nowUs, slotUs: chosen.slotUs });
    const index = slots.findIndex(({ slotUs }) => slotUs === chosen.slotUs);
    const state = slots[index]!;
    const number = state.attempts + 1;
    const day = wireDay(nowUs);
    const begun = afterEntry(state, { body: { kind: "attempt", slotUs: chosen.slotUs, attempt: number, day, sha256: "" }, atUs: nowUs });
    const outcome: EntryBody = { kind: "outcome", slotUs: chosen.slotUs, attempt: number, outcome: answer(chosen.slotUs, day), voucher: "V", by: "answer", httpStatus: 200, code: "", message: "", answer: null, tookMs: 1 };
    slots[index] = afterEntry(begun, { body: outcome, atUs: nowUs });
  }
  return { sends, slots };
}

test("vector T2: three hourly slots that wait are sent five minutes apart", () => {
  const slots = [0, 1, 2].map((hour) => ready(NOW - 30 * MINUTE - hour * HOUR));
  assert.deepEqual(run(slots, { fromUs: NOW, minutes: 30 }).sends.map(({ atUs, slotUs }) => [(atUs - NOW) / MINUTE, (NOW - slotUs) / HOUR]), [[0, 0.5], [5, 2.5], [10, 1.5]], "the fresh one first, then the oldest");
});

test("vector T3: works with one slot each do not wait for each other", () => {
  for (let work = 0; work < 3; work++) assert.deepEqual(nextSend({ waiting: [ready(NOW - MINUTE)], lastSendUs: NOW - MINUTE, isSending: false }, { nowUs: NOW, dayOf: wireDay }), { slotUs: NOW - MINUTE, dueUs: NOW });
});

test("vector T4: a day of hourly slots takes 115 minutes at least, and what is fresh does not wait behind it", () => {
  const slots = Array.from({ length: 24 }, (_, hour) => ready(NOW - 30 * MINUTE - (hour + 1) * HOUR));
  const arriving = (nowUs: number): number[] => ((nowUs - (NOW + 30 * MINUTE)) % HOUR === 0 ? [nowUs] : []);
  const { sends } = run(slots, { fromUs: NOW, minutes: 300, arriving });
  const old = sends.filter(({ slotUs }) => slotUs < NOW);
  assert.equal(old.length, 24);
  assert.ok(old.at(-1)!.atUs - NOW >= 115 * MINUTE);
  for (const { slotUs, atUs } of sends.filter((send) => send.slotUs >= NOW)) assert.ok(atUs - slotUs <= 5 * MINUTE, "fresh ones go within five minutes");
});

test("vector T5: refused every day: one try a day of the regulator's, and on without an end", () => {
  const { sends, slots } = run([ready(NOW)], { fromUs: NOW, minutes: 10 * 24 * 60, answer: () => "refused" });
  assert.equal(sends.length, 11);
  assert.equal(new Set(sends.map(({ atUs }) => wireDay(atUs))).size, 11);
  assert.equal(slots[0]!.standing, "refused");
});

test("after an unknown outcome nothing is sent before the regulator's next day, and not within the hour of midnight", () => {
  const late = us("2026-06-12T03:50:00Z");
  const { sends } = run([ready(late - 5 * MINUTE)], { fromUs: late, minutes: 180, answer: (_, day) => (day === "2026-06-11" ? "unknown" : "accepted") });
  assert.deepEqual(sends.map(({ atUs }) => (atUs - late) / MINUTE), [0, 60]);
});

test("whatever is answered: never twice on a day, never after accepted, five minutes apart, nothing starves", () => {
  fc.assert(fc.property(fc.array(fc.integer({ min: 0, max: 60 }), { minLength: 1, maxLength: 12 }), fc.infiniteStream(fc.constantFrom("accepted", "refused", "unknown")), (hours, answers) => {
    const given = answers[Symbol.iterator]();
    const accepted = new Set<number>();
    const days = new Set<string>();
    const initial = [...new Set(hours)].map((hour) => ready(NOW - hour * HOUR));
    const answer: Answering = (slotUs, day) => {
      assert.ok(!accepted.has(slotUs) && !days.has(`${slotUs} ${day}`));
      days.add(`${slotUs} ${day}`);
      const said = given.next().value as "accepted" | "refused" | "unknown";
      if (said === "accepted") accepted.add(slotUs);
      return said;
    };
    const { sends, slots } = run([...initial], { fromUs: NOW, minutes: 3 * 24 * 60, answer });
    for (let at = 1; at < sends.length; at++) assert.ok(sends[at]!.atUs - sends[at - 1]!.atUs >= 5 * MINUTE, "what is left over is sent one by one");
    for (const slot of slots) assert.ok(isClosed(slot) || slot.attempts >= 3, "each is tried on each day");
  }), { numRuns: 60 });
});
