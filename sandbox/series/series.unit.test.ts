import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import type { SandboxDevice } from "../fleet/device.ts";
import { createFleet } from "../fleet/fleet.ts";
import { Switches, type QuirkShares } from "../quirks/switches.ts";
import type { Row } from "./row.ts";
import { Series } from "./series.ts";
import { volumeL } from "./volume.ts";
import { WrittenRows } from "./written-rows.ts";

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const NOON = Date.UTC(2026, 2, 1, 12);

function made(quirks: QuirkShares = {}, seed = "unit"): { readonly series: Series; readonly switches: Switches; readonly well: SandboxDevice; readonly fleet: ReturnType<typeof createFleet> } {
  const switches = new Switches(quirks, NOON);
  const fleet = createFleet({ seed, devices: { tdata: 6, wiseconn: 3, "things-stack": 3 }, everyMs: [300_000] });
  const well = fleet[0]?.devices[1] ?? assert.fail("no well");
  return { switches, fleet, well, series: new Series({ seed, switches }, { bornMs: NOON - 60 * DAY, written: new WrittenRows() }) };
}

function rows(series: Series, device: SandboxDevice, quantity: string, [fromMs, toMs]: readonly [number, number]): readonly Row[] {
  const key = device.keys.find((each) => each.quantity === quantity) ?? assert.fail(quantity);
  return [...series.rows(device, key, { fromMs, toMs })];
}

const values = (list: readonly Row[]): readonly number[] => list.map(({ revisions }) => Number(revisions.at(-1)?.value));
const marked = (list: readonly Row[], mark: string): readonly Row[] => list.filter(({ marks }) => (marks as readonly string[]).includes(mark));

describe("a series", () => {
  test("is the same for the same seed, whole or in pieces, forwards or backwards, and another for another seed", () => {
    const [{ series, well }, again, other] = [made(), made(), made({}, "else")];
    const whole = rows(series, well, "flow", [NOON - 3 * DAY, NOON]);
    assert.equal(whole.length, 3 * 288);
    fc.assert(
      fc.property(fc.integer({ min: NOON - 3 * DAY, max: NOON }), (cut) => {
        assert.deepEqual([...rows(again.series, well, "flow", [NOON - 3 * DAY, cut]), ...rows(again.series, well, "flow", [cut, NOON])], whole);
      }),
      { numRuns: 20 },
    );
    const key = well.keys[2] ?? assert.fail("no flow");
    assert.deepEqual([...series.rows(well, key, { fromMs: NOON - 3 * DAY, toMs: NOON }, "descending")].reverse(), whole);
    assert.notDeepEqual(values(rows(other.series, other.well, "flow", [NOON - DAY, NOON])), values(rows(series, well, "flow", [NOON - DAY, NOON])));
  });

  test("a volume never falls, and flows add up to it", () => {
    fc.assert(
      fc.property(fc.integer({ min: Date.UTC(2016, 0), max: Date.UTC(2040, 0) }), fc.integer({ min: 0, max: 40 * DAY }), fc.constantFrom("household", "well", "channel"), (atMs, laterMs, kind) => {
        const of = { seed: "s", device: "d", kind: kind as "well" };
        assert.ok(volumeL(of, atMs + laterMs) >= volumeL(of, atMs));
      }),
      { numRuns: 300 },
    );
    const { series, well } = made();
    const [flow, pulses] = [values(rows(series, well, "flow", [NOON - DAY, NOON])), values(rows(series, well, "pulses", [NOON - DAY, NOON]))];
    const litres = flow.reduce((sum, each) => sum + each * 300, 0);
    const counted = ((pulses.at(-1) ?? 0) - (pulses[0] ?? 0)) * 100;
    assert.ok(Math.abs(litres / counted - 1) < 0.03, `${litres} and ${counted}`);
  });

  test("a counter only grows while nothing is wrong with it", () => {
    const { series, well } = made();
    for (const quantity of ["pulses", "total"]) {
      const list = values(rows(series, well, quantity, [NOON - 30 * DAY, NOON]));
      assert.ok(list.every((value, at) => at === 0 || value >= (list[at - 1] ?? 0)));
    }
  });

  test("WiseConn writes whole seconds, The Things Stack microseconds with all keys of a slot at one instant", () => {
    const { series, fleet } = made();
    const [, , zone, stack] = [0, 0, fleet.find(({ provider }) => provider === "wiseconn")?.devices[1], fleet.find(({ provider }) => provider === "things-stack")?.devices[1]];
    assert.ok(zone !== undefined && stack !== undefined);
    assert.ok(rows(series, zone, "flow", [NOON - DAY, NOON]).every(({ timeMs }) => timeMs % 1000 === 0));
    const [flow, level] = [rows(series, stack, "flow", [NOON - DAY, NOON]), rows(series, stack, "level", [NOON - DAY, NOON])];
    assert.deepEqual(flow.map(({ timeUs }) => timeUs), level.map(({ timeUs }) => timeUs));
    assert.ok(flow.some(({ timeUs }) => timeUs % 1000 !== 0));
  });
});

describe("quirks of rows and devices", () => {
  const day = [NOON - DAY, NOON] as const;

  test("their shares are what is asked for, and each shows as it says", () => {
    const { series, well } = made({ tdata: { "late-rows": 0.2, "late-corrections": 0.3, "nan-text": 0.1, "negative-status": 0.1, "truncated-digits": 0.1 } });
    const list = rows(series, well, "pulses", [NOON - 20 * DAY, NOON]);
    const share = (mark: string): number => marked(list, mark).length / list.length;
    for (const [mark, expected] of [["late-rows", 0.2], ["nan-text", 0.1], ["negative-status", 0.09], ["truncated-digits", 0.081], ["late-corrections", 0.22]] as const) assert.ok(Math.abs(share(mark) - expected) < 0.03, `${mark} ${share(mark)}`);
    for (const row of marked(list, "late-rows")) {
      const lateMs = (row.revisions[0]?.visibleAtMs ?? 0) - row.timeMs;
      assert.ok(lateMs >= 600_000 && lateMs <= 20 * HOUR);
    }
    for (const row of marked(list, "late-corrections")) {
      const [first, second] = row.revisions;
      assert.notEqual(first?.value, second?.value);
      assert.ok((second?.visibleAtMs ?? 0) > (first?.visibleAtMs ?? 0) && (second?.visibleAtMs ?? 0) <= row.timeMs + 47 * HOUR);
    }
    assert.ok(marked(list, "nan-text").every(({ revisions }) => revisions[0]?.value === "NaN"));
    assert.ok(values(marked(list, "negative-status")).every((value) => value <= -1 && value >= -9));
    const right = new Map(rows(made().series, well, "pulses", [NOON - 20 * DAY, NOON]).map((row) => [row.timeMs, Number(row.revisions[0]?.value)]));
    for (const row of marked(list, "truncated-digits")) assert.equal(row.revisions[0]?.value, Math.floor((right.get(row.timeMs) ?? NaN) / 10));
  });

  test("sentinels are of flow and level, gaps are three hours long", () => {
    const { series, well } = made({ all: { sentinels: 0.2, gaps: 0.3 } });
    const level = rows(series, well, "level", [NOON - 20 * DAY, NOON]);
    assert.deepEqual([...new Set(values(marked(level, "sentinels")))].sort(), [-3200, -999]);
    assert.equal(marked(rows(series, well, "pulses", day), "sentinels").length, 0);
    const windows = new Set(level.map(({ timeMs }) => Math.floor(timeMs / (3 * HOUR))));
    assert.ok(windows.size < 140 && windows.size > 80, `${windows.size} of 160 windows have rows`);
  });

  test("a reset begins at 0, wraps are at 2^16 and 2^32, a swap begins elsewhere", () => {
    const drops = (name: "counter-reset" | "wrap-16" | "wrap-32" | "meter-swap"): readonly (readonly [number, number])[] => {
      const { series, well } = made({ tdata: { [name]: 1 } });
      const list = values(rows(series, well, "pulses", [NOON, NOON + 12 * DAY]));
      return list.flatMap((value, at) => (at > 0 && value < (list[at - 1] ?? 0) ? [[list[at - 1] ?? 0, value] as const] : []));
    };
    const reset = drops("counter-reset");
    assert.ok(reset.length >= 3 && reset.every(([, after]) => after < 200), JSON.stringify(reset));
    const wrap16 = drops("wrap-16");
    assert.ok(wrap16.length >= 1 && wrap16.every(([before, after]) => before > 65_000 && before < 65_536 && after < 500), JSON.stringify(wrap16));
    const wrap32 = drops("wrap-32");
    assert.ok(wrap32.length === 1 && wrap32.every(([before, after]) => before > 2 ** 32 - 500 && before < 2 ** 32 && after < 500), JSON.stringify(wrap32));
    const { series, well } = made({ tdata: { "meter-swap": 1 } });
    const swapped = values(rows(series, well, "pulses", [NOON - 12 * DAY, NOON + 12 * DAY]));
    assert.ok(swapped.some((value, at) => at > 0 && value < (swapped[at - 1] ?? 0)));
    assert.ok(Math.max(...swapped) < 400_000);
  });

  test("switching one on changes rows from then on, and none that was there before", () => {
    const { series, switches, well } = made();
    const before = rows(series, well, "pulses", day);
    switches.set("tdata", "counter-reset", { share: 1, nowMs: NOON });
    switches.set("all", "negative-status", { share: 1, nowMs: NOON });
    assert.deepEqual(rows(series, well, "pulses", day), before);
    assert.ok(values(rows(series, well, "pulses", [NOON, NOON + HOUR])).every((value) => value < 0));
    switches.set("all", "negative-status", { share: 0, nowMs: NOON + HOUR });
    const after = values(rows(series, well, "pulses", [NOON + HOUR, NOON + 2 * HOUR]));
    assert.ok(after.every((value) => value >= 0 && value < 1000), "the counter began again when it was switched on");
  });
});
