import assert from "node:assert/strict";
import { test } from "node:test";
import { changedPoint, type PointChange } from "./change-point.ts";
import { configurationBody, splitConfiguration } from "./configuration-body.ts";
import { changedLimitPeriods, limitPeriodsOf, limitsGivenAt, settledLimits, type LimitChange } from "./point-limits.ts";
import type { LimitPeriod, PointRecord } from "./records.ts";

const ana = { by: "Ana", atUs: 7 };
const eva = { by: "Eva", atUs: 9 };
const point: PointRecord = {
  client: "acme", point: "p", name: "Pozo", device: "d", channel: "", feeders: [], labels: {}, adoptedBy: "auto", createdAtUs: 1, periodS: null, variables: {}, revision: 1, changedAtUs: 1, changedBy: "auto", unpublished: false,
};
const entry = { key: "caudal", channel: "", point: "p", variable: "flow", unit: "L/s", guessed: false, validFromUs: null };

function changed(periods: readonly LimitPeriod[], by: typeof ana, ...changes: readonly LimitChange[]): readonly LimitPeriod[] {
  return changedLimitPeriods(periods, changes.map((change) => ({ ...change, place: (field) => ({ field }) })), by);
}

test("a limit holds from its instant on, and what held before stays with who gave it, when and why", () => {
  let periods = changed([], ana, { variable: "flow", values: { max: 40, spike: 5 } });
  periods = changed(periods, eva, { variable: "flow", validFromUs: 1000, values: { max: 60 }, reason: "new pump" }, { variable: "level", values: { min: 1 } });
  assert.deepEqual(periods, [
    { variable: "flow", validFromUs: null, values: { max: 40, spike: 5 }, changedAtUs: 7, changedBy: "Ana" },
    { variable: "flow", validFromUs: 1000, values: { max: 60 }, changedAtUs: 9, changedBy: "Eva", reason: "new pump" },
    { variable: "level", validFromUs: null, values: { min: 1 }, changedAtUs: 9, changedBy: "Eva" },
  ]);
  assert.deepEqual([999, 1000].map((timeUs) => limitsGivenAt(undefined, periods, "flow", timeUs)), [{ max: 40, spike: 5 }, { max: 60, spike: 5 }]);
  assert.deepEqual(settledLimits({ min: 2 }, periods, "flow"), [{ fromUs: -Infinity, given: { min: 2, max: 40, spike: 5 } }, { fromUs: 1000, given: { min: 2, max: 60, spike: 5 } }]);
  periods = changed(periods, ana, { variable: "flow", validFromUs: 2000, values: { max: null } });
  assert.deepEqual(limitsGivenAt(undefined, periods, "flow", 2000), { spike: 5 }, "null takes the default again");
  assert.deepEqual(limitsGivenAt(undefined, changed(periods, ana, { variable: "flow", validFromUs: 2000, values: {}, forget: ["max"] }), "flow", 2000), { max: 60, spike: 5 });
});

test("given from the first reading it replaces its whole past, of that variable alone", () => {
  const before = changed([], ana, { variable: "flow", validFromUs: 1000, values: { max: 60, min: 1 } }, { variable: "level", validFromUs: 1000, values: { max: 3 } });
  const after = changed(before, ana, { variable: "flow", validFromUs: null, values: { max: 50 } });
  assert.deepEqual(after.map(({ variable, validFromUs, values }) => [variable, validFromUs, values]), [["flow", null, { max: 50 }], ["flow", 1000, { min: 1 }], ["level", 1000, { max: 3 }]]);
  assert.deepEqual(changed([], ana, { variable: "flow", values: { max: null } }), [], "there is nothing before it to take away");
});

test("what no limit can be is refused by name, also where it only crosses another period", () => {
  const refused = (...changes: readonly LimitChange[]): unknown => {
    try {
      changed([], ana, ...changes);
    } catch (error) {
      const { why, place } = error as { why: unknown; place: { field: string } };
      return [why, place.field];
    }
    return undefined;
  };
  assert.deepEqual(refused({ variable: "flow", values: { top: 1 } as object }), ["limit-unknown", "top"]);
  assert.deepEqual(refused({ variable: "flow", values: {}, forget: ["top"] }), ["limit-unknown", "top"]);
  assert.deepEqual(refused({ variable: "flow", values: { spike: 0 } }), ["limit", "spike"]);
  assert.deepEqual(refused({ variable: "flow", values: { max: Infinity } }), ["limit", "max"]);
  assert.deepEqual(refused({ variable: "Caudal Ñ", values: { max: 1 } }), ["variable-id", "variable"]);
  assert.deepEqual(refused({ variable: "flow", validFromUs: 0.5, values: { max: 1 } }), ["setting-time", "validFrom"]);
  assert.deepEqual(refused({ variable: "flow", validFromUs: 5, values: { max: 1 } }, { variable: "flow", values: { min: 2 } }), ["min-above-max", "min"]);
  assert.deepEqual(refused(...Array.from({ length: 257 }, (_, at): LimitChange => ({ variable: "flow", validFromUs: at, values: { max: 1 } }))), ["too-many-periods", "limits"]);
});

test("limits from before they had instants hold from the first reading, and take their place among the periods with the next change", () => {
  const old: PointRecord = { ...point, variables: { flow: { max: 40 }, level: {} } };
  assert.deepEqual(limitPeriodsOf(old), [{ variable: "flow", validFromUs: null, values: { max: 40 }, changedAtUs: 1, changedBy: "" }]);
  assert.equal(configurationBody(old), '{"flow":{"max":40},"level":{}}', "its event is what it always was");
  const change: PointChange = { limits: [{ variable: "flow", validFromUs: 1000, values: { max: 60 } }], variables: [{ key: "caudal", min: 1, stuckM3: 3 }] };
  const after = changedPoint(old, change, () => [entry], ana);
  assert.deepEqual(after.variables, {});
  assert.deepEqual(after.limits?.map(({ validFromUs, values }) => [validFromUs, values]), [[null, { max: 40, min: 1, stuckM3: 3 }], [1000, { max: 60 }]]);
  assert.deepEqual(splitConfiguration(JSON.parse(configurationBody(after)) as Record<string, unknown>), { variables: {}, periods: [], limits: after.limits });
  assert.equal(changedPoint(old, { name: "Other" }, () => [], ana).limits, undefined, "who changes no limits leaves them as they were");
});

test("a refusal names the place in the request: the key, or the entry of `limits`", () => {
  const key = { key: "caudal", validFromUs: 1000, min: 3, max: 2 };
  assert.throws(() => changedPoint(point, { variables: [key] }, () => [entry], ana), { why: "min-above-max", place: { field: "min", change: key, values: { min: "3", max: "2" } } });
  assert.throws(() => changedPoint(point, { limits: [{ variable: "flow", values: {} }, { variable: "flow", values: { maxRatePerS: -1 } }] }, () => [], ana), { why: "limit", place: { field: "limits.1.maxRatePerS", values: { limit: "maxRatePerS" } } });
});
