import assert from "node:assert/strict";
import { test } from "node:test";
import type { Measurement, PointEvent } from "@caudal/schemas";
import { changeIdOf } from "../events.ts";
import { judgeEvent, type Judgement } from "./judge-event.ts";
import { pointForm } from "./point-form.ts";
import { PointState } from "./point-state.ts";
import { WINDOW } from "./ring.ts";

const S = 1_000_000;
const T0 = 1_772_366_400 * S;

function event(offset: number, samples: readonly (readonly [variable: string, atS: number, value: number | null, reasons?: readonly string[]])[], more: Partial<PointEvent> = {}): PointEvent {
  return {
    eventId: `e${offset}`, client: "acme", point: "p1", kind: "samples", device: "w-07", channel: "", source: "mqtt", transport: "mqtt",
    observedAtUs: null, receivedAtUs: T0 + offset * S, causeId: `r${offset}`, causePartition: 2, causeOffset: offset,
    samples: samples.map(([variable, atS, value, reasons = []]) => ({ variable, key: variable, value, timeUs: T0 + atS * S, timeFrom: "source", reasons })),
    withdrawn: [], body: null, labels: { batch: "7" }, ...more,
  };
}

function judged(state: PointState, of: PointEvent): Judgement {
  const outcome = judgeEvent(state, of);
  assert.equal(outcome.kind, "keep");
  return outcome.kind === "keep" ? outcome.value : assert.fail();
}

const facts = (measurements: readonly Measurement[]): unknown[] =>
  measurements.flatMap(({ instantUs, facts }) => facts.map(({ variable, value, flag, reasons }) => [variable, (instantUs - T0) / S, value, flag, ...reasons]));

test("one measurement an instant, with the event's revision and ids that a replay repeats", () => {
  const state = new PointState("acme", "p1");
  const { measurements } = judged(state, event(5, [["flow", 0, 1.5], ["total", 0, 10], ["flow", 60, 1.6]]));
  assert.deepEqual(facts(measurements), [["flow", 0, 1.5, 1], ["total", 0, 10, 1, "no-neighbour"], ["flow", 60, 1.6, 1]]);
  assert.deepEqual(measurements.map(({ eventId }) => eventId), [`e5@${T0}`, `e5@${T0 + 60 * S}`]);
  for (const { knownAtUs, authority, causeId, receivedAtUs, labels, client, point, device } of measurements) {
    assert.deepEqual({ knownAtUs, authority, causeId, receivedAtUs, labels, client, point, device },
      { knownAtUs: T0 + 5 * S, authority: 0, causeId: "e5", receivedAtUs: T0 + 5 * S, labels: { batch: "7" }, client: "acme", point: "p1", device: "w-07" });
  }
});

test("knownAt grows along the point's events even when received times go back", () => {
  const state = new PointState("acme", "p1");
  const known = [event(1, [["flow", 0, 1]]), event(2, [["flow", 1, 1]], { receivedAtUs: T0 - 99 * S }), event(3, [["flow", 2, 1]])]
    .map((one) => judged(state, one).measurements[0]?.knownAtUs);
  assert.deepEqual(known, [T0 + S, T0 + S + 1, T0 + 3 * S]);
});

test("what is published again is dropped and moves nothing; each device has its own place", () => {
  const state = new PointState("acme", "p1");
  judged(state, event(4, [["flow", 0, 1]]));
  const before = JSON.stringify(pointForm.toDocument(state).body);
  assert.deepEqual(judgeEvent(state, event(4, [["flow", 0, 1]])), { kind: "drop", why: "duplicate" });
  assert.deepEqual(judgeEvent(state, event(3, [["flow", 9, 9]])), { kind: "drop", why: "duplicate" });
  assert.equal(JSON.stringify(pointForm.toDocument(state).body), before);
  assert.equal(judgeEvent(state, event(3, [["flow", 9, 9]]), true).kind, "keep", "a person's replay is wanted");
  assert.equal(judged(state, event(1, [["flow", 2, 1]], { device: "other" })).judged, 1);
});

test("a late sample is judged among its true neighbours, and those after it again", () => {
  const state = new PointState("acme", "p1");
  judged(state, event(1, [["level", 0, 10]]));
  assert.deepEqual(facts(judged(state, event(2, [["level", 100, 14]])).measurements), [["level", 100, 14, 1]]);
  const late = judged(state, event(3, [["level", 95, 10]]));
  assert.deepEqual(facts(late.measurements), [["level", 95, 10, 1], ["level", 100, 14, 3, "rate"]]);
  assert.equal(late.rejudged, 1);
  assert.ok(late.measurements.every(({ knownAtUs }) => knownAtUs === T0 + 3 * S));
  assert.deepEqual(late.measurements[1]?.labels, {}, "the labels speak of the event's own instants");
});

test("bad and missing values are no neighbours: what follows a fault is compared with what was before", () => {
  const state = new PointState("acme", "p1");
  judged(state, event(1, [["total", 0, 10]]));
  assert.deepEqual(facts(judged(state, event(2, [["total", 60, -1]])).measurements), [["total", 60, -1, 4, "below-range"]]);
  assert.deepEqual(facts(judged(state, event(3, [["total", 120, null, ["sentinel"]]])).measurements), [["total", 120, null, 4, "sentinel"]]);
  assert.deepEqual(facts(judged(state, event(4, [["total", 180, 11]])).measurements), [["total", 180, 11, 1]]);
});

test("older than the window: judged by itself, and it says so", () => {
  const state = new PointState("acme", "p1");
  for (let at = 1; at <= WINDOW + 5; at++) judged(state, event(at, [["level", at * 60, 10]]));
  const late = judged(state, event(90, [["level", 30, 10]]));
  assert.deepEqual(facts(late.measurements), [["level", 30, 10, 2, "no-neighbour"]]);
  assert.deepEqual(facts(judged(state, event(91, [["level", WINDOW * 60 + 400, 10]])).measurements).length, 1);
});

test("the last word on a variable at an instant holds within an event", () => {
  const state = new PointState("acme", "p1");
  const result = judged(state, event(1, [["flow", 0, 1], ["flow", 0, 2]]));
  assert.deepEqual(facts(result.measurements), [["flow", 0, 2, 1]]);
  assert.deepEqual([result.judged, result.replaced], [1, 1]);
});

test("configuration changes the limits of what comes after it", () => {
  const state = new PointState("acme", "p1");
  judged(state, event(1, [["flow", 0, 50]]));
  const config = { kind: "configuration", causeOffset: -1, causePartition: -1, device: "", body: JSON.stringify({ flow: { max: 40 } }) };
  assert.deepEqual(judged(state, event(2, [], config)).measurements, []);
  assert.deepEqual(facts(judged(state, event(3, [["flow", 60, 50]])).measurements), [["flow", 60, 50, 4, "above-range"]]);
  assert.equal(state.knownAtUs, T0 + 3 * S);
});

test("configuration that cannot be read parks and changes nothing", () => {
  const state = new PointState("acme", "p1");
  for (const [body, why] of [["{", "malformed-json"], [null, "malformed-json"], ["[]", "wrong-type"], ['{"flow":3}', "wrong-type"], ['{"flow":{"min":"a"}}', "wrong-type"]] as const) {
    const outcome = judgeEvent(state, event(1, [], { kind: "configuration", body }));
    assert.deepEqual([outcome.kind, outcome.kind === "park" && outcome.why], ["park", why]);
  }
  assert.equal(state.knownAtUs, undefined);
  const nulls = judgeEvent(state, event(2, [], { kind: "configuration", body: '{"flow":{"min":null,"max":2}}' }));
  assert.equal(nulls.kind, "keep");
  assert.deepEqual(state.config, { flow: { max: 2 } });
});

test("unknown kinds and remaps without a change are parked", () => {
  const state = new PointState("acme", "p1");
  assert.equal(judgeEvent(state, event(1, [], { kind: "segment" })).kind, "park");
  assert.equal(judgeEvent(state, event(1, [], { kind: "remap", causeId: "no change" })).kind, "park");
});

test("a remap withdraws facts and begins with an empty window", () => {
  const state = new PointState("acme", "p1");
  for (let at = 1; at <= 40; at++) judged(state, event(at, [["level", at * 60, at / 100]]));
  const cause = { kind: "remap", receivedAtUs: T0 + 50 * S, causeId: changeIdOf("acme", "w-07", 2, "map") };
  const first = judged(state, event(1, [["depth", 60, 0.01]], { ...cause, withdrawn: [{ variable: "level", timeUs: T0 + 60 * S }] }));
  assert.deepEqual(facts(first.measurements), [["level", 60, null, 2, "withdrawn"], ["depth", 60, 0.01, 2, "no-neighbour"]]);
  assert.deepEqual([first.withdrawn, first.judged], [1, 1]);
  assert.deepEqual(facts(judged(state, event(2, [["depth", 120, 0.02]], cause)).measurements), [["depth", 120, 0.02, 1]]);
  assert.equal(judgeEvent(state, event(2, [["depth", 120, 0.02]], cause)).kind, "drop", "the same step of the remap again");
  assert.equal(judgeEvent(state, event(1, [["depth", 60, 0.01]], { ...cause, causeId: changeIdOf("acme", "w-07", 1, "map") })).kind, "drop", "an older change");
  assert.equal(judged(state, event(41, [["depth", 41 * 60, 0.41]])).judged, 1, "newer readings go on");
});

test("a state comes back from its document as it was", () => {
  const state = new PointState("acme", "p1");
  for (let at = 1; at <= 40; at++) judged(state, event(at, [["level", at * 60, at / 100], ["flow", at * 60, at % 3]]));
  state.asOfOffset = 77;
  const { id, body, blob } = pointForm.toDocument(state);
  const shifted = Buffer.concat([Buffer.alloc(3), blob ?? Buffer.alloc(0)]).subarray(3);
  const back = pointForm.fromDocument({ id, version: 1, body: JSON.parse(JSON.stringify(body)) as typeof body, blob: shifted });
  assert.equal(back.asOfOffset, 77);
  const next = event(50, [["level", 2000, 1], ["flow", 3000, 2]]);
  assert.deepEqual(judgeEvent(back, next), judgeEvent(state, next));
  assert.deepEqual(pointForm.toDocument(back), pointForm.toDocument(state));
  assert.ok(state.bytes > 500);
});

test("of very many devices the one that is silent longest is forgotten", () => {
  const state = new PointState("acme", "p1");
  for (let device = 0; device < 70; device++) judged(state, event(1, [["flow", device, 1]], { device: `d${device}` }));
  assert.equal(state.devices.size, 64);
  assert.equal(state.devices.has("d0"), false);
});
