import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { expectedSlot, type SlotStanding, type SlotState } from "../slots/slot-state.ts";
import { countedVolume, togetherVolume, type Volume } from "./annual-volume.ts";
import { burnDown, type UsedPoint } from "./burn-down.ts";
import type { Total } from "./counter-walk.ts";
import { exceedanceOf } from "./exceedance-report.ts";
import { defectsOf, incidentOf } from "./incident-report.ts";
import { runningYear } from "./operations.ts";
import { annualRightM3, monthRightM3 } from "./right-volume.ts";
import { isTaken, slotClass, slotClasses } from "./slot-class.ts";
import { monthsOfYear, spanOf, yearSpan } from "./span.ts";

const us = (text: string): number => Date.parse(text) * 1000;
const HOUR_US = 3_600_000_000;
const DAY_US = 24 * HOUR_US;
const totals = (...values: readonly number[]): Total[] => values.map((totalM3, at) => ({ atUs: at * HOUR_US, totalM3 }));
const volume = (...values: readonly number[]): Volume => countedVolume(totals(...values)).volume;
const not = (why: string, stretchesM3: number | null = null): object => ({ kind: "not-computable", why, stretchesM3 });

test("vector Q13: first 1000 and last 51000 of a right of 60000 are 50000 m3, 83.3 %", () => {
  assert.deepEqual(volume(1000, 20_000, 51_000), { kind: "computed", volumeM3: 50_000 });
  assert.equal(Math.round((50_000 / 60_000) * 1000) / 10, 83.3);
});

test("vector Q14: first 900000 and last 12000 is a reset, never 0 nor negative; where it is certain the stretches are told", () => {
  assert.deepEqual(volume(900_000, 12_000), not("reset"));
  assert.deepEqual(volume(900_000, 900_100, 11_000, 11_100, 11_200, 11_300, 11_400, 11_500, 11_600, 11_700, 11_800, 12_000), not("reset", 1100));
});

test("vector Q5: a zero between 540500 and 540512 is a glitch; 12 m3 passed", () => {
  const counted = countedVolume(totals(540_500, 0, 540_512));
  assert.deepEqual([counted.volume, counted.glitches], [{ kind: "computed", volumeM3: 12 }, 1]);
});

test("vector Q6: ten readings that rise from 0 are a reset, and what passed goes on from 0", () => {
  assert.deepEqual(volume(540_500, 0, 3, 7, 12, 16, 21, 25, 30, 34, 38, 41), not("reset", 41));
  assert.deepEqual(volume(540_500, 0, 3, 7, 12), not("reset"), "four readings say nothing yet");
});

test("why a volume cannot be told is said: no reading, a single one, no advance, no totaliser, another meter", () => {
  assert.deepEqual([volume(), volume(5), volume(7, 7, 7)], [not("no-reading"), not("single-reading"), not("no-advance")]);
  assert.deepEqual(togetherVolume([], false), not("no-total"));
  const [ten, five]: [Volume, Volume] = [{ kind: "computed", volumeM3: 10.1 }, { kind: "computed", volumeM3: 5.2 }];
  assert.deepEqual(togetherVolume([ten, five], false), { kind: "computed", volumeM3: 15.3 });
  assert.deepEqual(togetherVolume([ten, five], true), not("meter-change", 15.3));
  assert.deepEqual(togetherVolume([ten, volume(3, 3)], false), ten, "one of two meters may stand still");
  assert.deepEqual(togetherVolume([ten, volume(3)], false), not("single-reading"));
  assert.deepEqual(togetherVolume([volume(3, 3), volume(4, 4)], false), not("no-advance"));
});

test("totals that only rise give last minus first, exactly, whatever glitches below the first stand between", () => {
  const rising = fc.array(fc.nat(10_000), { minLength: 2, maxLength: 60 }).map((steps) => steps.reduce<number[]>((all, step) => [...all, (all.at(-1) ?? 1_000_000) + step], [])).filter((all) => all.at(-1)! > all[0]!);
  fc.assert(fc.property(rising, fc.nat(), (all, place) => {
    const tenths = all.map((each) => each / 10);
    assert.deepEqual(volume(...tenths), { kind: "computed", volumeM3: (all.at(-1)! - all[0]!) / 10 });
    const at = 1 + (place % (tenths.length - 1));
    assert.deepEqual(volume(...tenths.toSpliced(at, 0, 5)), volume(...tenths));
  }));
});

test("vector Q15: 10 L/s granted in January are 26784 m3", () => {
  assert.equal(monthRightM3({ flowLps: 10, tolerance: 0.2 }, "2026-01"), 26_784);
});

test("a month's own grant stands before the year's flow, and the annual grant before both", () => {
  const months = monthsOfYear(2026, 1);
  const monthly = months.map((_, at) => (at === 0 ? { flowLps: 20 } : at === 1 ? { volumeM3: 100 } : null));
  assert.equal(monthRightM3({ flowLps: 10, monthly, tolerance: 0 }, "2026-01"), 53_568);
  assert.equal(monthRightM3({ flowLps: 10, monthly, tolerance: 0 }, "2026-02"), 100);
  assert.equal(annualRightM3({ flowLps: 10, tolerance: 0 }, months), 315_360);
  assert.equal(annualRightM3({ flowLps: 10, annualM3: 5, monthly, tolerance: 0 }, months), 5);
  assert.equal(annualRightM3({ monthly, tolerance: 0 }, months), undefined, "ten months have no grant");
});

test("years begin on the regulator's clock, with the month that is asked for", () => {
  assert.deepEqual(yearSpan(2026, 1), { fromUs: us("2026-01-01T04:00:00Z"), toUs: us("2027-01-01T04:00:00Z") });
  assert.deepEqual(yearSpan(2026, 5), { fromUs: us("2026-05-01T04:00:00Z"), toUs: us("2027-05-01T04:00:00Z") });
  assert.deepEqual([monthsOfYear(2026, 5)[0], monthsOfYear(2026, 5)[11]], ["2026-05", "2027-04"]);
  assert.deepEqual([runningYear(us("2026-04-30T12:00:00Z"), 5), runningYear(us("2026-05-01T12:00:00Z"), 5), runningYear(us("2027-01-01T03:59:00Z"), 1)], [2025, 2026, 2026]);
  assert.deepEqual(spanOf({ from: "2026-06-01", to: "2026-06-02T00:00:00Z" }), { fromUs: us("2026-06-01T04:00:00Z"), toUs: us("2026-06-02T00:00:00Z") });
  assert.throws(() => spanOf({ from: "2026-06-02", to: "2026-06-01" }), { code: "invalid-parameter" });
  assert.throws(() => spanOf({ from: "junio", to: "2026-06-01" }), { code: "invalid-parameter" });
});

const slotUs = us("2026-06-11T14:00:00Z");
const row = (standing: SlotStanding, state: Partial<SlotState> = {}): Parameters<typeof slotClass>[0] => ({ standing, slotUs, state: { ...expectedSlot(slotUs), standing, ...state } });

test("vector T1: measured at 10:00 and accepted at 10:59 is on time, at 11:01 late; after the permitted delay it is neither", () => {
  const at = (afterUs: number): string => slotClass(row("verified", { attempts: 1, acceptedUs: slotUs + afterUs }), { permittedDelayDays: 7 }, slotUs + 30 * DAY_US);
  assert.deepEqual([at(59 * 60_000_000), at(HOUR_US), at(61 * 60_000_000), at(7 * DAY_US), at(7 * DAY_US + 1)], ["on-time", "on-time", "late", "late", "after-delay"]);
});

test("each slot counts as exactly one thing; what another system sent is imported, and a hole is missing once its hour is over", () => {
  const is = (standing: SlotStanding, afterUs: number, state: Partial<SlotState> = {}): string => slotClass(row(standing, state), { permittedDelayDays: 7 }, slotUs + afterUs);
  assert.equal(is("accepted", DAY_US, { attempts: 0, acceptedUs: slotUs + DAY_US }), "imported");
  assert.deepEqual([is("expected", -1), is("expected", HOUR_US), is("expected", HOUR_US + 1), is("ready", 1), is("sending", 1)], ["not-due", "waiting", "missing", "waiting", "waiting"]);
  assert.deepEqual([is("held", 1), is("refused", 1), is("refused-for-good", 1), is("unknown", 1), is("annulled", 1), is("written-off", 1)], ["review", "refused", "refused", "unknown", "annulled", "written-off"]);
  assert.deepEqual(slotClasses.filter(isTaken), ["on-time", "late", "after-delay", "imported"]);
});

test("a flow is above the right, or near it from 90 % on; the month's right holds, and the tolerance only says who looks", () => {
  const right = { flowLps: 10, tolerance: 0.2 };
  assert.equal(exceedanceOf(8.99, right, "2026-06"), undefined);
  assert.deepEqual(exceedanceOf(9, right, "2026-06"), { kind: "near", rightLps: 10, percent: 90, beyondTolerance: false });
  assert.equal(exceedanceOf(10, right, "2026-06")?.kind, "near");
  assert.deepEqual([exceedanceOf(10.01, right, "2026-06")?.kind, exceedanceOf(12, right, "2026-06")?.beyondTolerance, exceedanceOf(12.01, right, "2026-06")?.beyondTolerance], ["over", false, true]);
  assert.equal(exceedanceOf(10, { ...right, monthly: [null, null, null, null, null, { flowLps: 5 }] }, "2026-06")?.kind, "over");
  assert.equal(exceedanceOf(1000, { tolerance: 0.2 }, "2026-06"), undefined);
  assert.deepEqual([exceedanceOf(1, { flowLps: 0, tolerance: 0 }, "2026-06")?.kind, exceedanceOf(0, { flowLps: 0, tolerance: 0 }, "2026-06")], ["over", undefined], "no water may be taken in that month");
});

const year = yearSpan(2026, 1);
const line = (days: number, perDay: number): UsedPoint[] => Array.from({ length: days + 1 }, (_, day) => ({ atUs: year.fromUs + day * DAY_US, usedM3: day * perDay }));

test("the end of a right is where the straight line of its last 30 days meets it", () => {
  const down = burnDown(line(100, 100), { rightM3: 12_000, year });
  assert.deepEqual([down.usedM3, down.remainingM3, down.perDayM3, down.days, down.verdict, down.exhaustedAtUs], [10_000, 2000, 100, 30, "before-year-end", year.fromUs + 120 * DAY_US]);
  const slower = [...line(100, 100), ...Array.from({ length: 40 }, (_, at) => ({ atUs: year.fromUs + (101 + at) * DAY_US, usedM3: 10_000 + (at + 1) * 10 }))];
  assert.equal(burnDown(slower, { rightM3: 12_000, year }).perDayM3, 10, "what was before the last 30 days counts nothing");
  assert.equal(burnDown(line(100, 100), { rightM3: 60_000, year }).verdict, "not-this-year");
  assert.deepEqual([burnDown(line(100, 100), { rightM3: 9_950, year }).verdict, burnDown(line(100, 100), { rightM3: 9_950, year }).exhaustedAtUs], ["exhausted", year.fromUs + 100 * DAY_US]);
  assert.equal(burnDown(line(100, 0), { rightM3: 10, year }).verdict, "no-use");
  assert.equal(burnDown(line(0, 0), { rightM3: 10, year }).verdict, "too-little-data");
  assert.equal(burnDown([], { rightM3: 10, year }).verdict, "too-little-data");
  assert.deepEqual([burnDown(line(9, 1), { rightM3: undefined, year }).verdict, burnDown(line(9, 1), { rightM3: undefined, year }).percent], ["no-right", null]);
  assert.equal(burnDown(line(9, 2), { rightM3: 1000, year }).days, 9);
});

test("incidents name who and why; what went as it should is none", () => {
  const told = (body: Parameters<typeof incidentOf>[0]["body"]): unknown => {
    const incident = incidentOf({ atUs: 5, by: "ana", body });
    return incident === undefined ? undefined : [incident.incident, incident.by, incident.detail, incident.slotUs];
  };
  assert.deepEqual(told({ kind: "stopped", reason: "informant" }), ["stopped", "ana", "informant", null]);
  assert.deepEqual(told({ kind: "written-off", slotUs, reason: "no data for 30 days" }), ["written-off", "ana", "no data for 30 days", slotUs]);
  assert.deepEqual(told({ kind: "reviewed", slotUs, decision: "annul", reason: "probe out" }), ["annulled", "ana", "probe out", slotUs]);
  const edit = { proposal: "1", author: "luis", proposedAtUs: 1, code: "instrument-fault", reason: "stuck", approval: "yes", values: { flow: "3" }, measured: { flow: "9" } };
  const frozen = { kind: "frozen", slotUs, version: 1, path: "/", headers: {}, payload: "", sha256: "", taken: [] } as const;
  assert.deepEqual(told({ ...frozen, edit }), ["edited", "luis, ana", "flow 9 → 3: stuck (instrument-fault)", slotUs]);
  assert.deepEqual(told({ kind: "outcome", slotUs, attempt: 1, outcome: "refused", voucher: null, by: "answer", httpStatus: 400, code: "99", message: "no", answer: null, tookMs: 1 }), ["refused", "ana", "99 no", slotUs]);
  assert.deepEqual(told({ kind: "verification", slotUs, voucher: "v", result: "mismatch", fields: [{ field: "caudal", sent: "15.30", held: "15.4" }] }), ["mismatch", "ana", "caudal: 15.30 / 15.4", slotUs]);
  assert.deepEqual(told({ kind: "late-revision", slotUs, taken: { variable: "flow", point: "p7", value: "3.1", instantUs: 1, knownAtUs: 1, flag: 1, reasons: [] } }), ["late-revision", "ana", "p7 flow 3.1", slotUs]);
  const fine = [frozen, { kind: "attempt", slotUs, attempt: 1, day: "2026-06-11", sha256: "" }, { kind: "verification", slotUs, voucher: "v", result: "verified", fields: [] }, { kind: "imported", slotUs, voucher: null, source: "x" }, { kind: "held", slotUs, reasons: [], taken: [] }, { kind: "reviewed", slotUs, decision: "confirm", reason: "seen" }] as const;
  assert.deepEqual(fine.map(told), fine.map(() => undefined));
});

test("a known defect is told from its beginning to its end, by the versions of the work", () => {
  const version = (at: number, knownDefect?: { sinceUs: number; reason: string }): Parameters<typeof defectsOf>[0][number] => ({ changedAtUs: at, changedBy: `p${at}`, reason: `r${at}`, knownDefect }) as Parameters<typeof defectsOf>[0][number];
  const defects = defectsOf([version(1), version(2, { sinceUs: 1.5, reason: "pump" }), version(3, { sinceUs: 1.5, reason: "pump" }), version(4)]);
  assert.deepEqual(defects.map(({ atUs, incident, by, detail }) => [atUs, incident, by, detail]), [[1.5, "known-defect", "p2", "pump"], [4, "defect-ended", "p4", "r4"]]);
});
