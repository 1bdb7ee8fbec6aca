import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { pointIdOf, type DirectoryEntry, type DirectoryFeed } from "@caudal/core";
import { residualOf, Tally } from "@caudal/runtime";
import type { Measurement, PointEvent, Reading } from "@caudal/schemas";
import fc from "fast-check";
import { judgeEvent } from "./judging/judge-event.ts";
import { PointState } from "./judging/point-state.ts";
import { DuplicateMemory } from "./mapping/duplicate-memory.ts";
import { mapReading } from "./mapping/map-reading.ts";
import { MappingChange } from "./mapping/mapping-change.ts";
import { Mapping } from "./mapping/mapping.ts";
import { needsWithdrawPhase, remapReading } from "./mapping/remap-reading.ts";

const S = 1_000_000;
const T0 = 1_772_366_400 * S;
const WELLS = 50;
const SAMPLES = 8;
const STEP_S = 300;
const KPA_PER_M = 9.80665;
const BARO = "baro";

const wells = Array.from({ length: WELLS }, (_, at) => `w-${at}`);
const pointOf = (device: string): string => pointIdOf("acme", device);
const entry = (device: string, key: string, variable: string, unit: string): DirectoryEntry => ({ key, channel: "", point: pointOf(device), variable, unit, guessed: false, validFromUs: null });
const feedOf = (well: string, validFromUs: number | null = null, validUntilUs: number | null = null): DirectoryFeed => ({ key: "aire", point: pointOf(well), variable: "barometric_pressure", validFromUs, validUntilUs });
const airEntries = [entry(BARO, "aire", "barometric_pressure", "hPa")];
const air = (version: number, feeds: readonly DirectoryFeed[]): Mapping => new Mapping(version, airEntries, feeds);

const airHpa = (step: number): number => 1000 + step * 3;
const probeKpa = (well: number, step: number): number => 150 + well + step / 10;

function reading(device: string, key: string, step: number, value: number): Reading {
  return {
    eventId: `${device}-${step}`, client: "acme", device, source: "s", transport: "t", origin: "o", observedAtUs: null, receivedAtUs: T0 + 3600 * S,
    samples: [{ key, value, unit: null, timeUs: T0 + step * STEP_S * S }], contentType: "", raw: Buffer.alloc(0), rawSha256: Buffer.alloc(32), labels: {},
  };
}

/** What the barometer and the loggers sent, in the order of time. */
const sent: readonly Reading[] = Array.from({ length: SAMPLES }, (_, step) => [reading(BARO, "aire", step, airHpa(step)), ...wells.map((well, at) => reading(well, "sonda", step, probeKpa(at, step)))]).flat();

/** Numbers that are the same for the same seed. */
function shuffled<T>(items: readonly T[], seed: number): T[] {
  let state = seed >>> 0;
  const next = (below: number): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
  const mixed = [...items, ...items.filter(() => next(10) === 0)];
  for (let at = mixed.length - 1; at > 0; at--) {
    const other = next(at + 1);
    [mixed[at], mixed[other]] = [mixed[other]!, mixed[at]!];
  }
  return mixed;
}

/** A change of the barometer's feeds once so many readings came. */
interface Change {
  readonly after: number;
  readonly feeds: readonly DirectoryFeed[];
}

/** Mapping and judging of the readings in this order; by point, variable and step the value that stands in the end. */
class Plant {
  readonly tally = new Tally();
  readonly facts = new Map<string, { readonly knownAtUs: number; readonly value: number | null }>();
  /** Samples handed over, by the device that they came from. */
  readonly handed = new Map<string, number>();
  readonly #states = new Map<string, PointState>();
  readonly #memories = new Map<string, DuplicateMemory>();
  readonly #past: { readonly reading: Reading; readonly offset: number }[] = [];
  #air: Mapping;

  constructor(feeds: readonly DirectoryFeed[]) {
    this.#air = air(1, feeds);
    for (const well of wells) this.#configure(well);
  }

  run(readings: readonly Reading[], changes: readonly Change[] = []): this {
    for (const [offset, one] of readings.entries()) {
      for (const change of changes) if (change.after === offset) this.#remap(change.feeds);
      this.#take(one, offset);
    }
    for (const change of changes) if (change.after >= readings.length) this.#remap(change.feeds);
    return this;
  }

  values(variable: string): Map<string, number | null> {
    return new Map([...this.facts].filter(([place, { value }]) => place.includes(` ${variable} `) && value !== null).map(([place, { value }]) => [place, value] as const).sort(([a], [b]) => (a < b ? -1 : 1)));
  }

  #configure(well: string): void {
    const values = { levelKind: "pressure", barometer: "point", sensorDepthM: 100, barometerWindowS: STEP_S };
    const body = JSON.stringify({ $settings: { periods: [{ validFromUs: null, values, changedAtUs: T0, changedBy: "Ana" }] } });
    this.#judge({ ...eventOf(well), kind: "configuration", body });
  }

  #take(one: Reading, offset: number): void {
    const memory = this.#memories.get(one.device) ?? new DuplicateMemory();
    this.#memories.set(one.device, memory);
    const mapping = one.device === BARO ? this.#air : new Mapping(1, [entry(one.device, "sonda", "pressure", "kPa")]);
    if (one.device === BARO) this.#past.push({ reading: one, offset });
    const events = mapReading({ reading: one, place: { partition: 0, offset } }, mapping, (key, timeUs, value) => memory.admit(key, timeUs, value, () => undefined), this.tally);
    assert.equal(new Set(events.map(({ eventId }) => eventId)).size, events.length, "as many outputs as ids");
    for (const event of events) this.#handOver(event);
  }

  #remap(feeds: readonly DirectoryFeed[]): void {
    const mapping = air(this.#air.version + 1, feeds);
    const inline = !needsWithdrawPhase(this.#air, mapping);
    const change = new MappingChange(this.#air, mapping);
    for (const phase of inline ? (["map"] as const) : (["withdraw", "map"] as const)) {
      const memory = new DuplicateMemory();
      for (const { reading: past, offset } of this.#past) {
        const progress = { mapping, changedAtUs: T0 + 7200 * S, startOffset: 1e9, phase, inline, nextOffset: 0 };
        const events = remapReading({ reading: past, place: { partition: 0, offset } }, change, progress, (key, timeUs, value) => memory.admit(key, timeUs, value, () => undefined));
        for (const event of events) this.#judge(event);
      }
    }
    this.#air = mapping;
  }

  #handOver(event: PointEvent): void {
    this.handed.set(event.device, (this.handed.get(event.device) ?? 0) + event.samples.length);
    this.#judge(event);
  }

  #judge(event: PointEvent): void {
    const state = this.#states.get(event.point) ?? new PointState("acme", event.point);
    this.#states.set(event.point, state);
    const outcome = judgeEvent(state, event);
    if (outcome.kind === "keep") outcome.value.measurements.forEach((measurement) => this.#keep(measurement));
  }

  #keep({ point, instantUs, knownAtUs, facts }: Measurement): void {
    for (const { variable, value, reasons } of facts) {
      const place = `${point} ${variable} ${(instantUs - T0) / S / STEP_S}`;
      const known = this.facts.get(place);
      assert.ok(known?.knownAtUs !== knownAtUs, "a fact has one revision an event");
      if (known === undefined || knownAtUs > known.knownAtUs) this.facts.set(place, { knownAtUs, value: reasons.includes("withdrawn") ? null : value });
    }
  }
}

function eventOf(well: string): PointEvent {
  return {
    eventId: `c-${well}`, client: "acme", point: pointOf(well), kind: "", device: well, channel: "", source: "", transport: "", observedAtUs: null, receivedAtUs: T0, causeId: "", causePartition: -1, causeOffset: -1,
    samples: [], withdrawn: [], body: null, labels: {},
  };
}

const all = wells.map((well) => feedOf(well));
const seed = fc.integer({ min: 0, max: 2 ** 31 });

describe("one barometer for fifty wells", () => {
  test("in whatever order the readings come, and come again, every well has the same levels: its pressure less the air's of that instant", () => {
    const levels = new Plant(all).run(sent).values("water_column");
    assert.equal(levels.size, WELLS * SAMPLES);
    for (const [at, well] of wells.entries()) {
      for (let step = 0; step < SAMPLES; step++) {
        const expected = (probeKpa(at, step) - airHpa(step) / 10) / KPA_PER_M;
        assert.ok(Math.abs((levels.get(`${pointOf(well)} water_column ${step}`) ?? NaN) - expected) < 1e-9, `${well} at ${step}`);
      }
    }
    fc.assert(fc.property(seed, (number) => {
      const plant = new Plant(all).run(shuffled(sent, number));
      assert.deepEqual(plant.values("water_column"), levels);
      assert.equal(plant.handed.get(BARO), SAMPLES * (WELLS + 1), "what the barometer's readings held, for its own point and each well");
      assert.equal(residualOf(plant.tally.body()), 0);
      assert.equal(plant.tally.body().fed, SAMPLES * WELLS);
    }), { numRuns: 25 });
  });

  test("a well that is added later, or whose barometer is, has the levels of the whole past", () => {
    const levels = new Plant(all).run(sent).values("water_column");
    fc.assert(fc.property(seed, fc.nat({ max: sent.length }), fc.nat({ max: sent.length }), (number, one, other) => {
      const changes = [{ after: Math.min(one, other), feeds: all.slice(0, WELLS / 2) }, { after: Math.max(one, other), feeds: all }];
      assert.deepEqual(new Plant([]).run(shuffled(sent, number), changes).values("water_column"), levels);
    }), { numRuns: 15 });
  });

  test("wells that are added, taken away and given periods while readings come have in the end what the last word gives", () => {
    const word = fc.record({ after: fc.nat({ max: sent.length }), wells: fc.array(fc.record({ well: fc.nat({ max: WELLS - 1 }), from: fc.option(fc.nat({ max: SAMPLES }), { nil: null }), until: fc.option(fc.nat({ max: SAMPLES }), { nil: null }) }), { maxLength: 12 }) });
    const feedsOf = (list: readonly { well: number; from: number | null; until: number | null }[]): DirectoryFeed[] => {
      const us = (step: number | null): number | null => (step === null ? null : T0 + step * STEP_S * S);
      return [...new Map(list.map((row) => [row.well, row])).values()].filter(({ from, until }) => (from ?? -1) < (until ?? Infinity)).map(({ well, from, until }) => feedOf(wells[well]!, us(from), us(until)));
    };
    fc.assert(fc.property(seed, fc.array(word, { minLength: 1, maxLength: 3 }), (number, words) => {
      const inOrder = words.toSorted((a, b) => a.after - b.after);
      const readings = shuffled(sent, number);
      const plant = new Plant([]).run(readings, inOrder.map(({ after, wells: list }) => ({ after: Math.min(after, readings.length), feeds: feedsOf(list) })));
      const last = new Plant(feedsOf(inOrder.at(-1)?.wells ?? [])).run(sent);
      assert.deepEqual(plant.values("barometric_pressure"), last.values("barometric_pressure"));
    }), { numRuns: 40 });
  });
});
