import assert from "node:assert/strict";
import { test } from "node:test";
import { expectedSlot, type SlotState } from "../slots/slot-state.ts";
import { planOf, type PlannedWork } from "./plan.ts";
import { inTurns } from "./turns.ts";

const MINUTE = 60_000_000;
const HOUR = 60 * MINUTE;
const NOW = Date.parse("2026-06-11T17:30:00Z") * 1000;
const ready = (slotUs: number): SlotState => ({ ...expectedSlot(slotUs), standing: "ready", version: 1 });
const work = (name: string, waiting: readonly SlotState[], over: Partial<PlannedWork> = {}): PlannedWork => ({ work: name, centreRut: "76543210-3", waiting, lastSendUs: undefined, next: undefined, stopped: undefined, ...over });
const given = { nowUs: NOW, sending: true, perSendUs: 1_300_000 };

test("a work's backlog is done one after the other, five minutes apart from its last send", () => {
  const waiting = [0, 1, 2].map((hour) => ready(NOW - hour * HOUR));
  const next = { slotUs: NOW, dueUs: NOW + 2 * MINUTE };
  const plan = planOf([work("b", waiting, { lastSendUs: NOW - 3 * MINUTE, next }), work("a", [])], given);
  assert.deepEqual(plan.works, [{ work: "b", waiting: 3, oldest: NOW - 2 * HOUR, next, doneAtUs: NOW + 12 * MINUTE, stopped: null }]);
  assert.deepEqual([plan.total, plan.doneAtUs, plan.sending], [3, NOW + 12 * MINUTE, true]);
});

test("what was tried today waits for the regulator's midnight, and for an hour", () => {
  const tried = { ...ready(NOW - HOUR), standing: "refused", lastDay: "2026-06-11", lastAttemptUs: NOW - HOUR } as const;
  const midnight = Date.parse("2026-06-12T04:00:00Z") * 1000;
  assert.deepEqual(planOf([work("a", [tried])], given).works[0]?.next, { slotUs: NOW - HOUR, dueUs: midnight });
  assert.equal(planOf([work("a", [tried])], given).doneAtUs, midnight);
  const late = { ...tried, lastAttemptUs: midnight - 10 * MINUTE } as const;
  assert.equal(planOf([work("a", [late])], { ...given, nowUs: midnight - 5 * MINUTE }).doneAtUs, midnight + 50 * MINUTE);
  assert.equal(planOf([work("a", [tried, ready(NOW)], { next: { slotUs: NOW, dueUs: NOW } })], given).doneAtUs, midnight);
});

test("stopped, or the switch off: nobody knows when", () => {
  const plan = planOf([work("a", [ready(NOW)], { stopped: "x" }), work("b", [ready(NOW)], { next: { slotUs: NOW, dueUs: NOW } })], given);
  assert.deepEqual(plan.works.map(({ doneAtUs, stopped, next }) => [doneAtUs, stopped, next === null]), [[null, "x", true], [NOW, null, false]]);
  assert.equal(plan.doneAtUs, null);
  assert.equal(planOf([work("b", [ready(NOW)])], { ...given, sending: false }).doneAtUs, null);
  assert.deepEqual([planOf([], given).doneAtUs, planOf([], given).total], [null, 0]);
});

test("a centre with many works takes as long as its sends do", () => {
  const works = Array.from({ length: 1000 }, (_, at) => work(`w${at}`, [ready(NOW), ready(NOW - HOUR)]));
  assert.equal(planOf(works, given).doneAtUs, NOW + 2000 * given.perSendUs);
});

test("turns: fresh first, the one that is late soonest at the front; every fourth place is of what was left over, longest waiting first", () => {
  const fresh = (name: string, slotUs: number) => ({ work: name, slotUs, isFresh: true, lastSendUs: undefined });
  const old = (name: string, lastSendUs: number | undefined) => ({ work: name, slotUs: 0, isFresh: false, lastSendUs });
  const turns = inTurns([old("o1", 9), fresh("f4", 4), fresh("f1", 1), old("o2", undefined), fresh("f3", 3), fresh("f2", 2), fresh("f5", 5), old("o3", 5)]);
  assert.deepEqual(turns.map((turn) => turn.work), ["f1", "f2", "f3", "o2", "f4", "f5", "o3", "o1"]);
  assert.deepEqual(inTurns([]), []);
});
