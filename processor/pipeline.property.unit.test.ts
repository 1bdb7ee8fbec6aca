import assert from "node:assert/strict";
import { test } from "node:test";
import { guessVariable, pointIdOf, type DirectoryEntry } from "@caudal/core";
import { Codec, type Measurement, type Reading, type RecordName, type RecordOf } from "@caudal/schemas";
import fc from "fast-check";
import { judgeEvent } from "./judging/judge-event.ts";
import { PointState } from "./judging/point-state.ts";
import { DeviceState } from "./mapping/device-state.ts";
import { mapReading } from "./mapping/map-reading.ts";
import { Mapping } from "./mapping/mapping.ts";
import { residualOf, Tally } from "@caudal/runtime";

const S = 1_000_000;
const ids = new Map<string, number>();
const codec = await Codec.open({ idFor: async (subject) => ids.set(subject, ids.size + 1).size, schemaById: async () => undefined });

/** Those of this process who come next are handed the object, and after a restart what its bytes say. */
function assertSaysItself<N extends RecordName>(name: N, value: RecordOf[N]): void {
  const decoded = codec.decode(name, codec.encode(name, value));
  assert.ok(decoded.ok);
  assert.deepEqual(structuredClone({ ...decoded.value }), structuredClone({ ...value }));
}

const T0 = 1_772_366_400 * S;
const keyNames = ["caudal", "total_l", "nivel", "wind"] as const;
const entries: DirectoryEntry[] = keyNames.map((key) => ({ key, channel: "", point: pointIdOf("acme", "w"), ...guessVariable(key), guessed: true, validFromUs: null }));

/** What a device measured: at most one value of a key at a time. */
const measured = fc.uniqueArray(
  fc.record({ key: fc.constantFrom(...keyNames), atS: fc.integer({ min: 0, max: 12 }).map((n) => n * 60), value: fc.constantFrom<number | string>(0, 1.5, "2.25", 40, -3, -999, "off") }),
  { selector: ({ key, atS }) => `${key} ${atS}`, minLength: 1, maxLength: 24 },
);
/** How it was sent: which samples together in one reading, in what order, and which readings came again. */
const sending = fc.record({ groups: fc.array(fc.nat({ max: 3 }), { minLength: 24, maxLength: 24 }), order: fc.array(fc.nat(), { minLength: 24, maxLength: 24 }), again: fc.array(fc.tuple(fc.nat(), fc.nat()), { maxLength: 12 }) });

type Measured = { readonly key: string; readonly atS: number; readonly value: number | string };

function readingsOf(samples: readonly Measured[], { groups, order, again }: { groups: number[]; order: number[]; again: [number, number][] }): Reading[] {
  const parts = new Map<string, Measured[]>();
  for (const [at, sample] of samples.entries()) {
    const name = groups[at] === 0 ? `alone-${at}` : `together-${groups[at]}`;
    parts.set(name, [...(parts.get(name) ?? []), sample]);
  }
  const readings = [...parts].map(([name, part]): Reading => ({
    eventId: name, client: "acme", device: "w", source: "s", transport: "t", origin: "o", observedAtUs: null, receivedAtUs: T0 + 3600 * S,
    samples: part.map(({ key, atS, value }) => ({ key, value, unit: null, timeUs: T0 + atS * S })), contentType: "", raw: Buffer.alloc(0), rawSha256: Buffer.alloc(32), labels: {},
  }));
  for (let at = readings.length - 1; at > 0; at--) {
    const other = (order[at] ?? 0) % (at + 1);
    [readings[at], readings[other]] = [readings[other]!, readings[at]!];
  }
  for (const [what, where] of again) readings.splice(where % (readings.length + 1), 0, readings[what % readings.length]!);
  return readings;
}

/** Mapping and judging of the readings, in this order; every sample must be counted by what became of it. */
function factsAfter(readings: readonly Reading[]): Map<string, string> {
  const device = new DeviceState({ id: "acme/w", client: "acme", device: "w", partition: 0 }, new Mapping(1, entries));
  const points = new Map<string, PointState>();
  const best = new Map<string, { knownAtUs: number; text: string }>();
  const tally = new Tally();
  const take = (measurement: Measurement): void => {
    assertSaysItself("Measurement", measurement);
    const { instantUs, knownAtUs, facts } = measurement;
    for (const { variable, value, flag, reasons } of facts) {
      const known = best.get(`${variable} ${instantUs}`);
      assert.ok(known === undefined || known.knownAtUs !== knownAtUs, "a fact has one revision an event");
      if (known === undefined || knownAtUs > known.knownAtUs) best.set(`${variable} ${instantUs}`, { knownAtUs, text: JSON.stringify([value, flag, reasons]) });
    }
  };
  for (const [offset, reading] of readings.entries()) {
    const admit = (key: string, timeUs: number, value: number): boolean => device.memory.admit(key, timeUs, value, () => undefined);
    for (const event of mapReading({ reading, place: { partition: 0, offset } }, device.mapping, admit, tally)) {
      assertSaysItself("PointEvent", event);
      const state = points.get(event.point) ?? new PointState("acme", event.point);
      points.set(event.point, state);
      const outcome = judgeEvent(state, event);
      if (outcome.kind === "keep") outcome.value.measurements.forEach(take);
    }
  }
  assert.equal(residualOf(tally.body()), 0);
  return new Map([...best].map(([key, { text }]) => [key, text] as const).sort(([a], [b]) => (a < b ? -1 : 1)));
}

test("however the same measurements are grouped, ordered, repeated and delivered again, the final facts are the same", () => {
  fc.assert(
    fc.property(measured, sending, sending, (samples, one, other) => {
      const facts = factsAfter(readingsOf(samples, one));
      assert.deepEqual(factsAfter(readingsOf(samples, other)), facts);
      assert.equal(facts.size, samples.filter(({ value }) => value !== "off").length);
    }),
    { numRuns: 400 },
  );
});
