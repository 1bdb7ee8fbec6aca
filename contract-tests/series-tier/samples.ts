import type { Fact, Measurement } from "@caudal/schemas";

/** 2026-03-01T00:00:00Z. */
export const DAY_START_US = Date.UTC(2026, 2, 1) * 1000;
export const MINUTE_US = 60_000_000;
export const HOUR_US = 60 * MINUTE_US;
export const DAY_US = 24 * HOUR_US;

export interface MeasurementSpec {
  readonly client: string;
  readonly point?: string;
  readonly instantUs: number;
  /** Values by variable. */
  readonly values?: Readonly<Record<string, number | null>>;
  readonly flag?: number;
  readonly reasons?: readonly string[];
  readonly authority?: number;
  /** The instant when absent. */
  readonly knownAtUs?: number;
  readonly receivedAtUs?: number;
  /** Instead of `values`. */
  readonly facts?: readonly Fact[];
}

export function measurement(spec: MeasurementSpec): Measurement {
  const { client, point = "point-1", instantUs, values = {}, flag = 1, reasons = [], authority = 0, knownAtUs = instantUs } = spec;
  const receivedAtUs = spec.receivedAtUs ?? instantUs;
  const facts = spec.facts ?? Object.entries(values).map(([variable, value]) => ({ variable, value, flag, reasons }));
  return {
    eventId: `${client}/${point}/${instantUs}/${knownAtUs}`, client, point, device: "device-1", channel: "", source: "suite", transport: "test", instantUs,
    observedAtUs: instantUs, receivedAtUs, authority, knownAtUs, causeId: "cause", facts, labels: {},
  };
}

/** Measurements every `stepUs` from `fromUs`, value counting up from 0. */
export function series(spec: { client: string; point?: string; fromUs: number; stepUs: number; count: number; variables?: readonly string[] }): Measurement[] {
  const { client, point = "point-1", fromUs, stepUs, count, variables = ["flow"] } = spec;
  return Array.from({ length: count }, (_, i) => measurement({
    client, point, instantUs: fromUs + i * stepUs, values: Object.fromEntries(variables.map((variable, v) => [variable, i + v / 10])),
  }));
}

/** Deterministic shuffle: a small linear congruence decides. */
export function shuffled<T>(items: readonly T[], seed = 1): T[] {
  const result = [...items];
  let state = seed;
  for (let i = result.length - 1; i > 0; i--) {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    const j = state % (i + 1);
    [result[i], result[j]] = [result[j]!, result[i]!];
  }
  return result;
}
