import assert from "node:assert/strict";
import { test } from "node:test";
import { createFleet } from "../fleet/fleet.ts";
import type { FleetMessage } from "../fleet/message.ts";
import type { TruthEvent } from "../truth/truth-event.ts";
import { troubles } from "./troubles.ts";

const START_US = Date.UTC(2026, 2, 1) * 1000;
const STEP_US = 900_000_000;
const DAY_US = 86_400_000_000;

interface Played {
  readonly messages: readonly FleetMessage[];
  readonly truth: readonly TruthEvent[];
}

function played(seed: string, steps = 60, names?: readonly string[]): Played {
  const truth: TruthEvent[] = [];
  const options = { seed, devices: 48, startUs: START_US, endUs: START_US + steps * STEP_US, ...(names === undefined ? {} : { troubles: names }) };
  return { messages: [...createFleet(options).messages((event) => truth.push(event))], truth };
}

/** Truth of one sort. */
function told<W extends TruthEvent["what"]>({ truth }: Played, what: W): readonly Extract<TruthEvent, { what: W }>[] {
  return truth.filter((event): event is Extract<TruthEvent, { what: W }> => event.what === what);
}

/** What the meter of a device said, in the order of measuring, in litres; corrections and repetitions left out. */
function registers({ messages }: Played, device: string): readonly { readonly timeUs: number; readonly litres: number }[] {
  return messages.filter((message) => message.device === device && message.repeats === undefined && message.corrects === undefined).flatMap(({ samples }) =>
    samples.filter(({ key }) => key === "pulses" || key === "total_m3").map(({ key, timeUs, value }) => ({ timeUs, litres: key === "pulses" ? value : Math.round(value * 1000) })),
  ).sort((a, b) => a.timeUs - b.timeUs);
}

const shown: Readonly<Record<string, string>> = { "wrap-16": "wrap", "wrap-32": "wrap", outage: "backfill" };

test("every trouble shows in the messages of a fleet of 48 devices within 60 steps, whatever the seed", () => {
  for (let seed = 1; seed <= 25; seed++) {
    const run = played(String(seed));
    const seen = new Set(run.messages.flatMap(({ kinds }) => kinds));
    for (const { name } of troubles) assert.ok(name === "leak" ? told(run, "leak").length > 0 : seen.has(shown[name] ?? name), `${name} with seed ${seed}`);
    assert.ok(told(run, "wrap").some(({ before }) => before < 2 ** 16) && told(run, "wrap").some(({ before }) => before > 2 ** 31), `both wraps with seed ${seed}`);
  }
});

test("what the meters say adds up to the use of the days, through wraps, resets and swaps", () => {
  for (const seed of ["a", "b", "c", "d", "e"]) addsUp(played(seed, 300, ["wrap-16", "wrap-32", "reset", "swap", "leak", "outage", "late", "duplicate"]));
});

type MeterEvent = Extract<TruthEvent, { what: "reset" | "swap" | "wrap" }>;

function addsUp(run: Played): void {
  const breaks: readonly MeterEvent[] = [...told(run, "wrap"), ...told(run, "reset"), ...told(run, "swap")];
  assert.deepEqual(new Set(breaks.map(({ what }) => what)), new Set(["wrap", "reset", "swap"]));
  const uses = Map.groupBy(told(run, "daily-use"), ({ device }) => device);
  assert.equal(uses.size, 36, "every device with a meter");
  for (const [device, days] of uses) {
    const said = registers(run, device);
    const byDay = new Map<number, number>();
    said.forEach(({ timeUs, litres }, at) => {
      const before = said[at - 1];
      const here = breaks.filter((one) => one.device === device && one.toUs === timeUs);
      // A meter that was reset or changed counts from where it began; one that wrapped has gone past its last number.
      const from = here.find(({ what }) => what !== "wrap")?.after ?? before?.litres ?? litres;
      const wrapped = here.some(({ what }) => what === "wrap") ? (from >= 2 ** 16 || litres >= 2 ** 16 ? 2 ** 32 : 2 ** 16) : 0;
      const day = Math.floor(timeUs / DAY_US) * DAY_US;
      byDay.set(day, (byDay.get(day) ?? 0) + litres - from + wrapped);
    });
    assert.deepEqual(days.map(({ fromUs, litres }) => [fromUs, litres]), [...byDay], device);
    assert.equal(days.reduce((sum, { samples }) => sum + samples, 0), said.length, device);
  }
}

test("a counter of 16 and one of 32 bits wrap at their last number, and nowhere else", () => {
  for (const [name, bits] of [["wrap-16", 16], ["wrap-32", 32]] as const) {
    const run = played("wrap", 96, [name]);
    const wraps = told(run, "wrap");
    assert.ok(wraps.length > 0);
    for (const { device, toUs, before, after } of wraps) {
      assert.ok(before < 2 ** bits && before > 2 ** bits - 5000, `${before}`);
      assert.ok(after < before);
      const said = registers(run, device);
      const at = said.findIndex(({ timeUs }) => timeUs === toUs);
      assert.deepEqual([said[at - 1]?.litres, said[at]?.litres], [before, after]);
      assert.ok(run.messages.some((message) => message.device === device && message.samples[0]?.timeUs === toUs && message.kinds.includes("wrap")));
    }
    const falls = run.messages.filter(({ kinds }) => kinds.includes("wrap"));
    assert.equal(falls.length, wraps.length);
  }
});

test("a stuck sensor says one value for its whole time, and the truth which", () => {
  const run = played("stuck", 96, ["stuck"]);
  for (const { device, key, fromUs, toUs, value, samples } of told(run, "stuck")) {
    const said = run.messages.filter((message) => message.device === device).flatMap((message) => message.samples).filter((sample) => sample.key === key && sample.timeUs > fromUs && sample.timeUs <= toUs);
    assert.equal(said.length, samples);
    assert.deepEqual([...new Set(said.map((sample) => sample.value))], [value]);
  }
});

test("a clock drifts step by step, never so far that two readings change places", () => {
  const run = played("drift", 96, ["clock-drift"]);
  const drifts = told(run, "drift");
  assert.ok(drifts.some(({ perStepUs }) => perStepUs > 0) && drifts.some(({ perStepUs }) => perStepUs < 0));
  for (const { device, perStepUs, greatestUs } of drifts) {
    const off = run.messages.filter((message) => message.device === device).map(({ atUs, samples }) => (samples[0]?.timeUs ?? 0) - atUs);
    assert.ok(off.includes(perStepUs) && off.includes(greatestUs));
    assert.ok(Math.abs(greatestUs) < STEP_US / 2);
    const times = run.messages.filter((message) => message.device === device).map(({ samples }) => samples[0]?.timeUs ?? 0);
    assert.deepEqual(times, times.toSorted((a, b) => a - b));
  }
});

test("an outage keeps everything back and gives it in order when it is over", () => {
  const run = played("outage", 96, ["outage", "duplicate", "corrected"]);
  for (const { device, fromUs, toUs, held } of told(run, "outage")) {
    const own = run.messages.filter((message) => message.device === device);
    assert.deepEqual(own.filter(({ atUs }) => atUs > fromUs + STEP_US && atUs <= toUs), [], "silence");
    const kept = own.filter(({ kinds, samples }) => kinds.includes("backfill") && (samples[0]?.timeUs ?? 0) > fromUs && (samples[0]?.timeUs ?? 0) <= toUs);
    assert.equal(kept.length, held);
    assert.ok(kept.every(({ atUs }) => atUs === kept[0]?.atUs && atUs > toUs));
    assert.deepEqual(kept.map(({ samples }) => samples[0]?.timeUs), kept.map(({ samples }) => samples[0]?.timeUs).toSorted());
  }
});

test("late, duplicate, corrected and malformed messages are what they are called", () => {
  const { messages } = played("way", 96, ["late", "duplicate", "corrected", "malformed"]);
  const bySeq = new Map(messages.map((message) => [message.seq, message]));
  for (const { kinds: [kind], atUs, samples, repeats, corrects, expect, raw, device } of messages) {
    if (kind === "late") assert.ok(messages.some((other) => other.device === device && other.atUs < atUs && (other.samples[0]?.timeUs ?? 0) > (samples[0]?.timeUs ?? 0)));
    if (kind === "duplicate") assert.deepEqual([samples, expect], [bySeq.get(repeats ?? 0)?.samples, "dropped:duplicate"]);
    if (kind === "corrected") assert.notEqual(bySeq.get(corrects ?? 0)?.samples.find(({ key }) => key === samples[0]?.key)?.value, samples[0]?.value);
    if (kind === "malformed") assert.deepEqual([samples, raw === undefined, expect.startsWith("parked:")], [[], false, true]);
  }
  assert.equal(new Set(messages.filter(({ raw }) => raw !== undefined).map(({ expect }) => expect)).size, 5);
});

test("a leak is what it adds to the use", () => {
  const [dry, leaking] = [played("leak", 96, []), played("leak", 96, ["leak"])];
  const use = (run: Played, device: string): number => told(run, "daily-use").filter((day) => day.device === device).reduce((sum, { litres }) => sum + litres, 0);
  const leaks = Map.groupBy(told(leaking, "leak"), ({ device }) => device);
  assert.ok(leaks.size > 0);
  for (const [device, own] of leaks) {
    const litres = own.reduce((sum, leak) => sum + leak.litres, 0);
    assert.ok(Math.abs(use(leaking, device) - use(dry, device) - litres) <= 1, `${device}: ${use(leaking, device)} - ${use(dry, device)}, ${litres}`);
  }
});

test("pumps run through their cycles and the sea through its tides", () => {
  const run = played("nature", 192, []);
  for (const { device, fromUs, toUs, flowLps, litres } of told(run, "pump-cycle")) {
    const flows = run.messages.filter((message) => message.device === device && message.atUs > fromUs && message.atUs < toUs).map(({ samples }) => samples.find(({ key }) => key === "flow_lps")?.value);
    assert.ok(flows.every((flow) => flow === flowLps), device);
    assert.ok(Math.abs(litres - (flowLps * (toUs - fromUs)) / 1e6) < 1);
  }
  const tides = told(run, "tide");
  assert.ok(tides.length > 24);
  for (const { device, fromUs, toUs, lowM, highM, highAtUs } of tides) {
    const levels = run.messages.filter((message) => message.device === device && message.atUs >= fromUs && message.atUs < toUs).map(({ atUs, samples }) => ({ atUs, m: samples.find(({ key }) => key === "level_m")?.value ?? 0 }));
    assert.ok(levels.every(({ m }) => m >= lowM - 0.01 && m <= highM + 0.01));
    const highest = levels.reduce((best, level) => (level.m > best.m ? level : best), levels[0]!);
    if (fromUs > START_US) assert.ok(Math.abs(highest.atUs - highAtUs) < 3 * STEP_US, device);
  }
});
