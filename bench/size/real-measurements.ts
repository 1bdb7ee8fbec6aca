import { systemScope, type SeriesTier } from "@caudal/core";
import type { Measurement } from "@caudal/schemas";
import { hold, replaySeries, type Held } from "../../regression/quality/replayed-series.ts";
import { carriedMeters } from "../../regression/quality/meters.ts";
import { meterSetUp } from "../../regression/quality/meter-replay.ts";

const CLIENT = "bench";
const BATCH = 1000;
const VALUES = 3;
const WEEK_US = 7 * 86_400_000_000;
const LEAST_DELAY_MS = 1000;
const DELAY_SPREAD_MS = 3000;

/** What the real meters give, each several times as points of their own. */
export interface RealMeasurements {
  readonly points: readonly string[];
  /** What the tiers are sent, revisions included. */
  readonly sent: number;
  /** Facts that hold in the end. */
  readonly facts: number;
  /** `facts` in measurements of three values. */
  readonly measurements: number;
  /** In the order of arrival, points in turn. */
  batches(): Generator<Measurement[]>;
  /** Reads all back and throws unless every fact is there as it was judged, and none more. */
  mustHold(tier: SeriesTier): Promise<void>;
}

interface MeterRun {
  readonly name: string;
  readonly measurements: readonly Measurement[];
  readonly facts: Held;
}

/**
 * The households' meters that the product carries, through the processor's own mapping, judging and totaliser: of each hourly reading its total, its volume and its average flow.
 * The files do not say when a row arrived: one to four seconds later by chance from one seed, to the millisecond, as the collector's clock tells it. Each copy is a point of its own some weeks apart.
 */
export function realMeasurements(copies: number): RealMeasurements {
  const meters = carriedMeters().map(({ key, rows }, index): MeterRun => {
    let state = index + 7;
    const chance = (): number => (state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0) / 2 ** 32;
    const measurements: Measurement[] = [];
    const facts: Held = new Map();
    const sent = rows.map(({ timeUs, text }) => ({ timeUs, values: { reading: text }, receivedAtUs: timeUs + 1000 * (LEAST_DELAY_MS + Math.floor(chance() * DELAY_SPREAD_MS)) }));
    replaySeries(sent, meterSetUp, (measurement) => {
      measurements.push(measurement);
      hold(facts, measurement);
    });
    return { name: key, measurements, facts };
  });
  const ordered = meters.flatMap(({ name, measurements }) => measurements.map((measurement) => ({ name, measurement }))).sort((a, b) => a.measurement.knownAtUs - b.measurement.knownAtUs);
  const facts = copies * meters.reduce((sum, { facts: held }) => sum + factsOf(held), 0);
  return {
    points: meters.flatMap(({ name }) => Array.from({ length: copies }, (_, copy) => pointOf(name, copy))),
    sent: copies * ordered.length, facts, measurements: facts / VALUES,
    *batches() {
      let batch: Measurement[] = [];
      for (const { name, measurement } of ordered) {
        for (let copy = 0; copy < copies; copy++) {
          batch.push(shifted(measurement, pointOf(name, copy), copy * WEEK_US));
          if (batch.length < BATCH) continue;
          yield batch;
          batch = [];
        }
      }
      if (batch.length > 0) yield batch;
    },
    async mustHold(tier) {
      for (const { name, facts: held } of meters) for (let copy = 0; copy < copies; copy++) await mustHoldPoint(tier, pointOf(name, copy), { held, shiftUs: copy * WEEK_US });
    },
  };
}

function pointOf(meter: string, copy: number): string {
  return `${meter}-${copy}`;
}

function shifted(measurement: Measurement, point: string, byUs: number): Measurement {
  const { instantUs, receivedAtUs, knownAtUs } = measurement;
  return { ...measurement, client: CLIENT, point, instantUs: instantUs + byUs, receivedAtUs: receivedAtUs + byUs, knownAtUs: knownAtUs + byUs };
}

function factsOf(held: Held): number {
  return [...held.values()].reduce((sum, facts) => sum + [...facts.values()].filter(({ reasons }) => !reasons.includes("withdrawn")).length, 0);
}

async function mustHoldPoint(tier: SeriesTier, point: string, { held, shiftUs }: { readonly held: Held; readonly shiftUs: number }): Promise<void> {
  let found = 0;
  for await (const { timesUs, columns } of tier.read(systemScope, { client: CLIENT, point, fromUs: -Infinity, toUs: Infinity })) {
    for (const { variable, values, flags } of columns) {
      const facts = held.get(variable);
      timesUs.forEach((timeUs, row) => {
        if (flags[row] === 0) return;
        const fact = facts?.get(timeUs - shiftUs);
        if (fact === undefined || fact.flag !== flags[row] || !Object.is(fact.value ?? Number.NaN, values[row])) throw new Error(`${tier.name} holds another ${variable} of ${point} at ${timeUs}`);
        found += 1;
      });
    }
  }
  const facts = factsOf(held);
  if (found !== facts) throw new Error(`${tier.name} holds ${found} facts of ${point}, and was sent ${facts}`);
}

/** Writes all of it; throws where a measurement was refused. */
export async function writeAll(tier: SeriesTier, real: RealMeasurements, inFlight = 4): Promise<void> {
  const batches = real.batches();
  const worker = async (): Promise<void> => {
    for (const batch of batches) {
      const { failed } = await tier.write(batch);
      if (failed[0] !== undefined) throw failed[0].error;
    }
  };
  await Promise.all(Array.from({ length: inFlight }, worker));
}
