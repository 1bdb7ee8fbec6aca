import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { Bench, configurationEvent, H, limitsEvent, sampleEvent, type Limited, type Row } from "../totaliser/test-counter.ts";
import { judgeEvent } from "./judge-event.ts";
import { pointForm } from "./point-form.ts";
import { PointState } from "./point-state.ts";
import { WINDOW } from "./ring.ts";

const hourly = (...values: readonly number[]): Row[] => values.map((value, index): Row => [index * H, value]);
const flagsOf = (bench: Bench, variable: string): unknown[] => bench.held.of(variable).map((fact) => (fact as unknown[])[2]);

test("limits hold from the instant that they name, also for what came before they were given", () => {
  const bench = new Bench().rows("flow", ...hourly(10, 50, 50, 10));
  bench.tell(limitsEvent({ variable: "flow", fromS: 2 * H, values: { max: 40 } }));
  assert.deepEqual(flagsOf(bench, "flow"), [1, 1, 4, 1]);
  bench.rows("flow", [1.5 * H, 45], [5 * H, 45]);
  assert.deepEqual(flagsOf(bench, "flow"), [1, 1, 1, 4, 1, 4], "a late one is judged by what held at its instant");
  bench.tell(limitsEvent({ variable: "flow", fromS: null, values: { max: 40 } }, { variable: "flow", fromS: 2 * H, values: { max: null } }));
  assert.deepEqual(flagsOf(bench, "flow"), [1, 4, 4, 1, 1, 1]);
});

test("limits that are as they were tell nothing again, whichever form they come in", () => {
  const bench = new Bench(undefined, { variables: { flow: { max: 40 } } }).rows("flow", ...hourly(10, 50));
  const outcome = judgeEvent(bench.state, limitsEvent({ variable: "flow", fromS: null, values: { max: 40 } }));
  assert.deepEqual(outcome.kind === "keep" && outcome.value.measurements, []);
  assert.deepEqual([bench.state.config, bench.state.limits.length], [{}, 1]);
});

test("limits of an event from before they had instants hold for what comes after it, as they did", () => {
  const bench = new Bench().rows("flow", ...hourly(10, 50)).tell(configurationEvent([], { flow: { max: 40 } })).rows("flow", [2 * H, 50]);
  assert.deepEqual(flagsOf(bench, "flow"), [1, 1, 4]);
});

test("what follows from a count follows its limits: volume and flow of it are judged again", () => {
  const bench = new Bench({ counter: "total" }).rows("total", ...hourly(10, 20, 30, 40));
  const settings = configurationEvent([{ fromS: null, values: { counter: "total" } }]);
  const limited = (...limits: readonly Limited[]): void => void bench.tell({ ...settings, body: JSON.stringify({ ...JSON.parse(settings.body ?? "") as object, ...JSON.parse(limitsEvent(...limits).body ?? "") as object }) });
  limited({ variable: "total", fromS: 2 * H, values: { max: 25 } });
  assert.deepEqual([flagsOf(bench, "total"), bench.held.values("volume")], [[1, 1, 4, 4], [10, 20]], "an impossible count counts nothing");
  limited({ variable: "flow_average", fromS: 2 * H, values: { max: 1 } });
  assert.deepEqual([flagsOf(bench, "total"), flagsOf(bench, "volume"), flagsOf(bench, "flow_average")], [[1, 1, 1, 1], [1, 1, 1, 1], [1, 4, 4]]);
  limited();
  assert.deepEqual(flagsOf(bench, "flow_average"), [1, 1, 1]);
});

test("how fast a counter may grow holds from its instant too", () => {
  const bench = new Bench({ counter: "total" }, { variables: { total: { maxRatePerS: 1 } } }).rows("total", ...hourly(0, 10, 20, 30, 40, 50, 60));
  bench.tell({ ...configurationEvent([{ fromS: null, values: { counter: "total" } }]), body: limitsEvent({ variable: "total", fromS: null, values: { maxRatePerS: 1 } }, { variable: "total", fromS: 3 * H, values: { maxRatePerS: 0.001 } }).body });
  assert.deepEqual(flagsOf(bench, "total").map((flag) => flag === 1), [true, true, true, false, false, true, false], "after two hours without one that counts any growth is taken");
});

test("levels follow the limits of what they are read from", () => {
  const body = (limits: string | null): string => JSON.stringify({ ...JSON.parse(configurationEvent([{ fromS: null, values: { levelKind: "water-column", sensorDepthM: 45 } }]).body ?? "") as object, ...JSON.parse(limits ?? "{}") as object });
  const bench = new Bench({ levelKind: "water-column", sensorDepthM: 45 }).rows("level", ...hourly(10, 11, 12));
  bench.tell({ ...limitsEvent(), body: body(limitsEvent({ variable: "level", fromS: H, values: { max: 11 } }).body) });
  assert.deepEqual([flagsOf(bench, "depth"), bench.held.values("depth")], [[1, 1, 4], [35, 34, null]]);
});

test("what is no longer remembered is noted as behind; limits of later instants leave it", () => {
  const bench = new Bench().rows("flow", ...hourly(...Array.from({ length: WINDOW + 8 }, (_, index) => index)));
  bench.tell(limitsEvent({ variable: "flow", fromS: (WINDOW + 4) * H, values: { max: 5 } }));
  assert.ok(Number.isNaN(bench.state.behindUs));
  bench.tell(limitsEvent({ variable: "flow", fromS: 2 * H, values: { max: 5 } }));
  assert.ok(bench.state.behindUs > 0);
});

test("limits that cannot be read park their event and change nothing", () => {
  const state = new PointState("acme", "p");
  const period = { variable: "flow", validFromUs: null, values: { max: 1 }, changedAtUs: 1, changedBy: "Ana" };
  for (const broken of [{ ...period, variable: 3 }, { ...period, validFromUs: 0.5 }, { ...period, values: { max: "1" } }, { ...period, values: { top: 1 } }, { ...period, changedBy: undefined }, 7]) {
    const outcome = judgeEvent(state, { ...limitsEvent(), body: JSON.stringify({ $limits: { periods: [broken] } }) });
    assert.deepEqual([outcome.kind, outcome.kind === "park" && outcome.why], ["park", "wrong-type"], JSON.stringify(broken));
  }
  assert.deepEqual(state.limits, []);
});

const change = fc.record({ fromS: fc.constantFrom(null, 2 * H, 4 * H), values: fc.record({ max: fc.constantFrom(20, 40, null), spike: fc.constantFrom(5, null), maxRatePerS: fc.constantFrom(0.001, null) }) });

test("limits may come before, between or after the samples, snapshots or not: the flags in the end are the same", () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom(10, 15, 25, 45), { minLength: 1, maxLength: 16 }), fc.uniqueArray(change, { selector: ({ fromS }) => fromS, minLength: 1, maxLength: 3 }), fc.nat({ max: 16 }), fc.nat({ max: 16 }), (values, changes, at, cut) => {
      const rows = values.map((value, index) => sampleEvent("flow", [index * 1800, value]));
      const limits = limitsEvent(...changes.map((one): Limited => ({ variable: "flow", ...one })));
      const first = new Bench().tell(limits, ...rows);
      const later = new Bench();
      let told = later.tell(...rows.slice(0, Math.min(at, cut)));
      const { id, body, blob } = pointForm.toDocument(later.state);
      Object.assign(later, { state: pointForm.fromDocument({ id, version: 1, body: JSON.parse(JSON.stringify(body)) as typeof body, ...(blob === undefined ? {} : { blob }) }) });
      told = told.tell(...rows.slice(Math.min(at, cut), at), limits, ...rows.slice(at));
      assert.deepEqual(told.held.all(), first.held.all());
      assert.deepEqual(pointForm.toDocument(told.state).body.limits, pointForm.toDocument(first.state).body.limits);
    }),
    { numRuns: 200 },
  );
});
