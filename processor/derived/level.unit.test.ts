import assert from "node:assert/strict";
import { test } from "node:test";
import type { PointSettings } from "@caudal/core";
import { Bench, configurationEvent, H, sampleEvent } from "../totaliser/test-counter.ts";
import { averageFlowLps, scaledFlowLps } from "./flow.ts";
import { levelsOf, levelTerms } from "./level.ts";

function levels(settings: PointSettings, raw: number, barometerKpa = 0): unknown {
  const terms = levelTerms(settings) ?? assert.fail();
  const { columnM, depthM, impossible } = levelsOf(terms, raw, barometerKpa);
  return impossible ? "impossible" : [columnM, depthM];
}

test("raw 1234 cm is 12.34 m of water; from a sensor at 45 m that is 32.66 m to water", () => {
  assert.deepEqual(levels({ levelKind: "water-column", levelDivisor: 100, sensorDepthM: 45 }, 1234), [12.34, 32.66]);
  assert.deepEqual(levels({ levelKind: "water-column", levelDivisor: 100, levelOffset: 16, sensorDepthM: 45 }, 1234), [12.5, 32.5], "the offset is in raw units");
  assert.deepEqual(levels({ levelKind: "water-column" }, 12.34), [12.34, null], "without the sensor's depth nobody knows the depth to water");
});

test("pressure: kPa over 9.80665, less the air's where the probe is not vented", () => {
  assert.deepEqual(levels({ levelKind: "pressure", sensorDepthM: 45 }, 98.0665), [10, 35]);
  assert.deepEqual(levels({ levelKind: "pressure", sensorDepthM: 45, barometer: "point" }, 198.0665, 100), [10, 35]);
});

test("a loop of 4 to 20 mA is its range", () => {
  assert.deepEqual(levels({ levelKind: "current", currentRangeM: 20, sensorDepthM: 60 }, 12), [10, 50]);
  assert.deepEqual(levels({ levelKind: "current", currentRangeM: 20, sensorDepthM: 60 }, 4), [0, 60]);
  assert.equal(levelTerms({ levelKind: "current" }), undefined, "without its range a current says nothing");
});

test("what reads the depth gives the column, and distance from the top is a depth", () => {
  assert.deepEqual(levels({ levelKind: "depth-to-water", sensorDepthM: 45 }, 32.66), [12.34, 32.66]);
  assert.deepEqual(levels({ levelKind: "distance-from-top", levelDivisor: 1000, sensorDepthM: 45 }, 32_660), [12.34, 32.66]);
});

test("below the probe or above the surface is impossible", () => {
  assert.equal(levels({ levelKind: "water-column", sensorDepthM: 45 }, 45.1), "impossible");
  assert.equal(levels({ levelKind: "water-column", sensorDepthM: 45 }, -0.1), "impossible");
});

test("levels are facts beside the raw one; what is impossible gives none and says why", () => {
  const bench = new Bench({ levelKind: "water-column", sensorDepthM: 45 }).rows("level", [0, 12.34], [H, 46], [2 * H, null]);
  assert.deepEqual(bench.held.of("depth"), [[0, 32.66, 2, "no-neighbour"], [H, null, 4, "impossible-level"], [2 * H, null, 4, "sentinel"]].map((fact, index) => (index === 0 ? [0, 32.66, 1, "no-neighbour"] : fact)));
  assert.deepEqual(bench.held.values("water_column"), [12.34, null, null]);
  assert.deepEqual(bench.held.of("level")[1], [H, 46, 4, "impossible-level"], "raw is kept");
});

test("trap 11: a value of a thousand and more is never turned into zero", () => {
  const bench = new Bench({ levelKind: "water-column", sensorDepthM: 45, rightFlowLps: 20 }).rows("level", [0, 1000]).rows("flow", [0, 1000]);
  assert.deepEqual(bench.held.of("level"), [[0, 1000, 4, "impossible-level", "no-neighbour"]]);
  assert.deepEqual(bench.held.values("depth"), [null]);
  assert.deepEqual(bench.held.of("flow"), [[0, 1000, 3, "beyond-right"]]);
});

test("trap 10: small flows stay what they are, whatever their unit was", () => {
  assert.equal(scaledFlowLps(0.9, 1, true), 0.25);
  assert.equal(scaledFlowLps(46.8, 1, true), 13);
  assert.equal(scaledFlowLps(468, 10, true), 13);
  const bench = new Bench({ counter: "total" }).rows("flow", [0, 0.02]).rows("total", [0, 10], [H, 10.18]);
  assert.deepEqual(bench.held.of("flow"), [[0, 0.02, 1]]);
  assert.deepEqual(bench.held.of("flow_average"), [[H, 0.05, 1]]);
});

test("average flow: growth over the time it took; none over a gap, no time, or a total that goes back", () => {
  const hour = { fromUs: 0, toUs: H * 1e6 };
  assert.equal(averageFlowLps(18, hour, 7200e6), 5);
  assert.equal(averageFlowLps(500, hour, 7200e6), 138.888888889);
  for (const none of [averageFlowLps(18, hour, 1800e6), averageFlowLps(18, { fromUs: 5, toUs: 5 }, 7200e6), averageFlowLps(-18, hour, 7200e6)]) assert.ok(Number.isNaN(none));
});

test("air pressure of another device: the newest up to the instant and within the window, also when it comes late", () => {
  const bench = new Bench({ levelKind: "pressure", barometer: "point", sensorDepthM: 45 });
  bench.rows("pressure", [H, 198.0665]);
  assert.deepEqual(bench.held.of("depth"), [[H, null, 2, "no-neighbour"]], "nobody knows the air yet");
  bench.tell(sampleEvent("barometric_pressure", [H + 60, 90], { device: "air" }), sampleEvent("barometric_pressure", [0.5 * H, 100], { device: "air" }));
  assert.deepEqual(bench.held.of("depth"), [[H, 35, 1]], "what comes after it is not looked at");
  bench.rows("pressure", [4 * H, 198.0665]);
  assert.deepEqual(bench.held.of("depth")[1], [4 * H, null, 2, "no-neighbour"], "three hours are too long");
});

test("other settings from an instant on read what is remembered again, and take back what they do not give", () => {
  const bench = new Bench({ levelKind: "water-column", sensorDepthM: 45 }).rows("level", [0, 10], [H, 11]);
  bench.tell(configurationEvent([{ fromS: null, values: { levelKind: "water-column", sensorDepthM: 45 } }, { fromS: H, values: { sensorDepthM: 50 } }]));
  assert.deepEqual(bench.held.values("depth"), [35, 39]);
  bench.tell(configurationEvent([]));
  assert.deepEqual([bench.held.values("depth"), bench.held.values("water_column")], [[], []]);
});

test("a depth that a source gives is the source's", () => {
  const bench = new Bench({ levelKind: "water-column", sensorDepthM: 45 }).rows("depth", [0, 30]).rows("level", [0, 10]);
  assert.deepEqual([bench.held.values("depth"), bench.held.values("water_column")], [[30], [10]]);
});
