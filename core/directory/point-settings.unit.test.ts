import assert from "node:assert/strict";
import { test } from "node:test";
import { regulatorText, regulatorValue, variables } from "../variables/variable.ts";
import { changedPoint } from "./change-point.ts";
import { configurationBody, splitConfiguration } from "./configuration-body.ts";
import { changedPeriods, importedSettings, pointSettingRows, settingsAt, settledPeriods } from "./point-settings.ts";
import type { PointPeriod, PointRecord } from "./records.ts";

const ana = { by: "Ana", atUs: 7 };

test("a setting holds from its instant on, and what held before stays", () => {
  let periods: readonly PointPeriod[] = changedPeriods([], [{ values: { pulseFactorL: 100, sensorDepthM: 45 } }], ana);
  periods = changedPeriods(periods, [{ validFromUs: 1000, values: { pulseFactorL: 10 } }], { by: "Eva", atUs: 9 });
  assert.deepEqual(settingsAt(periods, 999), { pulseFactorL: 100, sensorDepthM: 45 });
  assert.deepEqual(settingsAt(periods, 1000), { pulseFactorL: 10, sensorDepthM: 45 });
  assert.deepEqual(periods.map(({ validFromUs, changedBy, changedAtUs }) => [validFromUs, changedBy, changedAtUs]), [[null, "Ana", 7], [1000, "Eva", 9]]);
  assert.deepEqual(settledPeriods(periods).map(({ fromUs }) => fromUs), [-Infinity, 1000]);
  periods = changedPeriods(periods, [{ validFromUs: 2000, values: { sensorDepthM: null } }], ana);
  assert.deepEqual(settingsAt(periods, 2000), { pulseFactorL: 10 }, "null unsets it from then on");
});

test("given from the first reading it replaces its whole past", () => {
  let periods = changedPeriods([], [{ validFromUs: 1000, values: { pulseFactorL: 10, wellDepthM: 80 } }, { validFromUs: 2000, values: { pulseFactorL: 1 } }], ana);
  periods = changedPeriods(periods, [{ validFromUs: null, values: { pulseFactorL: 100 } }], ana);
  assert.deepEqual(periods.map(({ validFromUs, values }) => [validFromUs, values]), [[null, { pulseFactorL: 100 }], [1000, { wellDepthM: 80 }]]);
});

test("what no point can have is refused by name", () => {
  const refused = (values: object, validFromUs: number | null = null): unknown => {
    try {
      changedPeriods([], [{ validFromUs, values }], ana);
    } catch (error) {
      return (error as { why: unknown }).why;
    }
    return undefined;
  };
  assert.equal(refused({ d6: 1 }), "setting-unknown");
  for (const values of [{ pulseFactorL: 0 }, { pulseFactorL: "100" }, { counterModulus: 0 }, { sensorDepthM: -1 }, { sensorDepthM: NaN }, { rightTolerance: 2 }, { levelKind: "radar" }, { dialStartM3: -1 }]) {
    assert.equal(refused(values), "setting-value", JSON.stringify(values));
  }
  assert.equal(refused({ pulseFactorL: 1 }, 0.5), "setting-time");
  assert.equal(refused({ dialStartM3: 0, rightTolerance: 0, counterModulus: 65_536, levelOffset: -3 }), undefined);
  assert.throws(() => changedPeriods([], Array.from({ length: 257 }, (_, at) => ({ validFromUs: at, values: { pulseFactorL: 1 } })), ana), /256 periods/);
});

test("a change of a point takes settings along, and its event carries them beside the limits", () => {
  const point: PointRecord = {
    client: "acme", point: "p", name: "Pozo", device: "d", channel: "", feeders: [], labels: {}, adoptedBy: "auto", createdAtUs: 1, periodS: null, variables: { flow: { max: 40 } }, revision: 1, changedAtUs: 1,
    changedBy: "auto", unpublished: false,
  };
  const after = changedPoint(point, { settings: [{ values: { pulseFactorL: 100 } }] }, () => [], ana);
  assert.deepEqual(after.settings, [{ validFromUs: null, values: { pulseFactorL: 100 }, changedAtUs: 7, changedBy: "Ana" }]);
  const { variables: limits, periods } = splitConfiguration(JSON.parse(configurationBody(after)) as Record<string, unknown>);
  assert.deepEqual([limits, periods], [{ flow: { max: 40 } }, after.settings]);
  assert.equal(configurationBody(point), '{"flow":{"max":40}}', "without settings it is what it always was");
  assert.deepEqual(splitConfiguration({ flow: {} }), { variables: { flow: {} }, periods: [] });
});

test("d1 to d6 of another system come by their plain names, inches as millimetres, zero as unknown", () => {
  assert.deepEqual(importedSettings({ d1: 120, d2: 90, d3: 45, d4: 6, d5: 4.5, d6: 30_000 }), { wellDepthM: 120, pumpDepthM: 90, sensorDepthM: 45, pipeDiameterMm: 152.4, meterDiameterMm: 114.3, dialStartM3: 30_000 });
  assert.deepEqual(importedSettings({ d1: 0, d3: null, d6: -1 }), {});
});

test("one catalogue: every setting and variable says its unit, its bounds and what people read", () => {
  assert.equal(new Set(pointSettingRows.map(({ name }) => name)).size, pointSettingRows.length);
  for (const row of pointSettingRows) assert.ok(row.says.en !== "" && row.says.es !== "" && ("choices" in row ? row.choices.length > 1 : row.max > (row.above ?? row.min ?? -Infinity)), row.name);
  for (const { id, decimals, periodS } of variables) assert.ok(decimals >= 0 && periodS > 0, id);
});

test("the regulator's digits are rounded once, at the edge", () => {
  assert.equal(regulatorValue("flow", 13.005), 13.01);
  assert.equal(regulatorValue("volume", 5481.7), 5481, "a total is cut, never rounded up");
  assert.deepEqual([regulatorText("flow", 15.3), regulatorText("total", 1010.7), regulatorText("battery", 3.6)], ["15.30", "1010", undefined]);
  assert.equal(regulatorValue("depth", 32.66), 32.66);
  assert.equal(regulatorValue("battery", 3.6), undefined);
});
