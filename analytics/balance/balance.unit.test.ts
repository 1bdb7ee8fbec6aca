import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { createCalendar, DAY_US, HOUR_US, MINUTE_US, type Span } from "../buckets/calendar.ts";
import { noCounts, type Disturbance } from "./counted.ts";
import { balanceOf, type DaySamples, type DayTerms } from "./day-balance.ts";
import { integrateFlow } from "./flow-integral.ts";
import { longestUs, usualIntervalUs } from "./usual-interval.ts";

const START = Date.parse("2026-03-01T03:00:00Z") * 1000;
const DAY: Span = { fromUs: START, toUs: START + DAY_US };
const TERMS: DayTerms = { has: { flow: true, volume: true, total: true }, intervalUs: undefined, tolerance: { percent: 10, m3: 1 }, nowUs: START + 9 * DAY_US };

const samples = (flow: readonly (readonly [number, number])[], volume: readonly (readonly [number, number, Disturbance?])[]): DaySamples => ({
  flow: { timesUs: flow.map(([minute]) => START + minute * MINUTE_US), lps: flow.map(([, value]) => value) }, total: noCounts(),
  volume: { timesUs: volume.map(([minute]) => START + minute * MINUTE_US), m3: volume.map(([, value]) => value), disturbed: volume.map(([, , why]) => why) },
});
const every = (minutes: number, [from, to]: readonly [number, number], value: (minute: number) => number): (readonly [number, number])[] =>
  Array.from({ length: Math.floor((to - from) / minutes) + 1 }, (_, i) => [from + i * minutes, value(from + i * minutes)] as const);

/** The area minute by minute: the value in the middle of each minute, by the two samples around it, where they are near enough. */
function bruteForce(flow: readonly (readonly [number, number])[], [from, to]: readonly [number, number], longestMinutes: number): { litres: number; minutes: number } {
  let [litres, minutes] = [0, 0];
  for (let minute = from; minute < to; minute++) {
    const before = flow.filter(([at]) => at <= minute).at(-1);
    const after = flow.find(([at]) => at > minute);
    if (before === undefined || after === undefined || after[0] - before[0] > longestMinutes) continue;
    const share = (minute + 0.5 - before[0]) / (after[0] - before[0]);
    litres += (before[1] * (1 - share) + after[1] * share) * 60;
    minutes += 1;
  }
  return { litres, minutes };
}

const uniqueTimes = fc.uniqueArray(fc.integer({ min: -2000, max: 3000 }), { minLength: 0, maxLength: 120 }).map((times) => times.sort((a, b) => a - b));
const near = (actual: number, expected: number, what: string): void => assert.ok(Math.abs(actual - expected) <= 1e-9 * Math.max(1, Math.abs(expected)), `${what}: ${actual} is not ${expected}`);

describe("daily balance of flow and totaliser", () => {
  test("the flow's integral is what counting minute by minute gives, for any samples, span and gap rule", () => {
    fc.assert(fc.property(uniqueTimes.chain((times) => fc.tuple(fc.constant(times), fc.array(fc.integer({ min: 0, max: 90_000 }), { minLength: times.length, maxLength: times.length }))),
      fc.integer({ min: -1500, max: 1500 }), fc.integer({ min: 0, max: 1500 }), fc.integer({ min: 1, max: 400 }), ([times, values], from, length, longest) => {
        const flow = times.map((minute, i) => [minute, values[i]! / 1000] as const);
        const expected = bruteForce(flow, [from, from + length], longest);
        const { m3, knownUs } = integrateFlow(samples(flow, []).flow, { fromUs: START + from * MINUTE_US, toUs: START + (from + length) * MINUTE_US }, longest * MINUTE_US);
        near(m3 * 1000, expected.litres, "litres");
        assert.equal(knownUs, expected.minutes * MINUTE_US);
      }), { numRuns: 300 });
  });

  test("days add up: what a totaliser counted is in one day each, exactly, and the flow of the compared stretches is the flow of them all", () => {
    const days = [0, 1, 2, 3].map((day) => ({ fromUs: START + day * DAY_US, toUs: START + (day + 1) * DAY_US }));
    fc.assert(fc.property(fc.integer({ min: 1, max: 59 }), fc.array(fc.integer({ min: 0, max: 9_999 }), { minLength: 24 * 6, maxLength: 24 * 6 }), (offset, growths) => {
      let thousandths = 123_456_789;
      const counts = growths.map((growth, hour) => [(hour - 24) * 60 + offset, (thousandths += growth) / 1000] as const);
      const flow = growths.map((growth, hour) => [(hour - 24) * 60 + offset, growth / 1000] as const);
      const found = days.map((day) => balanceOf(day, samples(flow, counts), TERMS));
      const last = (minute: number): number => counts.filter(([at]) => at < minute).at(-1)![1];
      assert.equal(found.reduce((sum, { totaliserM3 }) => sum + Math.round(totaliserM3! * 1000), 0), Math.round(last(4 * 1440) * 1000) - Math.round(last(0) * 1000));
      for (const [i, { totaliserM3 }] of found.entries()) assert.equal(totaliserM3, (Math.round(last((i + 1) * 1440) * 1000) - Math.round(last(i * 1440) * 1000)) / 1000);
      const whole = integrateFlow(samples(flow, []).flow, { fromUs: found[0]!.compared.fromUs, toUs: found[3]!.compared.toUs }, 3 * HOUR_US).m3;
      assert.ok(Math.abs(found.reduce((sum, { flowM3 }) => sum + flowM3!, 0) - whole) <= 4 * 0.0005 + 1e-9);
      assert.deepEqual(found.slice(1).map(({ compared }) => compared.fromUs), found.slice(0, -1).map(({ compared }) => compared.toUs));
    }), { numRuns: 100 });
  });

  test("5 L/s all day are 432 m3; a count seven minutes past each hour makes no difference of its own", () => {
    const flow = every(60, [-2873, 4320], () => 5);
    const counts = every(60, [-2873, 1440], (minute) => Math.round((minute + 4000) * 60 * 5) / 1000);
    const found = balanceOf(DAY, samples(flow, counts), TERMS);
    assert.deepEqual([found.flowM3, found.totaliserM3, found.differenceM3, found.coverage, found.verdict, found.why], [432, 432, 0, 1, "agrees", null]);
    assert.deepEqual(found.compared, { fromUs: START - 53 * MINUTE_US, toUs: START + (1440 - 53) * MINUTE_US });
  });

  test("beyond tolerance is told; within it, and what an uncovered time may hold, is not", () => {
    const counts = every(10, [-60, 1440], (minute) => Math.round((minute + 60) * 0.3 * 1000) / 1000);
    const verdict = (lps: number, more: Partial<DayTerms> = {}, skipFrom = 1e9): unknown[] => {
      const flow = every(10, [-60, 1500], () => lps).filter(([minute]) => minute < skipFrom || minute > skipFrom + 240);
      const { verdict: said, differenceM3, differencePercent, why } = balanceOf(DAY, samples(flow, counts), { ...TERMS, ...more });
      return [said, differenceM3, differencePercent, why];
    };
    assert.deepEqual(verdict(5), ["agrees", 0, 0, null]);
    assert.deepEqual(verdict(5.5), ["agrees", 43.2, 10, null]);
    assert.deepEqual(verdict(5.51), ["differs", 44.064, 10.2, null]);
    assert.deepEqual(verdict(4.45), ["differs", -47.52, -11, null]);
    assert.deepEqual(verdict(5.51, { tolerance: { percent: 10, m3: 50 } })[0], "agrees", "the greater of both holds");
    assert.deepEqual(verdict(5, {}, 600), ["agrees", -78, -18.06, null], "82 % of the day is known, and the rest may hold its share");
    assert.equal(verdict(4, {}, 600)[0], "differs");
  });

  test("a totaliser that stands still while water flows differs; where nothing flowed and nothing was counted both agree", () => {
    const still = every(10, [-60, 1440], () => 700);
    assert.deepEqual(((found) => [found.verdict, found.differenceM3, found.differencePercent])(balanceOf(DAY, samples(every(10, [-60, 1500], () => 1), still), TERMS)), ["differs", 86.4, null]);
    assert.equal(balanceOf(DAY, samples(every(10, [-60, 1500], () => 0), still), TERMS).verdict, "agrees");
  });

  test("why a day is not comparable", () => {
    const flow = every(10, [-2880, 2880], () => 5);
    const counts = every(10, [-60, 1440], (minute) => minute + 60);
    const why = (given: DaySamples, more: Partial<DayTerms> = {}): string | null => {
      const { verdict, why: said, differenceM3 } = balanceOf(DAY, given, { ...TERMS, ...more });
      assert.deepEqual([verdict, differenceM3], ["not-comparable", null]);
      return said;
    };
    assert.equal(why(samples(flow, counts), { nowUs: DAY.toUs - 1 }), "day-open");
    assert.equal(why(samples([], counts), { has: { ...TERMS.has, flow: "no-flow" } }), "no-flow");
    assert.equal(why(samples(flow, []), { has: { flow: true, volume: "no-totaliser", total: "no-totaliser" } }), "no-totaliser");
    assert.equal(why(samples(flow, []), { has: { flow: true, volume: "no-totaliser", total: "totaliser-unit" } }), "totaliser-unit");
    assert.equal(why(samples(flow, [])), "no-counts");
    assert.equal(why(samples(flow, counts.filter(([minute]) => minute >= 0))), "no-count-before");
    for (const disturbed of ["reset", "meter-swap", "estimated"] as const) assert.equal(why(samples(flow, counts.map(([minute, m3]) => [minute, m3, ...(minute === 600 ? [disturbed] : [])] as [number, number, Disturbance?]))), disturbed);
    assert.equal(why(samples(flow, counts.map(([minute, m3]) => [minute, minute === 700 ? 3 : m3] as const))), "count-decreased");
    assert.equal(why(samples(flow, counts.filter(([minute]) => minute < 1300))), "count-gap", "the counts end hours before the day does");
    assert.equal(why(samples(flow.filter(([minute]) => minute < 300 || minute > 700), counts)), "coverage");
    assert.equal(balanceOf(DAY, samples(flow, counts.map(([minute, m3]) => [minute, m3, ...(minute === -10 ? ["reset" as const] : [])] as [number, number, Disturbance?])), TERMS).why, null, "what happened before the stretch is not of it");
  });

  test("no line is drawn over more than three usual intervals, nor over more than a day", () => {
    const flow = [...every(10, [-60, 600], () => 5), ...every(10, [631, 1500], () => 5)];
    const known = integrateFlow(samples(flow, []).flow, DAY, longestUs(usualIntervalUs(samples(flow, []).flow.timesUs, DAY, HOUR_US)));
    assert.equal(known.knownUs, DAY_US - 31 * MINUTE_US);
    assert.equal(integrateFlow(samples(flow.filter(([minute]) => minute !== 631), []).flow, DAY, 10 * HOUR_US).knownUs, DAY_US);
    assert.equal(longestUs(20 * HOUR_US), DAY_US);
    assert.equal(usualIntervalUs([START], DAY, HOUR_US), HOUR_US);
  });

  test("the dial stands in where a day has no volume", () => {
    const counts = samples([], every(10, [-60, 1440], (minute) => minute + 60)).volume;
    const found = balanceOf(DAY, { flow: samples(every(10, [-60, 1500], () => 1000 / 60), []).flow, volume: noCounts(), total: counts }, TERMS);
    assert.deepEqual([found.totaliser, found.totaliserM3, found.verdict], ["total", 1440, "agrees"]);
  });

  test("days of 23 and 25 hours hold as many hours of water", () => {
    const calendar = createCalendar("1d", "America/Santiago");
    for (const [inside, hours] of [["2026-04-04T12:00:00Z", 25], ["2026-09-06T12:00:00Z", 23], ["2026-06-01T12:00:00Z", 24]] as const) {
      const day = calendar.spanAt(Date.parse(inside) * 1000);
      const at = (minute: number): number => day.fromUs + minute * MINUTE_US;
      const rows = every(15, [-60, 1600], (minute) => minute);
      const counts = { timesUs: rows.map(([minute]) => at(minute)), m3: rows.map(([minute]) => (minute + 60) * 0.12), disturbed: rows.map(() => undefined) };
      const found = balanceOf(day, { flow: { timesUs: rows.map(([minute]) => at(minute)), lps: rows.map(() => 2) }, volume: counts, total: noCounts() }, TERMS_LATER);
      assert.deepEqual([(day.toUs - day.fromUs) / HOUR_US, found.flowM3, found.coverage, found.verdict], [hours, hours * 7.2, 1, "agrees"]);
      assert.ok(Math.abs(found.totaliserM3! - hours * 7.2) < 1e-6);
    }
  });
});

const TERMS_LATER: DayTerms = { ...TERMS, nowUs: Date.parse("2027-01-01") * 1000 };
