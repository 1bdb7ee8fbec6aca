import assert from "node:assert/strict";
import { test } from "node:test";
import type { PointSettings } from "@caudal/core";
import { limitsOf } from "./limits.ts";
import { maskOf, reasonsOf } from "./reason-mask.ts";
import type { Limits, Trial } from "./rule.ts";
import { flagOf, judge, reasonMaskOf } from "./rules.ts";

const S = 1_000_000;
const alone: Omit<Trial, "limits" | "value"> = {
  timeUs: 1000 * S, mapped: 0, newestUs: NaN, beforeUs: NaN, previousUs: NaN, previousValue: NaN, nextValue: NaN, periodUs: NaN, sinceUs: 1000 * S, run: 1, standing: 0, passedM3: NaN,
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

test("flat line: the same flow for a day is suspect, no flow for a day is not", () => {
  const still = { sinceUs: -86_000 * S, run: 24 };
  assert.deepEqual(verdict("flow", 3.3, still), { flag: 3, reasons: ["flat-line"] });
  assert.equal(verdict("flow", 0, still).flag, 1);
  assert.equal(verdict("flow", 3.3, { ...still, run: 4 }).flag, 1, "four daily readings that agree are no flat line");
});

test("spike: above both neighbours, or below both, by more than the limit, once the next one came", () => {
  const limits = limitsOf("level", { spike: 0.5 });
  const between = { previousUs: 990 * S, previousValue: 2, beforeUs: 990 * S, limits };
  assert.deepEqual(verdict("level", 2.7, { ...between, nextValue: 2.1 }), { flag: 3, reasons: ["spike"] });
  assert.deepEqual(verdict("level", 1.4, { ...between, nextValue: 2.1 }), { flag: 3, reasons: ["spike"] });
  assert.deepEqual(verdict("level", 2.6, { ...between, nextValue: 2.1 }), { flag: 1, reasons: [] });
  assert.deepEqual(verdict("level", 3, { ...between, nextValue: 3.4 }), { flag: 1, reasons: [] }, "a step is none");
  assert.deepEqual(verdict("level", 2, { ...between, nextValue: 4 }), { flag: 1, reasons: [] }, "neither is the good neighbour of one");
  assert.deepEqual(verdict("level", 2.6, between), { flag: 1, reasons: [] });
});

test("spike: neither the neighbours of one nor the sides of a step are any", () => {
  const limits = limitsOf("level", { spike: 0.25 });
  const judged = [10, 10.01, 12, 10, 10.02, 10.01, 13, 13.01, 13].map((value, index, all) => verdict("level", value, {
    limits, ...(index === 0 ? {} : { previousUs: 990 * S, previousValue: all[index - 1]!, beforeUs: 990 * S }), nextValue: all[index + 1] ?? NaN,
  }).reasons.includes("spike"));
  assert.deepEqual(judged, [false, false, true, false, false, false, false, false, false]);
});

test("impossible level: below the probe or above the surface, in the probe's own numbers", () => {
  const at = (settings: PointSettings): Limits => limitsOf(settings.levelKind === "pressure" ? "pressure" : settings.levelKind === "current" ? "loop_current" : "level", undefined, { fromUs: -Infinity, settings });
  const column = at({ levelKind: "water-column", levelDivisor: 100, sensorDepthM: 45 });
  assert.deepEqual(verdict("level", 4500.5, { limits: column, previousUs: 990 * S, previousValue: 4500.5 }), { flag: 4, reasons: ["impossible-level"] });
  assert.deepEqual(verdict("level", -1, { limits: column, previousUs: 990 * S, previousValue: -1 }), { flag: 4, reasons: ["impossible-level"] });
  assert.equal(verdict("level", 1234, { limits: column, previousUs: 990 * S, previousValue: 1234 }).flag, 1);
  assert.deepEqual(verdict("pressure", 450, { limits: at({ levelKind: "pressure", sensorDepthM: 45 }) }).reasons, ["impossible-level"]);
  assert.deepEqual(verdict("pressure", 450, { limits: at({ levelKind: "pressure", sensorDepthM: 45, barometer: "point" }) }).reasons, [], "what depends on the air is judged where the air is known");
  assert.deepEqual(verdict("loop_current", 3.5, { limits: at({ levelKind: "current", currentRangeM: 20 }) }).reasons, ["below-range"], "a broken loop");
  assert.deepEqual(verdict("loop_current", 21.1, { limits: at({ levelKind: "current", currentRangeM: 20 }) }).reasons, ["above-range"]);
});

test("stuck totaliser: four equal counts, and more water than two of the register's steps", () => {
  const factor = { limits: limitsOf("pulses", undefined, { fromUs: -Infinity, settings: { pulseFactorL: 1000 } }) };
  const reasons = (variable: string, value: number, passedM3: number, trial: Partial<Trial> = {}): readonly string[] => verdict(variable, value, { standing: 4, passedM3, ...trial }).reasons;
  const stuck = ["stuck-totaliser"];
  assert.deepEqual([reasons("total", 1001, 2), reasons("total", 1001, 2.1), reasons("total", 1001, 50, { standing: 3 })], [[], stuck, []]);
  assert.deepEqual([reasons("total", 4500, 200), reasons("total", 4500, 201), reasons("total", 4510, 21), reasons("total", 12.3, 0.21), reasons("total", 12.345, 0.06), reasons("total", 12.345, 0.05), reasons("total", 0, 2.1)], [[], stuck, stuck, stuck, stuck, [], stuck]);
  assert.deepEqual([reasons("pulses", 700, 2, factor), reasons("pulses", 700, 2.1, factor), reasons("pulses", 700, 1e6)], [[], stuck, []], "without a factor nobody knows what a pulse is worth");
  assert.deepEqual([reasons("total", 1001, 50, { limits: limitsOf("total", { stuckM3: 60 }) }), reasons("flow", 5, 50), reasons("volume", 5, 50)], [[], [], []]);
  assert.equal(verdict("total", 1001, { standing: 4, passedM3: 3 }).flag, 3);
});

test("beyond the right: above it and its tolerance, whatever its size", () => {
  const limits = limitsOf("flow", undefined, { fromUs: -Infinity, settings: { rightFlowLps: 160, rightTolerance: 0.05 } });
  assert.deepEqual(verdict("flow", 168.1, { limits }), { flag: 3, reasons: ["beyond-right"] });
  assert.equal(verdict("flow", 168, { limits }).flag, 1);
  assert.equal(verdict("flow", 100_000).flag, 1, "without a right there is no limit: trap 11 hid such faults as zeros");
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
  const found = verdict("flow", -5, { beforeUs: 0, periodUs: 60 * S, mapped: maskOf("clock-ahead") });
  assert.deepEqual(found, { flag: 4, reasons: ["below-range", "clock-ahead", "gap-before"] });
});
