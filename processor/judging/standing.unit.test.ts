import assert from "node:assert/strict";
import { test } from "node:test";
import type { PointEvent } from "@caudal/schemas";
import fc from "fast-check";
import { Bench, H, Held, limitsEvent, S, sampleEvent, T0, type Row } from "../totaliser/test-counter.ts";
import { judgeEvent } from "./judge-event.ts";
import { pointForm } from "./point-form.ts";
import { PointState } from "./point-state.ts";

const hours = (...values: readonly (number | null)[]): Row[] => values.map((value, index): Row => [index * H, value]);
const even = (value: number, count: number, everyS = H): Row[] => Array.from({ length: count }, (_, index): Row => [index * everyS, value]);

/** Seconds of the samples that are said to be of a stuck totaliser. */
function stuck(bench: Bench, variable = "total"): number[] {
  return (bench.held.of(variable) as [number, number, number, ...string[]][]).filter(([, , , ...reasons]) => reasons.includes("stuck-totaliser")).map(([atS]) => atS);
}

function both(flow: readonly Row[], counts: readonly Row[], bench = new Bench({ counter: "total" }), variable = "total"): Bench {
  const events = [...flow.map((row) => ["flow", row] as const), ...counts.map((row) => [variable, row] as const)].sort(([, [a]], [, [b]]) => a - b);
  return bench.tell(...events.map(([name, row]) => sampleEvent(name, row)));
}

test("thousands may be of a register that counts by hundreds: as much water has to pass before it is stuck", () => {
  assert.deepEqual(stuck(both(even(5, 14), even(92_000, 14))), [12 * H, 13 * H]);
});

test("a frozen totaliser: the fourth equal total while water flows is the first suspect one, and so is what is computed from it", () => {
  const bench = both(even(5, 8), hours(983, 1001, 1001, 1001, 1001, 1001, 1019, 1037));
  assert.deepEqual(bench.held.of("total").slice(1, 7), [[H, 1001, 1], [2 * H, 1001, 1], [3 * H, 1001, 1], [4 * H, 1001, 3, "stuck-totaliser"], [5 * H, 1001, 3, "stuck-totaliser"], [6 * H, 1019, 1]]);
  assert.deepEqual(bench.held.of("volume")[4], [4 * H, 1001, 3, "stuck-totaliser"]);
  assert.deepEqual(bench.held.of("flow_average")[3], [4 * H, 0, 3, "stuck-totaliser"]);
});

test("a small flow through a register of whole m3 is not called stuck before two of them passed", () => {
  const bench = both(even(0.05, 16), even(1001, 16));
  assert.deepEqual(stuck(bench), [12 * H, 13 * H, 14 * H, 15 * H], "0.18 m3 an hour");
  assert.deepEqual(stuck(both(even(0.05, 16), even(1001.001, 16)))[0], 3 * H, "a register of litres has no such excuse");
  assert.deepEqual(stuck(both(even(0.004, 4), even(1001.001, 4))), [], "43 L are within what dials wobble by");
});

test("where the pump stands still for a while the count begins anew", () => {
  assert.deepEqual(stuck(both(hours(5, 5, 5, 0, 5, 5, 5, 5), even(1001, 8))), [7 * H]);
  assert.deepEqual(stuck(both(hours(0, 0, 0, 0, 0, 0), even(1001, 6))), []);
});

test("a flow that nobody can rely on proves nothing: none, bad, hours old, or frozen itself", () => {
  assert.deepEqual(stuck(both([], even(1001, 8))), []);
  assert.deepEqual(stuck(both(hours(5, null, 5, -1, 5, null, 5, null), even(1001, 8))), []);
  assert.deepEqual(stuck(both([[0, 5], [4 * H, 5], [8 * H, 5]], even(1001, 9))), [], "four hours say nothing of what was between");
  assert.deepEqual(stuck(both(even(5, 30), even(1001, 30))).at(-1), 23 * H, "a day of the very same flow is a frozen flow");
});

test("pulses are worth what the point says; without a factor nobody knows", () => {
  assert.deepEqual(stuck(both(even(0.2, 6, 600), even(7, 6, 600), new Bench({ pulseFactorL: 100 }), "pulses"), "pulses"), [1800, 2400, 3000], "0.12 m3 each ten minutes, and two pulses are 0.2");
  assert.deepEqual(stuck(both(even(0.2, 6, 600), even(7, 6, 600), new Bench({ pulseFactorL: 1000 }), "pulses"), "pulses"), []);
  assert.deepEqual(stuck(both(even(0.2, 6, 600), even(7, 6, 600), new Bench({}), "pulses"), "pulses"), []);
});

test("a point's own limit of what may pass", () => {
  const bench = both(even(5, 8), even(1001, 8));
  bench.tell(limitsEvent({ variable: "total", fromS: null, values: { stuckM3: 100 } }));
  assert.deepEqual(stuck(bench), [6 * H, 7 * H]);
  bench.tell(limitsEvent({ variable: "total", fromS: 5 * H, values: { stuckM3: 1e6 } }));
  assert.deepEqual(stuck(bench), [3 * H, 4 * H]);
});

test("a flow that is denser than the totals is looked at as far as it is remembered", () => {
  const minutes = Array.from({ length: 6 * 60 + 1 }, (_, at): Row => [at * 60, 5]);
  assert.deepEqual(stuck(both(minutes, even(1001, 7))), [3 * H, 4 * H, 5 * H, 6 * H]);
});

test("flow that comes later, goes, or is corrected has the counts beside it judged again", () => {
  const bench = new Bench({ counter: "total" }).rows("total", ...even(1001, 6));
  bench.rows("flow", ...even(5, 6));
  assert.deepEqual(stuck(bench), [3 * H, 4 * H, 5 * H]);
  bench.tell(sampleEvent("flow", [4 * H, 0]));
  assert.deepEqual(stuck(bench), [3 * H]);
  bench.tell(sampleEvent("flow", [4 * H, 6]));
  assert.deepEqual(stuck(bench), [3 * H, 4 * H, 5 * H]);
  const { samples: _, ...gone } = sampleEvent("flow", [2 * H, 5]);
  bench.tell({ ...gone, samples: [], withdrawn: [{ variable: "flow", timeUs: T0 + 2 * H * S }] });
  assert.deepEqual(stuck(bench), [3 * H, 4 * H, 5 * H], "two hours are still near enough");
  bench.tell({ ...gone, eventId: "other", causeOffset: gone.causeOffset + 1, samples: [], withdrawn: [{ variable: "flow", timeUs: T0 + 3 * H * S }] });
  assert.deepEqual(stuck(bench), [3 * H], "from one to four o'clock nobody saw any");
});

const often = <T>(usual: T, ...others: readonly T[]): fc.Arbitrary<T> => fc.oneof({ weight: 12, arbitrary: fc.constant(usual) }, { weight: 2, arbitrary: fc.constantFrom(...others) });
/** Of each half hour a flow and two counts, mostly of a frozen counter; "absent" is no sample at all. */
const rows = fc.array(fc.record({ flow: often<number | null | "absent">(4, 0.4, 7, 0, -1, null, "absent"), total: often<number | null | "absent">(4, 4, 7, 0, -1, null, "absent"), pulses: often<number | "absent">(4, 5, "absent") }), { minLength: 1, maxLength: 24 })
  .map((steps) => steps.flatMap((step, at) => Object.entries(step).flatMap(([variable, value]) => (value === "absent" ? [] : [{ variable, at, value }]))));

function heldOf(events: readonly PointEvent[], cuts: readonly number[] = []): unknown[] {
  const held = new Held();
  let state = new PointState("acme", "p");
  for (const [index, event] of events.entries()) {
    if (cuts.includes(index)) {
      const { id, body, blob } = pointForm.toDocument(state);
      state = pointForm.fromDocument({ id, version: 1, body: JSON.parse(JSON.stringify(body)) as typeof body, ...(blob === undefined ? {} : { blob }) });
    }
    const outcome = judgeEvent(state, event.kind === "samples" ? { ...event, causeOffset: index + 1, receivedAtUs: T0 + 1e6 * S + index } : event);
    if (outcome.kind === "keep") held.take(outcome.value.measurements);
  }
  return (held.all() as [string, unknown, unknown, readonly string[]][]).map(([key, value, flag, reasons]) => [key, value, flag, reasons.filter((reason) => reason !== "late")]);
}

test("any order of flows, counts and limits with instants ends in the same facts, snapshots or not", () => {
  let found = 0;
  fc.assert(
    fc.property(rows, fc.array(fc.nat(), { minLength: 1 }), fc.array(fc.nat({ max: 60 }), { maxLength: 3 }), fc.nat({ max: 24 }), (samples, picks, cuts, at) => {
      const everyS = 1800;
      const settings = limitsEvent({ variable: "total", fromS: null, values: { stuckM3: 20 } }, { variable: "total", fromS: at * everyS, values: { stuckM3: 3 } }, { variable: "flow", fromS: at * everyS, values: { max: 5, spike: 3 } });
      const inOrder = [settings, ...[...samples].sort((a, b) => a.at - b.at).map(({ variable, at: step, value }) => sampleEvent(variable, [step * everyS, value]))];
      const mixed = inOrder.map((event, index) => ({ event, key: (picks[index % picks.length] ?? 0) % 97 })).sort((a, b) => a.key - b.key).map(({ event }) => event);
      const expected = heldOf(inOrder);
      if (JSON.stringify(expected).includes("stuck-totaliser")) found++;
      assert.deepEqual(heldOf(mixed, cuts), expected);
    }),
    { numRuns: 400 },
  );
  assert.ok(found > 50, `only ${found} series had a stuck totaliser in them`);
});

test("what is withdrawn leaves the flags of its neighbours, and of counts beside it, as if it had never come", () => {
  fc.assert(
    fc.property(rows, fc.array(fc.nat(), { minLength: 1 }), (samples, picks) => {
      const settings = limitsEvent({ variable: "flow", fromS: null, values: { max: 5, spike: 3, maxRatePerS: 0.002, flatLineS: 7200 } });
      const events = samples.map(({ variable, at, value }) => sampleEvent(variable, [at * 1800, value]));
      const isGone = (index: number): boolean => (picks[index % picks.length] ?? 0) % 4 === 0;
      const gone = events.filter((_, index) => isGone(index)).map((event, index): PointEvent => ({ ...event, eventId: `gone ${index}`, withdrawn: event.samples.map(({ variable, timeUs }) => ({ variable, timeUs })), samples: [] }));
      assert.deepEqual(heldOf([settings, ...events, ...gone]), heldOf([settings, ...events.filter((_, index) => !isGone(index))]));
    }),
    { numRuns: 300 },
  );
});
