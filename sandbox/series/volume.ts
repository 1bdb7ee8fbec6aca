import { unit } from "../seed/hash.ts";
import type { DeviceKind } from "../fleet/device.ts";

const DAY_MS = 86_400_000;
const SLOTS = 288;
/** Counters count from here. */
const BEGINS_MS = Date.UTC(2015, 0, 1);

/** Shares of a day's volume by hour, in UTC. */
const hourly: Readonly<Record<DeviceKind, readonly number[]>> = {
  household: [3, 2, 1, 1, 1, 1, 1, 1, 2, 4, 8, 9, 7, 5, 4, 5, 6, 5, 4, 4, 6, 8, 7, 5],
  well: [4, 4, 4, 3, 3, 3, 3, 3, 3, 3, 4, 5, 5, 5, 5, 5, 5, 5, 5, 5, 4, 4, 4, 4],
  channel: [4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 5, 5, 5, 5, 5, 4, 4, 4, 4, 4, 4, 4],
};
const cumulative = Object.fromEntries(Object.entries(hourly).map(([kind, weights]) => [kind, sums(weights)])) as Record<DeviceKind, readonly number[]>;

function sums(weights: readonly number[]): readonly number[] {
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  let sum = 0;
  return [0, ...weights.map((weight) => (sum += weight) / total)];
}

/** Litres a device lets through on an average day. */
export function litresPerDay(seed: string, device: string, kind: DeviceKind): number {
  const chance = unit(`${seed}/${device}/size`);
  if (kind === "household") return 300 + 900 * chance;
  return kind === "well" ? 86_400 * (2 + 10 * chance) : 86_400 * (50 + 300 * chance);
}

/**
 * Litres since the beginning of 2015, at an instant: never falling, different each day and each five minutes, and found without walking there.
 * Day d begins at (d + w(d)) average days, with w in [0, 0.6), so that no day is empty; the five minutes within a day likewise.
 */
export function volumeL(of: { readonly seed: string; readonly device: string; readonly kind: DeviceKind }, atMs: number): number {
  const { seed, device, kind } = of;
  const day = Math.floor((atMs - BEGINS_MS) / DAY_MS);
  const days = `${seed}/${device}/days`;
  const [begin, end] = [day + 0.6 * unit(days, day), day + 1 + 0.6 * unit(days, day + 1)];
  return litresPerDay(seed, device, kind) * (begin + (end - begin) * dayShare(of, day, (atMs - BEGINS_MS) / DAY_MS - day));
}

function dayShare({ seed, device, kind }: { readonly seed: string; readonly device: string; readonly kind: DeviceKind }, day: number, share: number): number {
  const position = share * SLOTS;
  const slot = Math.min(SLOTS - 1, Math.floor(position));
  const slots = `${seed}/${device}/slots`;
  const edge = (at: number): number => (at <= 0 ? 0 : at >= SLOTS ? SLOTS : at + 0.7 * unit(slots, day, at));
  const warped = edge(slot) + (position - slot) * (edge(slot + 1) - edge(slot));
  const hours = (warped / SLOTS) * 24;
  const hour = Math.min(23, Math.floor(hours));
  const [from = 0, to = 1] = [cumulative[kind][hour], cumulative[kind][hour + 1]];
  return from + (hours - hour) * (to - from);
}
