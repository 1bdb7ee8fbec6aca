import { SECOND_US, type Span } from "../buckets/calendar.ts";

const L_PER_M3 = 1000;

/** Values of a rate in L/s at their instants, in time order. */
export interface FlowSamples {
  readonly timesUs: readonly number[];
  readonly lps: readonly number[];
}

export interface FlowIntegral {
  readonly m3: number;
  /** Microseconds of the span over which a flow is known. */
  readonly knownUs: number;
}

/**
 * What flowed in a span: the area under straight lines between neighbouring samples, cut at the span's ends. An instant value says nothing of the time after it
 * more than of the time before it, so neither is held; on a ramp a held value is always late. No line is drawn over more than `longestUs`: that time is unknown.
 */
export function integrateFlow({ timesUs, lps }: FlowSamples, { fromUs, toUs }: Span, longestUs: number): FlowIntegral {
  let litres = 0;
  let lost = 0;
  let knownUs = 0;
  for (let i = firstFrom(timesUs, fromUs); i < timesUs.length; i++) {
    const startUs = timesUs[i - 1];
    const endUs = timesUs[i]!;
    if (startUs === undefined) continue;
    if (startUs >= toUs) break;
    const lengthUs = endUs - startUs;
    if (lengthUs > longestUs) continue;
    const leftUs = Math.max(startUs, fromUs);
    const rightUs = Math.min(endUs, toUs);
    if (rightUs <= leftUs) continue;
    const first = lps[i - 1]!;
    const slope = (lps[i]! - first) / lengthUs;
    const part = (first + slope * ((leftUs - startUs + rightUs - startUs) / 2)) * ((rightUs - leftUs) / SECOND_US);
    const sum = litres + part;
    lost += Math.abs(litres) >= Math.abs(part) ? litres - sum + part : part - sum + litres;
    litres = sum;
    knownUs += rightUs - leftUs;
  }
  return { m3: (litres + lost) / L_PER_M3, knownUs };
}

/** Index of the first instant that is not before `fromUs`. */
export function firstFrom(timesUs: readonly number[], fromUs: number): number {
  let low = 0;
  let high = timesUs.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (timesUs[middle]! < fromUs) low = middle + 1;
    else high = middle;
  }
  return low;
}
