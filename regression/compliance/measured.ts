import type { RangeQuery, RowBlock, Scope } from "@caudal/core";
import type { Measurement } from "@caudal/schemas";
import type { SlotSeries } from "../../compliance/selection/fact-windows.ts";
import { unit } from "../../sandbox/seed/hash.ts";

const MINUTE_US = 60_000_000;
const HOUR_US = 60 * MINUTE_US;
const DAY_US = 24 * HOUR_US;
/** Outages of data are drawn a point and so many days. */
const SPELL_US = 5 * DAY_US;
/** A measurement is known so long after its instant, where nothing kept it. */
const USUAL_US = 20_000_000;
const CORRECTED = 0.02;
const BEYOND_RIGHT = 0.012;
/** What a correction adds to a flow, in L/s. */
const CORRECTION = 1.25;

/** A span in which a point's measurements stayed away; those that came later are known from `toUs` on, others never. */
interface Outage {
  readonly fromUs: number;
  readonly toUs: number;
  readonly isRecovered: boolean;
}

/** Outages of a point that touch an instant's spell of days; undefined where none does. */
function outageAt(seed: string, point: string, instantUs: number): Outage | undefined {
  const spell = Math.floor(instantUs / SPELL_US);
  const name = `${seed}/outage/${point}`;
  if (unit(name, spell) >= 0.15) return undefined;
  const fromUs = spell * SPELL_US + Math.floor(unit(`${name}/from`, spell) * 3 * DAY_US);
  const toUs = fromUs + HOUR_US + Math.floor(unit(`${name}/long`, spell) * 40 * HOUR_US);
  return instantUs >= fromUs && instantUs < toUs ? { fromUs, toUs, isRecovered: unit(`${name}/late`, spell) < 0.6 } : undefined;
}

/** What is known of a measurement from a time on. */
export interface Known {
  readonly atUs: number;
  readonly knownUs: number;
  readonly hour: number;
  /** True when it takes the place of what was known before, with another flow. */
  readonly isCorrection: boolean;
}

/** What became known of a point's measurement of an hour, first to last: nothing where it was lost, twice where it was corrected. */
export function knownOf(seed: string, point: string, hour: number): readonly Known[] {
  const atUs = hour * HOUR_US + Math.round((unit(`${seed}/at/${point}`, hour) * 4 - 2) * MINUTE_US);
  const outage = outageAt(seed, point, atUs);
  if (outage?.isRecovered === false) return [];
  const first = { atUs, knownUs: Math.max(outage?.toUs ?? 0, atUs + USUAL_US), hour, isCorrection: false };
  if (unit(`${seed}/corrected/${point}`, hour) >= CORRECTED) return [first];
  return [first, { ...first, knownUs: first.knownUs + 2 * HOUR_US + Math.floor(unit(`${seed}/corrected-after/${point}`, hour) * 48) * HOUR_US, isCorrection: true }];
}

export function valueOf(seed: string, point: string, variable: string, { hour, isCorrection }: Known): number {
  const draw = unit(`${seed}/${point}/${variable}`, hour);
  if (variable === "total") return (hour % 1_000_000) * 60 + Math.round(draw * 20);
  if (variable === "flow") return (draw < BEYOND_RIGHT ? 80 : 5 + Math.round(draw * 20_000) / 1000) + (isCorrection ? CORRECTION : 0);
  return 2 + Math.round(draw * 8000) / 1000;
}

export function isLate({ atUs, knownUs }: Known): boolean {
  return knownUs > atUs + USUAL_US;
}

export interface MeasuredPoint {
  readonly client: string;
  readonly point: string;
  readonly variables: readonly string[];
}

/** As the topic and the tiers have it. */
export function measurementOf(seed: string, { client, point, variables }: MeasuredPoint, known: Known): Measurement {
  const { atUs, knownUs } = known;
  return {
    eventId: `${point}/${atUs}/${knownUs}`, client, point, device: point, channel: "", source: "year", transport: "mqtt", instantUs: atUs, observedAtUs: atUs, receivedAtUs: knownUs, authority: 0, knownAtUs: knownUs,
    causeId: "", labels: {}, facts: variables.map((variable) => ({ variable, value: valueOf(seed, point, variable, known), flag: 1, reasons: [] })),
  };
}

/** Made-up measurements of any point: one about each full hour, on a minute of its own; a few flows lie far beyond any right, a few are corrected later. Nothing is shown before it is known. */
export function measuredSeries(seed: string, nowUs: () => number): SlotSeries {
  return {
    async *read(_scope: Scope, { point, fromUs, toUs, variables = [] }: RangeQuery): AsyncGenerator<RowBlock> {
      const rows: Known[] = [];
      for (let hour = Math.floor(fromUs / HOUR_US); hour * HOUR_US < toUs + 3 * MINUTE_US; hour++) {
        const known = knownOf(seed, point, hour).findLast(({ knownUs }) => knownUs <= nowUs());
        if (known !== undefined && known.atUs >= fromUs && known.atUs < toUs) rows.push(known);
      }
      if (rows.length === 0) return;
      yield {
        rows: rows.length, timesUs: Float64Array.from(rows, ({ atUs }) => atUs),
        columns: variables.map((variable) => ({
          variable, values: Float64Array.from(rows, (known) => valueOf(seed, point, variable, known)), flags: new Uint8Array(rows.length).fill(1), reasons: new Map(),
          authorities: new Uint8Array(rows.length), knownAtUs: Float64Array.from(rows, ({ knownUs }) => knownUs),
        })),
      };
    },
  };
}
