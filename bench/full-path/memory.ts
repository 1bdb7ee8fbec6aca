import type { BenchContext } from "../harness/benchmark.ts";
import { median } from "../harness/statistics.ts";
import type { ResidentSample } from "../promise/cpu-watch.ts";

const MB_PER_MIB = 1.048576;
/** Less than this says nothing of growth: the heap breathes. */
const JUDGED_FROM_S = 300;
/** Of memory a reading, above which something is taken to be kept of each: the least that JavaScript keeps, a pointer, takes 8. */
const BYTES_A_READING = 2;

export interface MemoryRun {
  readonly of: string;
  readonly resident: readonly ResidentSample[];
  /** From the first publish to the last. */
  readonly seconds: number;
  readonly readingsPerS: number;
  readonly mostMb: number;
}

/** MB an hour over the second half of some samples: the median slope of all pairs, which no single collection of garbage moves. */
export function growthMbPerH(samples: readonly ResidentSample[]): number {
  const half = samples.slice(Math.floor(samples.length / 2));
  const slopes = half.flatMap((from, index) => half.slice(index + 1).map((to) => ((to.mib - from.mib) * MB_PER_MIB * 3_600_000) / (to.atMs - from.atMs)));
  return median(slopes);
}

/** Tells the most memory that a run took, and how it grew. */
export function tellMemory(context: BenchContext, { of, resident, seconds, readingsPerS, mostMb }: MemoryRun): void {
  const most = Math.max(...resident.map(({ mib }) => mib)) * MB_PER_MIB;
  context.figure({ name: `${of}: resident memory at most`, value: most, unit: "MB", atMost: mostMb });
  const firstMs = resident[0]?.atMs ?? 0;
  const played = resident.filter(({ atMs }) => atMs - firstMs <= seconds * 1000);
  const isJudged = seconds >= JUDGED_FROM_S;
  const mostPerH = (BYTES_A_READING * readingsPerS * 3600) / 1e6;
  context.figure({ name: `${of}: growth of resident memory over the second half`, value: growthMbPerH(played), unit: "MB/h", ...(isJudged ? { atMost: mostPerH } : {}) });
  context.note(`Memory at ${of}: looked at every second while ${Math.round(readingsPerS).toLocaleString("en")} readings/s were acknowledged for ${Math.round(seconds)} s and until all were through. `
    + `Growth is the median slope of all pairs of the second half's seconds. ${isJudged
      ? `Its limit is ${BYTES_A_READING} bytes a reading: a pointer kept of each would be 8, and below 2 the heap's breathing of some MB in five minutes hides everything.`
      : `It is not judged: a run of less than ${JUDGED_FROM_S} s shows the heap's breathing alone.`}`);
}
