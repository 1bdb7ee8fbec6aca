import assert from "node:assert/strict";
import { test } from "node:test";
import { limitsOf } from "./limits.ts";
import { maskOf, reasonsOf } from "./reason-mask.ts";
import type { Trial } from "./rule.ts";
import { flagOf, judge, reasonMaskOf } from "./rules.ts";

const S = 1_000_000;
const alone: Omit<Trial, "limits" | "value"> = {
  timeUs: 1000 * S, mapped: 0, newestUs: NaN, beforeUs: NaN, previousUs: NaN, previousValue: NaN, periodUs: NaN, sinceUs: 1000 * S, run: 1,
};

function verdict(variable: string, value: number, trial: Partial<Trial> = {}): { flag: number; reasons: readonly string[] } {
  const judgement = judge({ ...alone, limits: limitsOf(variable, undefined), value, ...trial });
  return { flag: flagOf(judgement), reasons: reasonsOf(reasonMaskOf(judgement)) };
}

test("range: a flow below zero is bad and a pH of 15 too; what is inside is good", () => {
  assert.deepEqual(verdict("flow", -0.1), { flag: 4, reasons: ["below-range"] });
  assert.deepEqual(verdict("ph", 15), { flag: 4, reasons: ["above-range"] });
  assert.deepEqual(verdict("flow", 0), { flag: 1, reasons: [] });
});

test("range: a point's own limits stand in place of the variable's", () => {
  assert.equal(verdict("flow", -3, { limits: limitsOf("flow", { min: -10 }) }).flag, 1);
  assert.deepEqual(verdict("flow", 12, { limits: limitsOf("flow", { max: 10 }) }), { flag: 4, reasons: ["above-range"] });
});

test("rate: a level that moves faster than 0.1 m/s is suspect, and nothing to compare with is said", () => {
  const previous = { previousUs: 990 * S, previousValue: 2, beforeUs: 990 * S };
  assert.deepEqual(verdict("level", 3.5, previous), { flag: 3, reasons: ["rate"] });
  assert.deepEqual(verdict("level", 2.9, previous), { flag: 1, reasons: [] });
  assert.deepEqual(verdict("level", 2.9), { flag: 2, reasons: ["no-neighbour"] });
});

test("rate: one step of a coarse counter is no jump, 500 m3/h over six minutes is the bound", () => {
  const previous = { previousUs: 999 * S, previousValue: 100, beforeUs: 999 * S };
  assert.equal(verdict("total", 110, previous).flag, 1);
  assert.deepEqual(verdict("total", 151, previous), { flag: 3, reasons: ["rate"] });
});

test("flat line: the same flow for a day is suspect, no flow for a day is not", () => {
  const still = { sinceUs: -86_000 * S, run: 24 };
  assert.deepEqual(verdict("flow", 3.3, still), { flag: 3, reasons: ["flat-line"] });
  assert.equal(verdict("flow", 0, still).flag, 1);
  assert.equal(verdict("flow", 3.3, { ...still, run: 4 }).flag, 1, "four daily readings that agree are no flat line");
});

test("total: going back is suspect", () => {
  const previous = { previousUs: 990 * S, previousValue: 42_817, beforeUs: 990 * S };
  assert.deepEqual(verdict("pulses", 12, previous), { flag: 3, reasons: ["total-decreased"] });
  assert.equal(verdict("pulses", 42_817, previous).flag, 1);
  assert.equal(verdict("flow", 1, { previousUs: 990 * S, previousValue: 5 }).flag, 1, "only totals must grow");
});

test("time: a gap and lateness are said and leave the flag; a clock ahead makes it suspect", () => {
  assert.deepEqual(verdict("flow", 1, { beforeUs: 0, periodUs: 60 * S }), { flag: 1, reasons: ["gap-before"] });
  assert.deepEqual(verdict("flow", 1, { beforeUs: 850 * S, periodUs: 60 * S }), { flag: 1, reasons: [] });
  assert.deepEqual(verdict("flow", 1, { newestUs: 1000 * S + 3601 * S }), { flag: 1, reasons: ["late"] });
  assert.deepEqual(verdict("flow", 1, { newestUs: 1000 * S + 3600 * S }), { flag: 1, reasons: [] });
  assert.deepEqual(verdict("flow", 1, { mapped: maskOf("clock-ahead") }), { flag: 3, reasons: ["clock-ahead"] });
  assert.deepEqual(verdict("flow", 1, { mapped: maskOf("edge-time") }), { flag: 1, reasons: ["edge-time"] });
});

test("no value: a sentinel or no number is bad", () => {
  assert.deepEqual(verdict("level", NaN, { mapped: maskOf("sentinel") }), { flag: 4, reasons: ["sentinel"] });
  assert.deepEqual(verdict("level", NaN, { mapped: maskOf("not-a-number") }), { flag: 4, reasons: ["not-a-number"] });
  assert.deepEqual(verdict("level", NaN), { flag: 4, reasons: ["not-a-number"] });
});

test("a variable that nobody knows and nobody limited is not evaluated", () => {
  assert.deepEqual(verdict("wind", 7), { flag: 2, reasons: [] });
  assert.deepEqual(verdict("wind", 7, { limits: limitsOf("wind", { maxRatePerS: 1, flatLineS: 60, min: 0 }) }), { flag: 1, reasons: ["no-neighbour"] });
});

test("the worst finding is the flag, and every reason is kept, sorted", () => {
  const found = verdict("total", -5, { previousUs: 990 * S, previousValue: 3, beforeUs: 990 * S, mapped: maskOf("clock-ahead") });
  assert.deepEqual(found, { flag: 4, reasons: ["below-range", "clock-ahead", "total-decreased"] });
});
