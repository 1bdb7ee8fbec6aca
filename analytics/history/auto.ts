import { bucketLengthUs, bucketResolutions, SECOND_US, type BucketResolution, type Span } from "../buckets/calendar.ts";

const TARGET = 1000;
/** More rows than this are never chosen while there is anything coarser. */
const MOST = 5000;

/**
 * The resolution that shows a span in about a thousand rows. Raw where that is no more than that, since it hides nothing. `periodS` is that
 * of the point's fastest variable, undefined while nobody knows.
 */
export function autoResolution({ fromUs, toUs }: Span, periodS: number | undefined): "raw" | BucketResolution {
  const lengthUs = Math.max(0, toUs - fromUs);
  const rawRows = periodS === undefined ? 0 : lengthUs / (periodS * SECOND_US);
  if (rawRows <= TARGET) return "raw";
  const candidates = [{ resolution: "raw" as const, rows: rawRows }, ...bucketResolutions.map((resolution) => ({ resolution, rows: lengthUs / bucketLengthUs[resolution] }))];
  const fitting = candidates.filter(({ rows }) => rows <= MOST);
  if (fitting.length === 0) return "1mo";
  return fitting.reduce((best, next) => (distance(next.rows) < distance(best.rows) ? next : best)).resolution;
}

function distance(rows: number): number {
  return Math.abs(Math.log(rows / TARGET));
}
