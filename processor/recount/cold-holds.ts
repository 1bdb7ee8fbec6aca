import { groups, partitionOf, topics, type EventLog } from "@caudal/core";
import { systemSleep } from "@caudal/runtime";

const LOOK_EVERY_MS = 50;

/** Resolves when cold holds all that judging has published of the point. Rejects with the signal's reason. */
export async function coldHolds(log: EventLog, point: string, signal: AbortSignal): Promise<void> {
  const bounds = await log.bounds(topics.measurements);
  const partition = partitionOf(point, bounds.length);
  const end = bounds.find((one) => one.partition === partition)?.endOffset ?? 0;
  for (;;) {
    signal.throwIfAborted();
    const lags = await log.lag(topics.measurements, groups.cold);
    if ((lags.find((one) => one.partition === partition)?.committedOffset ?? 0) >= end) return;
    await systemSleep(LOOK_EVERY_MS, signal);
  }
}
