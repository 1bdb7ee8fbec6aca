import type { FactArrays, Words } from "@caudal/core";
import type { PointJob } from "./batch-jobs.ts";
import { HourFacts, type MergeCounts } from "./hour-facts.ts";
import { HOUR_US } from "./keys.ts";
import type { PointState } from "./point-state.ts";

export interface JobCounts extends MergeCounts {
  belowFloor: number;
}

/** What became the greatest revision in an hour: indexes of `facts`, in order. */
export interface HourWinners {
  readonly hour: number;
  readonly facts: FactArrays;
  readonly indexes: readonly number[];
}

export interface MergedJob {
  readonly counts: JobCounts;
  readonly winners: readonly HourWinners[];
  /** Variables whose newest fact was withdrawn, where there are any. */
  readonly unsettled: Set<number> | undefined;
}

/** Merges a job into the point; the hours that it goes to and that have a key must be known. */
export function mergeJob(point: PointState, job: PointJob, { words, retentionUs }: { readonly words: Words; readonly retentionUs: number }): MergedJob {
  const counts: JobCounts = { stored: 0, superseded: 0, duplicate: 0, belowFloor: 0 };
  const winners: HourWinners[] = [];
  let unsettled: Set<number> | undefined;
  const { facts } = job;
  point.begin(job.receivedAtUs - retentionUs);
  for (const { hour, indexes } of job.hours) {
    const above = hour * HOUR_US >= point.floorUs ? indexes : indexes.filter((index) => facts.instants[index]! >= point.floorUs);
    counts.belowFloor += indexes.length - above.length;
    if (above.length === 0) continue;
    let known = point.use(hour);
    if (known === undefined) point.known.set(hour, (known = new HourFacts(undefined, 0)));
    const won = known.merge(facts, above, counts);
    if (won.length === 0) continue;
    winners.push({ hour, facts, indexes: won });
    for (const index of won) if (point.note(facts, index, words.isWithdrawn(facts.reasons[index]!))) (unsettled ??= new Set()).add(facts.variables[index]!);
  }
  return { counts, winners, unsettled };
}
