import type { Fact, Measurement } from "@caudal/schemas";

export const POINTS = 1000;
export const CLIENT = "bench";
/** 1,000 points at 100,000 readings an hour. */
export const STEP_US = 36_000_000;
export const START_US = Date.UTC(2026, 2, 1) * 1000;

const HOUR_MS = 3_600_000;

/** Instants of points lie apart, and so do the moments at which they became known. */
export function instantUs(point: number, step: number): number {
  return START_US + step * STEP_US + (point % 997) * 1000;
}

export function knownAtUs(point: number, step: number): number {
  return instantUs(point, step) + 250_000 + (hash(step, point) % 500_000);
}

/** Flow in l/s, total in m3, level in m, with as many decimals as meters give. */
export function values(point: number, step: number): readonly [number, number, number] {
  const noise = (hash(point, step) % 1000) / 5000;
  return [
    round(5 + 2 * Math.sin(step / 40 + point) + noise, 3), round(1000 * point + step * 0.37 + noise, 2), round(12 + Math.cos(step / 90 + point) + noise, 3),
  ];
}

export function measurement(point: number, step: number): Measurement {
  const [flow, total, level] = values(point, step);
  const at = instantUs(point, step);
  return {
    eventId: `${point}/${step}`, client: CLIENT, point: pointName(point), device: "device", channel: "", source: "bench", transport: "bench", instantUs: at, observedAtUs: at,
    receivedAtUs: knownAtUs(point, step), authority: 0, knownAtUs: knownAtUs(point, step), causeId: "", labels: {}, facts: [fact("flow", flow), fact("total", total), fact("level", level)],
  };
}

export function pointName(point: number): string {
  return `point-${point}`;
}

/** One reading of every point: mostly new, in order. */
export function liveBatch(step: number): Measurement[] {
  return Array.from({ length: POINTS }, (_, point) => measurement(point, step));
}

/** A long run of one point, as a logger sends after it was away. */
export function backfillBatch(point: number, firstStep: number, size: number): Measurement[] {
  return Array.from({ length: size }, (_, i) => measurement(point, firstStep + i));
}

/** Far more than the benchmarks write. */
export const RETENTION_MS = 10_000 * 24 * HOUR_MS;

function fact(variable: string, value: number): Fact {
  return { variable, value, flag: 1, reasons: [] };
}

/** The same for the same, and without a pattern that packing could find. */
function hash(a: number, b: number): number {
  let mixed = Math.imul(a + 0x9e3779b9, 0x85ebca6b) ^ Math.imul(b + 0x7f4a7c15, 0xc2b2ae35);
  mixed = Math.imul(mixed ^ (mixed >>> 15), 0x2c1b3c6d);
  return (mixed ^ (mixed >>> 13)) >>> 0;
}

function round(value: number, decimals: number): number {
  return Number(value.toFixed(decimals));
}
