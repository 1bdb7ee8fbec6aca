import type { Assignment, EventLog, PartitionHandler } from "@caudal/core";
import type { Findings } from "./findings.ts";
import { countGap, gapsOf } from "./holes.ts";

export interface WatchOffsetsOptions {
  readonly log: EventLog;
  readonly group: string;
  readonly findings: Findings;
}

/** The same handler, with the offsets of its batches held against the log: a record that stands there and was not delivered is reported. */
export function watchOffsets(handler: PartitionHandler, { log, group, findings }: WatchOffsetsOptions): PartitionHandler {
  /** By partition and generation: a former owner may still be at work. */
  const expected = new Map<string, number>();
  const placeOf = ({ partition, generation }: Assignment): string => `${partition}.${generation}`;
  return {
    assigned: async (assignment) => {
      const start = await handler.assigned?.(assignment);
      if (start !== undefined) expected.set(placeOf(assignment), start);
      return start;
    },
    handle: async (batch, assignment) => {
      const { topic, partition, nextOffset } = batch;
      for (const gap of gapsOf(batch, expected.get(placeOf(assignment)) ?? batch.records[0]?.offset ?? nextOffset)) {
        const { skipped } = await countGap(log, topic, partition, gap);
        if (skipped > 0) await findings.report({ check: "offsets", group, topic, partition, fromOffset: gap.from, toOffset: gap.to, missing: skipped, detail: `${skipped} records stand in the log and were not delivered` });
      }
      await handler.handle(batch, assignment);
      if (!assignment.signal.aborted) expected.set(placeOf(assignment), nextOffset);
    },
    revoked: async (assignment, lost) => {
      expected.delete(placeOf(assignment));
      await handler.revoked?.(assignment, lost);
    },
  };
}
