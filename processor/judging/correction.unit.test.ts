import assert from "node:assert/strict";
import { test } from "node:test";
import { compareRevisions, correctionBody } from "@caudal/core";
import type { Measurement, PointEvent } from "@caudal/schemas";
import { judgeEvent } from "./judge-event.ts";
import { pointForm } from "./point-form.ts";
import { PointState } from "./point-state.ts";

const S = 1_000_000;
const T0 = 1_772_366_400 * S;
let offset = 0;

const base = { client: "acme", point: "p", device: "d", channel: "", source: "s", transport: "t", observedAtUs: null, causePartition: 0, withdrawn: [], labels: {} } as const;
const samplesOf = (variable: string, atS: number, value: number | null): PointEvent => ({
  ...base, eventId: `e-${variable}-${atS}-${offset}`, kind: "samples", receivedAtUs: T0 + atS * S, causeId: "", causeOffset: offset++,
  samples: [{ variable, key: variable, value, timeUs: T0 + atS * S, timeFrom: "source", reasons: [] }], body: null,
});
const corrected = (eventId: string, variable: string, atS: readonly number[], value: number | null): PointEvent => ({
  ...base, device: "", eventId, kind: "correction", receivedAtUs: T0 + 90_000 * S, causeId: eventId, causeOffset: -1, samples: [],
  body: correctionBody({ variable, timesUs: atS.map((s) => T0 + s * S), value, author: "Ana", reason: "read on the dial" }),
});
const settings: PointEvent = {
  ...base, device: "", eventId: "c", kind: "configuration", receivedAtUs: T0, causeId: "c", causeOffset: -1, samples: [],
  body: JSON.stringify({ $point: { periods: [] } }),
};
const configured = (state: PointState): PointState => {
  state.configure({}, [{ validFromUs: null, changedAtUs: T0, changedBy: "Ana", values: { pulseFactorL: 100 } }]);
  return state;
};

function run(state: PointState, ...events: readonly PointEvent[]): Measurement[] {
  return events.flatMap((event) => {
    const outcome = judgeEvent(state, event);
    return outcome.kind === "keep" ? outcome.value.measurements : [];
  });
}

/** What a tier holds at the end. */
function held(measurements: readonly Measurement[]): Record<string, unknown> {
  const best = new Map<string, { authority: number; knownAtUs: number; content: unknown }>();
  for (const { instantUs, authority, knownAtUs, facts } of measurements) {
    for (const { variable, value, reasons } of facts) {
      const key = `${variable}@${(instantUs - T0) / S}`;
      const known = best.get(key);
      if (known === undefined || compareRevisions({ authority, knownAtUs }, known) >= 0) best.set(key, { authority, knownAtUs, content: [authority, value, [...reasons]] });
    }
  }
  return Object.fromEntries([...best].map(([key, { content }]) => [key, content] as const).sort(([a], [b]) => (a < b ? -1 : 1)));
}

const HOURS = [0, 3600, 7200, 10_800] as const;
const counts = (): PointEvent[] => HOURS.map((atS, index) => samplesOf("pulses", atS, 1000 + index * 10));

test("a person's value holds over what is computed, with author and reason, and what follows is computed anew", () => {
  const state = configured(new PointState("acme", "p"));
  const before = run(state, ...counts());
  const said = run(state, corrected("x1", "pulses", [7200], 1015));
  const own = said.find(({ authority }) => authority === 1);
  assert.deepEqual([own?.facts, own?.labels], [[{ variable: "pulses", value: 1015, flag: 1, reasons: ["corrected"] }], { author: "Ana", reason: "read on the dial" }]);
  const after = held([...before, ...said]);
  assert.deepEqual(after["pulses@7200"], [1, 1015, ["corrected"]]);
  assert.deepEqual([after["volume@3600"], after["volume@7200"], after["volume@10800"]], [[0, 101, []], [0, 101.5, []], [0, 103, []]]);
  assert.deepEqual(held(before)["pulses@7200"], [0, 1020, []], "what was computed from the source stays as it was");
});

test("the same event again is dropped, and a later computed revision never outdoes what was said", () => {
  const state = configured(new PointState("acme", "p"));
  const all = run(state, ...counts(), corrected("x1", "pulses", [7200], 1015));
  assert.deepEqual(judgeEvent(state, corrected("x1", "pulses", [7200], 1015)), { kind: "drop", why: "duplicate" });
  const again = run(state, samplesOf("pulses", 7200, 1020), samplesOf("pulses", 14_400, 1040));
  assert.ok(again.some(({ authority, facts, instantUs }) => authority === 0 && instantUs === T0 + 7200 * S && facts.some(({ variable, value }) => variable === "pulses" && value === 1020)), "what came is kept as it came");
  const end = held([...all, ...again]);
  assert.deepEqual([end["pulses@7200"], end["volume@7200"], end["volume@14400"]], [[1, 1015, ["corrected"]], [0, 101.5, []], [0, 104, []]]);
});

test("said before the sample came, or after, snapshot between or not: the same holds", () => {
  const [a, b] = [configured(new PointState("acme", "p")), configured(new PointState("acme", "p"))];
  const after = held(run(a, ...counts(), corrected("x", "pulses", [3600], 1002)));
  const [first, ...rest] = counts();
  const early = run(b, first!, corrected("x", "pulses", [3600], 1002));
  const document = pointForm.toDocument(b);
  const back = pointForm.fromDocument({ ...document, version: 1 });
  assert.deepEqual(pointForm.toDocument(back), document);
  const before = held([...early, ...run(back, ...rest)]);
  const facts = (of: Record<string, unknown>): unknown => Object.entries(of).filter(([key]) => key.startsWith("volume") || key === "pulses@3600");
  assert.deepEqual(facts(before), facts(after));
  assert.deepEqual(after["volume@3600"], [0, 100.2, []]);
});

test("withdrawn by a person: no fact, no count, and only another person's word brings it back", () => {
  const state = configured(new PointState("acme", "p"));
  const all = run(state, ...counts(), corrected("x1", "pulses", [7200], null));
  assert.deepEqual(held(all)["pulses@7200"], [1, null, ["withdrawn"]]);
  assert.deepEqual(held(all)["volume@7200"], [0, null, ["withdrawn"]]);
  all.push(...run(state, samplesOf("pulses", 7200, 1020)));
  assert.deepEqual(held(all)["volume@7200"], [0, null, ["withdrawn"]]);
  all.push(...run(state, corrected("x2", "pulses", [7200], 1020)));
  assert.deepEqual([held(all)["pulses@7200"], held(all)["volume@7200"]], [[1, 1020, ["corrected"]], [0, 102, []]]);
});

test("neighbours of a corrected sample are judged by what was said", () => {
  const state = new PointState("acme", "p");
  const level = (atS: number, value: number): PointEvent => samplesOf("level", atS, value);
  const all = run(state, level(0, 2), level(10, 9), level(20, 2.1));
  assert.deepEqual(held(all)["level@20"], [0, 2.1, ["rate"]]);
  all.push(...run(state, corrected("x", "level", [10], 2.05)));
  assert.deepEqual([held(all)["level@10"], held(all)["level@20"]], [[1, 2.05, ["corrected"]], [0, 2.1, []]]);
});

test("a correction that cannot be read is parked and changes nothing", () => {
  const state = configured(new PointState("acme", "p"));
  run(state, settings);
  const document = pointForm.toDocument(state);
  for (const body of [null, "{", "[]", "{}", '{"variable":"flow","timesUs":[],"value":1,"author":"a","reason":"r"}', '{"variable":"flow","timesUs":[1],"value":"1","author":"a","reason":"r"}', '{"variable":"flow","timesUs":[1.5],"value":1,"author":"a","reason":"r"}', '{"variable":"flow","timesUs":[1],"value":1,"author":"a"}', JSON.stringify({ variable: "flow", timesUs: Array.from({ length: 1001 }, (_, at) => at), value: 1, author: "a", reason: "r" })]) {
    assert.equal(judgeEvent(state, { ...corrected("x", "flow", [0], 1), body }).kind, "park", String(body));
  }
  assert.deepEqual(pointForm.toDocument(state), document);
});

test("what no longer is remembered of corrections is let go of with the samples", () => {
  const state = configured(new PointState("acme", "p"));
  run(state, ...counts(), corrected("x0", "pulses", [0], 999));
  run(state, ...Array.from({ length: 60 }, (_, at) => samplesOf("pulses", 14_400 + at * 3600, 1040 + at)), corrected("x1", "pulses", [14_400 + 59 * 3600], 1100));
  assert.equal(state.corrections.count, 1);
  assert.equal(state.corrections.at("pulses", T0), undefined);
});
