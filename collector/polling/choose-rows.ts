import type { TimedSample } from "../providers/provider.ts";
import { sameValue } from "./same-value.ts";
import type { SeenRows } from "./seen-rows.ts";
import type { Mark, Marks } from "./watermarks.ts";

/** Rows of a page by what they are to us. Those of the first four are published. */
export interface ChosenRows {
  /** Past the watermark. */
  readonly forward: readonly TimedSample[];
  /** Another value at an instant that was published before. */
  readonly corrected: readonly TimedSample[];
  /** Before the watermark and not published by us, as far as memory goes back. */
  readonly late: readonly TimedSample[];
  /** Before the watermark, where nobody remembers whether it was published: it is again, and mapping drops what it knows. */
  readonly repeated: readonly TimedSample[];
  /** As accepted before: they are nothing new, and no sign of life. */
  readonly stale: number;
}

/** Tells the rows of a page apart. Twice the same (key, time) in one page: the later counts against the earlier. */
export function chooseRows(samples: readonly TimedSample[], { device, marks, seen }: { readonly device: string; readonly marks: Marks; readonly seen: SeenRows }): ChosenRows {
  const forward: TimedSample[] = [];
  const corrected: TimedSample[] = [];
  const late: TimedSample[] = [];
  const repeated: TimedSample[] = [];
  const inPage = new Map<string, Map<number, TimedSample["value"]>>();
  const covered = seen.isCovered(device);
  let stale = 0;
  for (const sample of samples) {
    let times = inPage.get(sample.key);
    if (times === undefined) inPage.set(sample.key, (times = new Map()));
    const known = times.has(sample.timeUs) ? sameOrChanged(times.get(sample.timeUs), sample) : seen.look(device, sample);
    times.set(sample.timeUs, sample.value);
    if (known === "same") stale += 1;
    else if (known === "changed") corrected.push(sample);
    else {
      const mark = marks.get(sample.key);
      if (mark === undefined || sample.timeUs > mark.timeUs) forward.push(sample);
      else if (sample.timeUs < mark.timeUs) (covered ? late : repeated).push(sample);
      else if (sameValue(mark.value, sample.value)) stale += 1;
      else corrected.push(sample);
    }
  }
  return { forward, corrected, late, repeated, stale };
}

/** The newest row of each key, not later than `untilUs`: a row from the future must not make all that follows look old. */
export function newestMarks(samples: readonly TimedSample[], untilUs: number): Map<string, Mark> {
  const newest = new Map<string, Mark>();
  for (const { key, timeUs, value } of samples) {
    if (timeUs > untilUs) continue;
    const before = newest.get(key);
    if (before === undefined || timeUs >= before.timeUs) newest.set(key, { timeUs, value });
  }
  return newest;
}

function sameOrChanged(value: TimedSample["value"] | undefined, sample: TimedSample): "same" | "changed" {
  return sameValue(value, sample.value) ? "same" : "changed";
}
