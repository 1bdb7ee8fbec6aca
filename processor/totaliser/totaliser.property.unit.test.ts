import assert from "node:assert/strict";
import { test } from "node:test";
import type { PointEvent } from "@caudal/schemas";
import fc from "fast-check";
import { pointForm } from "../judging/point-form.ts";
import { Bench, configurationEvent, H, Held, sampleEvent, wordEvent, type Row } from "./test-counter.ts";
import { judgeEvent } from "../judging/judge-event.ts";
import { PointState } from "../judging/point-state.ts";

/** How a meter goes on from one row to the next: mostly a little, now and then as the traps have it. */
const step = fc.oneof(
  { weight: 8, arbitrary: fc.record({ how: fc.constant("grow" as const), by: fc.integer({ min: 0, max: 400 }), afterS: fc.constantFrom(600, H, H + 7) }) },
  { weight: 1, arbitrary: fc.record({ how: fc.constantFrom("reset", "cut", "zero", "jump", "wobble", "code", "none", "dip", "turn"), by: fc.integer({ min: 0, max: 40 }), afterS: fc.constantFrom(600, H, 4 * H) }) },
);

function rowsOf(start: number, steps: readonly { how: string; by: number; afterS: number }[]): Row[] {
  const rows: Row[] = [];
  let atS = 0;
  let count = start;
  for (const { how, by, afterS } of steps) {
    atS += afterS;
    if (how === "reset") count = by;
    else if (how === "jump") count += 90_000 + by;
    else if (how === "turn") count = count > 65_000 && count < 65_536 ? by : count + by;
    else if (how === "grow") count += by;
    const shown = how === "cut" ? Math.floor(count / 10) : how === "zero" ? 0 : how === "wobble" ? count - 1 : how === "code" ? -1 : how === "none" ? null : how === "dip" ? Math.floor(count * 0.8) : count;
    rows.push([atS, shown]);
  }
  return rows;
}

const meter = (least: number, most: number): fc.Arbitrary<Row[]> =>
  fc.tuple(fc.constantFrom(0, 100, 64_900, 91_700, 999_000), fc.array(step, { minLength: least, maxLength: most })).map(([start, steps]) => rowsOf(start, steps));

function shuffled<T>(items: readonly T[], picks: readonly number[], reach = Infinity): T[] {
  const keyed = items.map((item, index) => ({ item, at: reach === Infinity ? (picks[index % Math.max(1, picks.length)] ?? 0) * 31 + index * 17 % 97 : index + ((picks[index % Math.max(1, picks.length)] ?? 0) % reach), index }));
  return keyed.sort((a, b) => a.at - b.at || a.index - b.index).map(({ item }) => item);
}

const fresh = (event: PointEvent, offset: number): PointEvent => (event.kind === "samples" ? { ...event, causeOffset: offset } : event);

function heldOf(events: readonly PointEvent[], { most, cuts = [] }: { readonly most?: number; readonly cuts?: readonly number[] } = {}): unknown[] {
  const held = new Held();
  let state = new PointState("acme", "p", most);
  for (const [index, event] of events.entries()) {
    if (cuts.includes(index)) {
      const { id, body, blob } = pointForm.toDocument(state);
      state = pointForm.fromDocument({ id, version: 1, body: JSON.parse(JSON.stringify(body)) as typeof body, ...(blob === undefined ? {} : { blob }) });
    }
    const outcome = judgeEvent(state, fresh(event, index + 1));
    if (outcome.kind === "keep") held.take(outcome.value.measurements);
  }
  return held.all();
}

/** Lateness is a fact about the arrival, and meant to depend on it. */
const withoutLate = (facts: readonly unknown[]): unknown[] => (facts as [string, unknown, unknown, readonly string[]][]).map(([key, value, flag, reasons]) => [key, value, flag, reasons.filter((reason) => reason !== "late")]);

const settings = configurationEvent([{ fromS: null, values: { pulseFactorL: 100, levelKind: "pressure", barometer: "point", sensorDepthM: 45, rightFlowLps: 8 } }, { fromS: 9 * H, values: { pulseFactorL: 10 } }]);

test("any interleaving, duplication and delay of the same rows ends in the same facts, snapshots or not", () => {
  fc.assert(
    fc.property(meter(1, 22), fc.array(fc.tuple(fc.integer({ min: 0, max: 80 }), fc.integer({ min: 90, max: 500 })), { maxLength: 12 }), fc.array(fc.nat({ max: 1000 }), { minLength: 1, maxLength: 60 }), fc.array(fc.nat({ max: 60 }), { maxLength: 4 }), fc.nat({ max: 21 }),
      (rows, levels, picks, cuts, said) => {
        const pressures = [...new Map(levels.map(([at, kpa]) => [at, kpa])).entries()].sort(([a], [b]) => a - b);
        const events = [
          settings, ...rows.map((row) => sampleEvent("pulses", row)), ...pressures.map(([at, kpa]) => sampleEvent("pressure", [at * 600, kpa])),
          ...pressures.filter((_, index) => index % 2 === 0).map(([at]) => sampleEvent("barometric_pressure", [at * 600 - 500, 95 + at / 100])),
          wordEvent({ variable: "pulses", atS: rows[said % rows.length]![0], verdict: said % 2 === 0 ? "ignore" : "reset" }),
        ];
        const inOrder = withoutLate(heldOf(events));
        const mixed = shuffled(events, picks);
        assert.deepEqual(withoutLate(heldOf(mixed, { cuts })), inOrder);
        const twice = shuffled([...mixed, ...mixed.filter((_, index) => index % 3 === 0)], [...picks].reverse());
        assert.deepEqual(withoutLate(heldOf(twice, { cuts })), inOrder);
      }),
    { numRuns: 200 },
  );
});

test("over a long series rows that come late within the window change nothing in the end", () => {
  fc.assert(
    fc.property(meter(60, 120), fc.array(fc.nat({ max: 1000 }), { minLength: 5, maxLength: 40 }), fc.array(fc.nat({ max: 120 }), { maxLength: 4 }), (rows, picks, cuts) => {
      const events = [settings, ...rows.map((row) => sampleEvent("pulses", row))];
      const inOrder = withoutLate(heldOf(events));
      assert.deepEqual(withoutLate(heldOf([settings, ...shuffled(events.slice(1), picks, 16)], { cuts })), inOrder);
    }),
    { numRuns: 60 },
  );
});

test("a state that keeps everything gives, from any order at all, what the window gives in order", () => {
  fc.assert(
    fc.property(meter(40, 120), fc.array(fc.nat({ max: 1000 }), { minLength: 5, maxLength: 40 }), (rows, picks) => {
      const events = [settings, ...rows.map((row) => sampleEvent("pulses", row))];
      assert.deepEqual(withoutLate(heldOf(shuffled(events, picks), { most: Infinity })), withoutLate(heldOf(events)));
    }),
    { numRuns: 40 },
  );
});

test("what is accepted adds up: the volume between two plain rows is what the counter counted", () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 400 }), { minLength: 2, maxLength: 200 }), fc.integer({ min: 1, max: 5000 }), (growths, factorL) => {
      const bench = new Bench({ pulseFactorL: factorL / 10, reconnectionS: 366 * 86_400 }, { variables: { pulses: { maxRatePerS: 1e6 } } });
      let count = 7;
      bench.rows("pulses", ...growths.map((growth, index): Row => [index * H, (count += growth)]));
      const volumes = bench.held.values("volume") as number[];
      assert.equal(volumes.at(-1), Number((BigInt(count) * BigInt(factorL)).toString() + "e-4"));
    }),
    { numRuns: 100 },
  );
});

test("what comes for a time that is no longer remembered is told alone, gives no volume, and is noted", () => {
  const bench = new Bench({ pulseFactorL: 100 }).rows("pulses", ...Array.from({ length: 60 }, (_, index): Row => [index * H, index]));
  assert.ok(Number.isNaN(bench.state.behindUs));
  bench.rows("pulses", [1.5 * H, 1]);
  assert.deepEqual(bench.held.of("pulses")[2], [1.5 * H, 1, 2, "late", "no-neighbour"].map((part) => (part === 2 ? 1 : part)));
  assert.equal(bench.held.of("volume").length, 60);
  assert.equal(bench.state.behindUs, 1_772_366_400_000_000 + 1.5 * H * 1e6);
});
