import assert from "node:assert/strict";
import { test } from "node:test";
import type { Measurement, PointEvent } from "@caudal/schemas";
import fc from "fast-check";
import { judgeEvent } from "./judge-event.ts";
import { pointForm } from "./point-form.ts";
import { PointState } from "./point-state.ts";

const S = 1_000_000;
const T0 = 1_772_366_400 * S;

const variables = ["flow", "total", "level", "wind"] as const;
const sample = fc.record({ variable: fc.constantFrom(...variables), atS: fc.integer({ min: 0, max: 20 }).map((n) => n * 47), value: fc.constantFrom(-1, 0, 1, 1.5, 2, 30, 500, null) });

/** At most one value a (variable, time), few enough that every neighbour is in the window. */
const series = fc.uniqueArray(sample, { selector: ({ variable, atS }) => `${variable} ${atS}`, minLength: 1, maxLength: 20 });

function eventOf({ variable, atS, value }: { variable: string; atS: number; value: number | null }, offset: number): PointEvent {
  return {
    eventId: `e-${variable}-${atS}`, client: "acme", point: "p", kind: "samples", device: "d", channel: "", source: "s", transport: "t", observedAtUs: null,
    receivedAtUs: T0 + 5000 * S, causeId: "", causePartition: 0, causeOffset: offset,
    samples: [{ variable, key: variable, value, timeUs: T0 + atS * S, timeFrom: "source", reasons: value === null ? ["sentinel"] : [] }], withdrawn: [], body: null, labels: {},
  };
}

/** What a tier holds at the end: of each fact the greatest revision. */
function held(measurements: readonly Measurement[]): Map<string, string> {
  const best = new Map<string, { knownAtUs: number; text: string }>();
  for (const { instantUs, knownAtUs, facts } of measurements) {
    for (const { variable, value, flag, reasons } of facts) {
      const key = `${variable} ${instantUs}`;
      const known = best.get(key);
      if (known === undefined || knownAtUs >= known.knownAtUs) best.set(key, { knownAtUs, text: JSON.stringify([value, flag, reasons]) });
    }
  }
  return new Map([...best].map(([key, { text }]) => [key, text] as const).sort());
}

function run(events: readonly PointEvent[], state = new PointState("acme", "p")): Measurement[] {
  return events.flatMap((event) => {
    const outcome = judgeEvent(state, event);
    return outcome.kind === "keep" ? outcome.value.measurements : [];
  });
}

test("any order of the same samples ends in the same facts", () => {
  fc.assert(
    fc.property(series, fc.array(fc.nat()), (samples, picks) => {
      const shuffled = [...samples];
      for (let at = shuffled.length - 1; at > 0; at--) {
        const other = (picks[at] ?? 0) % (at + 1);
        [shuffled[at], shuffled[other]] = [shuffled[other]!, shuffled[at]!];
      }
      const inOrder = [...samples].sort((a, b) => a.atS - b.atS);
      assert.deepEqual(held(run(shuffled.map(eventOf))), held(run(inOrder.map(eventOf))));
    }),
    { numRuns: 300 },
  );
});

test("events published again, in any place, change nothing", () => {
  fc.assert(
    fc.property(series, fc.array(fc.tuple(fc.nat(), fc.nat()), { maxLength: 20 }), (samples, again) => {
      const events = samples.map(eventOf);
      const once = run(events);
      const repeated = [...events];
      for (const [what, later] of again) {
        const from = repeated.indexOf(events[what % events.length]!);
        repeated.splice(from + 1 + (later % (repeated.length - from)), 0, events[what % events.length]!);
      }
      assert.deepEqual(run(repeated), once);
    }),
    { numRuns: 300 },
  );
});

test("going on from any snapshot gives the same measurements with the same revisions", () => {
  fc.assert(
    fc.property(series, fc.nat(), (samples, cut) => {
      const events = samples.map(eventOf);
      const at = cut % (events.length + 1);
      const whole = run(events);
      const state = new PointState("acme", "p");
      const before = run(events.slice(0, at), state);
      const { id, body, blob } = pointForm.toDocument(state);
      const back = pointForm.fromDocument({ id, version: 1, body: JSON.parse(JSON.stringify(body)) as typeof body, ...(blob === undefined ? {} : { blob }) });
      assert.deepEqual([...before, ...run(events.slice(at), back)], whole);
    }),
    { numRuns: 300 },
  );
});
