import { pointIdOf, type StatedDevice } from "@caudal/core";
import { AT_ONCE, type DevicePlan } from "./plan.ts";

/** A request's body takes at most a mebibyte. */
const MOST_BYTES = 600_000;

/** Points that a configuration makes or changes. */
export function ownPoints({ client, device, points }: StatedDevice): string[] {
  return points.map(({ channel = "" }) => pointIdOf(client, device, channel));
}

/** Points of other devices that its keys feed. */
export function namedPoints({ keys, feeds = [] }: StatedDevice): string[] {
  return [...keys.flatMap(({ point }) => (point === undefined ? [] : [point])), ...feeds.map(({ point }) => point)];
}

/** Plans in an order in which points are there before another device's keys feed them, as many as one request takes. */
export function batchesOf(plans: readonly DevicePlan[]): DevicePlan[][] {
  const last = (plan: DevicePlan): number => (namedPoints(plan.stated).length > 0 ? 1 : 0);
  const batches: DevicePlan[][] = [];
  let bytes = Infinity;
  for (const plan of [...plans].sort((a, b) => last(a) - last(b))) {
    const own = Buffer.byteLength(JSON.stringify(plan.stated)) + Buffer.byteLength(JSON.stringify(namedPoints(plan.stated)));
    const batch = batches.at(-1);
    if (batch === undefined || batch.length >= AT_ONCE || bytes + own > MOST_BYTES) {
      batches.push([plan]);
      bytes = own;
    } else {
      batch.push(plan);
      bytes += own;
    }
  }
  return batches;
}
