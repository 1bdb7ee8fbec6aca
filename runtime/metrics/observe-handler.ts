import { REPLAY_HEADER, type PartitionHandler, type RecordBatch } from "@caudal/core";
import type { Metrics } from "./metrics.ts";

/** The same handler, with its batches timed and its records counted once they are done. */
export function observeHandler(handler: PartitionHandler, group: string, metrics: Metrics): PartitionHandler {
  const records = metrics.counter("caudal_consumed_records_total");
  const replays = metrics.counter("caudal_replay_for_other_total");
  const seconds = metrics.histogram("caudal_batch_seconds");
  return {
    ...(handler.assigned === undefined ? {} : { assigned: (assignment) => handler.assigned?.(assignment) ?? Promise.resolve(undefined) }),
    handle: async (batch, assignment) => {
      const beganMs = performance.now();
      await handler.handle(batch, assignment);
      seconds.observe({ group }, (performance.now() - beganMs) / 1000);
      records.inc({ group }, batch.records.length);
      replays.inc({ group }, replaysForOthers(batch, group));
    },
    ...(handler.revoked === undefined ? {} : { revoked: (assignment, lost) => handler.revoked?.(assignment, lost) ?? Promise.resolve() }),
  };
}

function replaysForOthers(batch: RecordBatch, group: string): number {
  let count = 0;
  for (const { headers } of batch.records) {
    const replayFor = headers[REPLAY_HEADER];
    if (replayFor !== undefined && replayFor !== group) count++;
  }
  return count;
}
