import { rebuiltMeasurements, systemScope, type PointKey, type SeriesTier } from "@caudal/core";

export interface CopyOptions {
  readonly from: SeriesTier;
  readonly to: SeriesTier;
  /** Instant from which facts are copied. */
  readonly sinceUs: number;
  /** Received time that makes the floor of a point begin at `sinceUs`. */
  readonly receivedAtUs: number;
  /** Waits, so that others have their turn, after work that took so many milliseconds. */
  readonly pace: (workedMs: number) => Promise<void>;
}

/** What stands in the place of the event that a copied fact came from, which no tier keeps. */
const ORIGIN = "refill";
/** Measurements of one write. */
const WRITE_MEASUREMENTS = 2000;

/**
 * Copies a point's facts with their revisions, withdrawn ones included: without those, a fact that was taken back could come again. The floor
 * goes first, so that the copy never claims what it does not hold. Gives the number of facts.
 */
export async function copyPoint(key: PointKey, { from, to, sinceUs, receivedAtUs, pace }: CopyOptions): Promise<number> {
  const floorUs = await from.floor(systemScope, key);
  if (floorUs === undefined) return 0;
  const fromUs = Math.max(floorUs, sinceUs);
  await to.raiseFloor(systemScope, key, fromUs);
  let facts = 0;
  for await (const block of from.read(systemScope, { ...key, fromUs, toUs: Infinity, includeWithdrawn: true })) {
    const measurements = rebuiltMeasurements(key, block, { origin: ORIGIN, receivedAtUs });
    for (let at = 0; at < measurements.length; at += WRITE_MEASUREMENTS) {
      const beganMs = performance.now();
      const result = await to.write(measurements.slice(at, at + WRITE_MEASUREMENTS));
      const [failed] = result.failed;
      if (failed !== undefined) throw failed.error;
      facts += result.stored + result.duplicate + result.superseded + result.belowFloor;
      await pace(performance.now() - beganMs);
    }
  }
  return facts;
}
