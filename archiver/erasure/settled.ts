import { CaudalError, groups, topics, type Documents, type EventLog, type Page, type StoredDocument } from "@caudal/core";
import { systemSleep } from "@caudal/runtime";

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
const PAGE = 500;

export interface SettledOptions {
  readonly log: EventLog;
  readonly documents: Documents;
  readonly client: string;
  /** Writes the archive's segments in hand: its groups commit behind whole segments. */
  readonly flushArchive: () => Promise<void>;
  readonly signal: AbortSignal;
}

/**
 * Resolves when every group is past what stood in the log at the call and what came of it, whatever is sent meanwhile, and no change of the client is
 * under way. A group that keeps states commits behind them, so what is in memory is stored then. CaudalError "timeout" when that takes too long.
 */
export async function settled({ log, documents, client, flushArchive, signal }: SettledOptions): Promise<void> {
  const deadlineMs = performance.now() + WITHIN_MS;
  const until = async (what: string, done: () => Promise<boolean>): Promise<void> => {
    while (!(await done())) {
      signal.throwIfAborted();
      if (performance.now() > deadlineMs) throw new CaudalError("timeout", `${what} did not come to rest in ${WITHIN_MS / 1000} s; every service has to run, then ask again`, { retry: "yes" });
      await systemSleep(LOOK_EVERY_MS, signal);
    }
  };
  const [mapped, judged, stored] = stages;
  await until("mapping", await past(log, mapped));
  await until("remapping", () => none(documents, "mapping-devices", client, (body) => body["remap"] !== null && body["remap"] !== undefined));
  await until("the client's configuration", () => none(documents, "points", client, (body) => body["unpublished"] === true));
  await until("judging", await past(log, judged));
  await until("the tiers", await past(log, stored));
  const archived = await past(log, archiving);
  await until("the raw archive", async () => {
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

async function none(documents: Documents, name: string, client: string, has: (body: Record<string, unknown>) => boolean): Promise<boolean> {
  const collection = await documents.collection<Record<string, unknown>>({ name, tenant: true });
  let cursor: string | undefined;
  do {
    const page: Page<StoredDocument<Record<string, unknown>>> = await collection.find({ clients: [client] }, { limit: PAGE, ...(cursor === undefined ? {} : { cursor }) });
    if (page.items.some(({ body }) => has(body))) return false;
    cursor = page.next;
  } while (cursor !== undefined);
  return true;
}
