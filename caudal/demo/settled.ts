import { CaudalError, groups, pointCollection, topics, type Documents, type EventLog, type PointRecord } from "@caudal/core";
import { DEMO_CLIENT } from "./demo-note.ts";

type Stage = readonly (readonly [topic: string, group: string])[];

/** Groups in the order in which one's output is the next one's input. */
const stages: readonly [mapped: Stage, judged: Stage, stored: Stage] = [
  [[topics.readings, groups.mapping], [topics.devices, groups.devices]],
  [[topics.points, groups.judging]],
  [[topics.measurements, groups.hot], [topics.measurements, groups.warm], [topics.measurements, groups.cold], [topics.measurements, groups.rollups], [topics.parked, groups.parked]],
];
const archiving: Stage = [[topics.readings, groups.archiveReadings], [topics.points, groups.archivePoints]];

const WITHIN_MS = 150_000;
const LOOK_EVERY_MS = 50;

export interface SettledOptions {
  readonly log: EventLog;
  readonly documents: Documents;
  /** Writes the archive's segments in hand: its groups commit behind whole segments. */
  readonly flushArchive: () => Promise<void>;
}

/**
 * Resolves when every group is past what stood in the log at the call and what came of it, whatever is sent meanwhile. CaudalError "timeout"
 * when that takes too long.
 */
export async function settled({ log, documents, flushArchive }: SettledOptions): Promise<void> {
  const deadlineMs = performance.now() + WITHIN_MS;
  const [mapped, judged, stored] = stages;
  await until(deadlineMs, await past(log, mapped));
  await until(deadlineMs, await configurationsPublished(documents));
  await until(deadlineMs, await past(log, judged));
  await until(deadlineMs, await past(log, stored));
  const archived = await past(log, archiving);
  await until(deadlineMs, async () => {
    await flushArchive();
    return archived();
  });
}

/** Asks whether each group is past what stands in its topic now. */
async function past(log: EventLog, stage: Stage): Promise<() => Promise<boolean>> {
  const ends = await Promise.all(stage.map(([topic]) => log.bounds(topic)));
  return async () => {
    const lags = await Promise.all(stage.map(([topic, group]) => log.lag(topic, group)));
    return lags.every((rows, index) => rows.every(({ partition, committedOffset }) => committedOffset >= (ends[index]?.[partition]?.endOffset ?? 0)));
  };
}

/** Asks whether every change of the demo's points stands in the log. */
async function configurationsPublished(documents: Documents): Promise<() => Promise<boolean>> {
  const points = await documents.collection<PointRecord>(pointCollection);
  return async () => (await points.find({ clients: [DEMO_CLIENT] }, { where: { unpublished: true }, limit: 1 })).items.length === 0;
}

async function until(deadlineMs: number, done: () => Promise<boolean>): Promise<void> {
  while (!(await done())) {
    if (performance.now() > deadlineMs) throw new CaudalError("timeout", "the demo's readings are still being processed; run it again");
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
  }
}
