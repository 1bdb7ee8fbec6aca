import assert from "node:assert/strict";
import { test } from "node:test";
import { flags } from "@caudal/core";
import { slotReasonTexts } from "@caudal/runtime";
import fc from "fast-check";
import type { Obra, WaterRight } from "../obras/obra.ts";
import { factWindows, HOUR_US, SLOT_US, testObra, type GivenFact } from "../selection/test-facts.ts";
import { selectFrom } from "../selection/selection.ts";
import { inUnitOf } from "../selection/values.ts";
import { judge, type Judgement } from "./judgement.ts";
import { requiredQuantities } from "./required.ts";
import { beyondRight, rightLps } from "./water-right.ts";

interface Hour {
  readonly flow?: GivenFact;
  readonly total?: GivenFact;
  readonly depth?: GivenFact;
}

/** Judges the last of some hours, each with its own values. */
function judged(hours: readonly Hour[], over: Partial<Obra> = {}): Judgement {
  const obra = { ...testObra(), ...over };
  const at = (index: number): number => SLOT_US - (hours.length - 1 - index) * HOUR_US;
  const column = (name: keyof Hour): [number, GivenFact][] => hours.flatMap((hour, index) => (hour[name] === undefined ? [] : [[at(index), hour[name]] as [number, GivenFact]]));
  const facts = factWindows({ "p7/flow": column("flow"), "p7/total": column("total"), "p7/depth": column("depth") });
  const selections = hours.map((_, index) => selectFrom(facts, obra, at(index)));
  return judge(obra, selections.at(-1) ?? assert.fail(), selections.slice(0, -1));
}

const good: Hour = { flow: 3, total: 500, depth: 9.85 };
const holds = (hours: readonly Hour[], over: Partial<Obra> = {}): readonly string[] => judged(hours, over).holds;

test("vector Q1: with a right of 10 L/s and a tolerance of 20 %, 12.00 is good, 12.01 is beyond it, -15 is negative and beyond it", () => {
  const right: WaterRight = { flowLps: 10, tolerance: 0.2 };
  assert.deepEqual(holds([{ ...good, flow: 12 }], { right }), []);
  assert.deepEqual(holds([{ ...good, flow: 12.01 }], { right }), ["beyond-right"]);
  assert.deepEqual(holds([{ ...good, flow: -15 }], { right }), ["negative", "beyond-right"]);
});

test("vector Q2: without a right 1000 L/s are good and 1001 absurd", () => {
  const right: WaterRight = { tolerance: 0.2 };
  assert.deepEqual(holds([{ ...good, flow: 1000 }], { right }), []);
  assert.deepEqual(holds([{ ...good, flow: 1001 }], { right }), ["absurd-flow"]);
});

test("a month's row of the right stands before the year's, on the regulator's clock", () => {
  const monthly = Array.from({ length: 12 }, (_, month) => (month === 5 ? { flowLps: 4 } : month === 6 ? { volumeM3: 10 } : null));
  const right: WaterRight = { flowLps: 10, monthly, tolerance: 0.2 };
  assert.equal(rightLps(right, Date.UTC(2026, 5, 11) * 1000), 4);
  assert.equal(rightLps(right, Date.UTC(2026, 6, 11) * 1000), 10, "a row without a flow of its own");
  assert.equal(rightLps(right, Date.UTC(2026, 6, 1, 3) * 1000), 4, "03:00 UTC of 1 July is still June there");
  assert.equal(rightLps(right, Date.UTC(2026, 6, 1, 4) * 1000), 10);
  assert.equal(beyondRight(right, 4.8, SLOT_US), undefined);
  assert.equal(beyondRight(right, 4.81, SLOT_US), "beyond-right");
});

test("property: what is within the right is never held for it, what is beyond always is", () => {
  const number = fc.integer({ min: 1, max: 1_000_000 }).map((cents) => cents / 100);
  fc.assert(fc.property(number, fc.integer({ min: 0, max: 100 }), fc.integer({ min: -20_000, max: 20_000 }), (flowLps, percent, cents) => {
    const limitCents = (Math.round(flowLps * 100) * (100 + percent)) / 100;
    assert.equal(beyondRight({ flowLps, tolerance: percent / 100 }, cents / 100, SLOT_US) !== undefined, Math.abs(cents) > limitCents);
  }));
});

test("vector Q3: a total of 500 in four slots is stuck while 3 L/s flow, and good while nothing does", () => {
  assert.deepEqual(holds([good, good, good, good]), ["stuck-totaliser"]);
  const still = { ...good, flow: 0 };
  assert.deepEqual(holds([still, still, still, still]), []);
  assert.deepEqual(holds([good, still, good, good]), [], "at rest in between");
  assert.deepEqual(holds([good, good, good, { ...good, total: 500.001 }]), []);
});

test("vector Q4: a total of 500 in three slots gives no verdict, nor does one that is missing among four", () => {
  assert.deepEqual(holds([good, good, good]), []);
  assert.deepEqual(holds([good, { flow: 3, depth: 9.85 }, good, good]), []);
  assert.deepEqual(holds([good, { total: 500, depth: 9.85 }, good, good]), []);
});

test("of several meters each is stuck by the flow of its own point", () => {
  const feeds = ["a", "b"].flatMap((point) => [{ quantity: "flow", point, variable: "flow" }, { quantity: "total", point, variable: "total" }] as const);
  const obra = { ...testObra(), water: "surface-flowmeter", feeds } as Obra;
  const times = [3, 2, 1, 0].map((back) => SLOT_US - back * HOUR_US);
  const verdict = (flowA: number): readonly string[] => {
    const facts = factWindows({
      "a/flow": times.map((at) => [at, flowA]), "a/total": times.map((at) => [at, 500]), "b/flow": times.map((at) => [at, 5]), "b/total": times.map((at, index) => [at, 100 + index]),
    });
    const selections = times.map((at) => selectFrom(facts, obra, at));
    return judge(obra, selections.at(-1) ?? assert.fail(), selections.slice(0, -1)).holds;
  };
  assert.deepEqual(verdict(3), ["stuck-totaliser"]);
  assert.deepEqual(verdict(0), []);
});

test("a total of zero is held, and so is one of several meters", () => {
  assert.deepEqual(holds([{ ...good, total: 0 }]), ["zero-total"]);
  assert.deepEqual(holds([{ ...good, total: 0.4 }]), [], "what is sent as 0 was measured as 0.4");
});

test("vector Q5: of 540500, 0, 540512 the middle one is held and the others are not", () => {
  assert.deepEqual([holds([{ ...good, total: 540_500 }]), holds([{ ...good, total: 540_500 }, { ...good, total: 0 }]), holds([{ ...good, total: 540_500 }, { ...good, total: 0 }, { ...good, total: 540_512 }])], [[], ["zero-total"], []]);
});

test("vector Q8: a status code is no value: the total is missing, and nothing stands in its place", () => {
  const { lacks, holds: held } = judged([{ ...good, total: 202_993 }, { ...good, total: { value: null, flag: flags.bad, reasons: ["sentinel"] } }]);
  assert.deepEqual([lacks, held], [["total-required", "invalid-value"], []]);
  assert.deepEqual(holds([{ ...good, total: { value: -2, flag: flags.bad, reasons: ["below-range"] } }]), ["negative", "flag-bad"]);
});

test("vector Q10: a depth of 33.20 is good; a column of 50 m over a sensor at 45.5 m gives none, and blocks", () => {
  assert.deepEqual(judged([{ ...good, depth: 33.2 }]), { lacks: [], holds: [], tells: [] });
  assert.deepEqual(judged([{ ...good, depth: { value: null, flag: flags.bad, reasons: ["impossible-level"] } }]).lacks, ["level-required", "invalid-value"]);
});

test("vector Q11: a jump is held by its flag, what follows is not", () => {
  const jump: Hour = { ...good, total: { value: 1100, flag: flags.suspect, reasons: ["jump"] } };
  assert.deepEqual(holds([good, jump]), ["flag-suspect"]);
  assert.deepEqual(holds([good, jump, { ...good, total: 1111 }]), []);
});

test("vector Q12: 36 m3/h are 10.00 L/s", () => {
  assert.equal(inUnitOf("flow", "m3/h", 36), 10);
  assert.equal(inUnitOf("total", "L", 1500), 1.5);
  assert.equal(inUnitOf("stage", "cm", 5), 0.05);
  assert.equal(inUnitOf("flow", "m3", 36), undefined, "a volume is no flow");
  assert.equal(inUnitOf("flow", "furlongs", 36), undefined);
});

test("vector P9: a level may be missing of very small flows and of miner's water, and of nobody else", () => {
  const without: Hour = { flow: 3, total: 500 };
  assert.deepEqual(judged([without]).lacks, ["level-required"]);
  assert.deepEqual(judged([without], { standard: "caudales-muy-pequenos" }).lacks, []);
  assert.deepEqual(judged([without], { levelMayBeMissing: true }).lacks, []);
  assert.deepEqual(requiredQuantities({ ...testObra(), water: "surface-channel" }), ["flow", "stage"]);
  assert.deepEqual(requiredQuantities({ ...testObra(), water: "surface-channel", levelMayBeMissing: true }), ["flow"]);
  assert.deepEqual(requiredQuantities({ ...testObra(), regulator: "sma" }), ["flow", "total"]);
});

test("a known defect is told of and holds neither a stuck nor a zero total; what else is wrong does", () => {
  const knownDefect = { sinceUs: SLOT_US, reason: "rotor broken" };
  assert.deepEqual(judged([good, good, good, good], { knownDefect }), { lacks: [], holds: [], tells: ["stuck-totaliser", "known-defect"] });
  assert.deepEqual(judged([{ ...good, total: { value: 0, flag: flags.suspect, reasons: ["zero-kept"] } }], { knownDefect }), { lacks: [], holds: [], tells: ["zero-total", "flag-suspect", "known-defect"] });
  assert.deepEqual(holds([{ ...good, total: { value: 9, flag: flags.suspect, reasons: ["jump"] } }], { knownDefect }), ["flag-suspect"]);
  assert.deepEqual(holds([{ ...good, flow: -1 }], { knownDefect }), ["negative"]);
  assert.deepEqual(holds([{ ...good, total: 0 }], { knownDefect: { ...knownDefect, sinceUs: SLOT_US + 1 } }), ["zero-total"], "not yet broken");
});

test("suspect and bad flags hold, good and not evaluated ones do not", () => {
  const flagged = (flag: number): readonly string[] => holds([{ ...good, depth: { value: 9, flag, reasons: [] } }]);
  assert.deepEqual([1, 2, 3, 4].map(flagged), [[], [], ["flag-suspect"], ["flag-bad"]]);
});

test("every reason has its texts", () => {
  for (const { en, es } of Object.values(slotReasonTexts)) assert.ok(en.length > 3 && es.length > 3);
});
