import type { Words } from "@caudal/core";
import type { Measurement } from "@caudal/schemas";
import { BatchDraft, type CountedMeasurement, type FactCounts } from "./batch-draft.ts";
import { textOf } from "./keys.ts";
import type { LaneState } from "./lane-state.ts";
import type { PointEntry } from "./log-entry.ts";

/** A batch that waits to be written to a lane. */
export interface WriteJob {
  readonly batch: readonly Measurement[];
  readonly facts: number;
  resolve(counts: FactCounts): void;
  reject(error: unknown): void;
}

/** Facts that one entry takes in of the writes that wait. */
const ENTRY_FACTS = 16_384;

/** Takes the writes that have waited longest, as many as go into one entry, or one that is larger. */
export function takeJobs(waiting: WriteJob[]): WriteJob[] {
  let facts = 0;
  const end = waiting.findIndex((job) => (facts += job.facts) > ENTRY_FACTS);
  return waiting.splice(0, end < 0 ? waiting.length : Math.max(end, 1));
}

/** Judges the batches one after the other against what the lane knows: what its log must say, and the counts of each batch. */
export async function draftJobs(
  jobs: readonly WriteJob[], state: LaneState, { words, retentionUs }: { readonly words: Words; readonly retentionUs: number },
): Promise<{ readonly entries: readonly PointEntry[]; readonly value: readonly FactCounts[] }> {
  const counts = jobs.map((): FactCounts => ({ stored: 0, superseded: 0, duplicate: 0, belowFloor: 0 }));
  const byPoint = new Map<string, CountedMeasurement[]>();
  jobs.forEach(({ batch }, i) => {
    for (const measurement of batch) {
      const text = textOf(measurement);
      const counted = { measurement, counts: counts[i]! };
      const some = byPoint.get(text);
      if (some === undefined) byPoint.set(text, [counted]);
      else some.push(counted);
    }
  });
  await state.know(byPoint.keys());
  const draft = new BatchDraft({ words, retentionUs, places: state.places });
  const entries: PointEntry[] = [];
  for (const [text, batch] of byPoint) {
    const entry = await draft.judge(text, state.point(text)!, batch);
    if (entry !== undefined) entries.push(entry);
  }
  return { entries, value: counts };
}
