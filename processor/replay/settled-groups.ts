import { groups, topics, type EventLog, type GroupName } from "@caudal/core";
import { systemSleep } from "@caudal/runtime";

/** First and next offset by partition. */
export type Ends = ReadonlyMap<number, number>;

export interface SettleOptions {
  readonly log: EventLog;
  readonly lookEveryMs: number;
  readonly signal: AbortSignal;
  /** Told which group is waited for, and how many records it still has to take. */
  readonly waiting: (group: GroupName, records: number) => void;
}

/** Where the topic ends now. */
export async function endsOf(log: EventLog, topic: string): Promise<Ends> {
  return new Map((await log.bounds(topic)).map(({ partition, endOffset }) => [partition, endOffset]));
}

/** Resolves once the group has committed past these ends. Rejects with the signal's reason. */
export async function passed(topic: string, group: GroupName, ends: Ends, { log, lookEveryMs, signal, waiting }: SettleOptions): Promise<void> {
  for (;;) {
    signal.throwIfAborted();
    const lags = await log.lag(topic, group);
    const left = lags.reduce((sum, { partition, committedOffset }) => sum + Math.max(0, (ends.get(partition) ?? 0) - committedOffset), 0);
    if (left === 0) return;
    waiting(group, left);
    await systemSleep(lookEveryMs, signal);
  }
}

/** Waits until what is in the log now stands in cold; gives the ends of caudal.points that cold then reflects at least. */
export async function settledPoints(options: SettleOptions): Promise<Ends> {
  const { log } = options;
  await passed(topics.readings, groups.mapping, await endsOf(log, topics.readings), options);
  const ends = await endsOf(log, topics.points);
  await passed(topics.points, groups.judging, ends, options);
  await passed(topics.measurements, groups.cold, await endsOf(log, topics.measurements), options);
  return ends;
}
