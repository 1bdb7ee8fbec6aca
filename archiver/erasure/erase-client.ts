import { randomUUID } from "node:crypto";
import { CaudalError, ERASURES_KNOWN_MS, Erasures, systemScope, topics, topicSpecs, type Documents, type ErasureRecord, type EventLog, type SegmentStore, type SeriesTier } from "@caudal/core";
import { systemSleep, type Clock, type JobRun } from "@caudal/runtime";
import { countDocuments, eraseDocuments, pointsOf, submissionsOf } from "./erase-documents.ts";
import { eraseSegments } from "./erase-segments.ts";
import { settled } from "./settled.ts";

export interface ErasurePorts {
  readonly log: EventLog;
  readonly documents: Documents;
  readonly archive: SegmentStore;
  readonly hot: SeriesTier;
  readonly warm: SeriesTier;
  readonly cold: SeriesTier;
}

export interface EraseOptions {
  readonly ports: ErasurePorts;
  readonly client: string;
  /** Who asks, as the audit says it. */
  readonly by: string;
  /** The client may come back at once: nothing stays that keeps it out. For the demo, whose fleet is stopped. */
  readonly lift?: boolean;
  readonly flushArchive: () => Promise<void>;
  /** Names of the backups that hold what was there when they were taken. */
  readonly backups: () => Promise<readonly string[]>;
  readonly clock: Clock;
  readonly run: JobRun;
}

/** What has to stay, until when, and how many or which. The words for it are the catalogue's: `clients.stays.<what>`. */
export interface Stay {
  readonly what: "log" | "parked-log" | "backups" | "submissions" | "audit" | "mark";
  /** Null: until the backups' retention, or for good. */
  readonly until: string | null;
  readonly names: readonly string[];
}

export interface ErasureReport {
  readonly client: string;
  readonly points: number;
  /** What went (or would go), by store and collection. */
  readonly counts: Readonly<Record<string, number>>;
  readonly stays: readonly Stay[];
}

/** Who reads erasures has read this one by then, with a clock that runs a little slow. */
const KNOWN_BY_ALL_MS = 2.5 * ERASURES_KNOWN_MS;
/** A process that stood still meanwhile may have written a little after all: what is found again goes again. */
const MOST_ROUNDS = 5;

/** What an erasure would remove; changes nothing. */
export async function planErasure(options: Pick<EraseOptions, "ports" | "client" | "backups" | "clock">): Promise<ErasureReport> {
  const { ports, client } = options;
  const points = await pointsOf(ports.documents, client);
  return { client, points: points.size, counts: await countDocuments(ports.documents, client), stays: await staysOf({ ...options, submissions: await submissionsOf(ports.documents, client) }) };
}

/**
 * Erases a client: marks it, so that nothing of it is taken in any more; waits until every group is past what the log held; then removes it from the raw
 * archive, the tiers and the documents, the points last. Safe to ask again after a crash at any step, and by several at once: each step removes what
 * is there. Fails with "timeout" where a service that has to run through does not run.
 */
export async function eraseClient(options: EraseOptions): Promise<ErasureReport> {
  const { ports, client, by, lift = false, flushArchive, clock, run } = options;
  const { log, documents, archive } = ports;
  const { signal } = run;
  const note = (step: string, done = 0): void => run.progress({ done, total: null, unit: "segments", note: step });
  const erasures = await Erasures.open(documents, () => clock.monotonicMs());
  const record: ErasureRecord = { client, state: "erasing", requestedAtUs: clock.nowUs(), by, endedAtUs: null, counts: {} };
  note("mark");
  await erasures.collection.putMany(systemScope, [{ id: client, body: record }]);
  await systemSleep(KNOWN_BY_ALL_MS, signal);
  note("settle");
  await settled({ log, documents, client, flushArchive, signal });
  const points = await pointsOf(documents, client);
  const submissions = await submissionsOf(documents, client);
  const counts: Record<string, number> = {};
  const add = (name: string, count: number): void => {
    if (count > 0) counts[name] = (counts[name] ?? 0) + count;
  };
  for (let round = 0; round < MOST_ROUNDS; round += 1) {
    add("segments", await eraseSegments({ segments: archive, client, points, signal, progress: (looked) => note("archive", looked) }));
    note("tiers");
    for (const tier of [ports.hot, ports.warm, ports.cold]) add(tier.name, (await tier.eraseClient(client)).points);
    note("documents");
    for (const [name, count] of Object.entries(await eraseDocuments(documents, client, signal))) add(name, count);
    if (Object.keys(await countDocuments(documents, client)).length === 0) break;
    if (round === MOST_ROUNDS - 1) throw new CaudalError("timeout", `documents of ${client} keep coming; ask again`, { retry: "yes" });
  }
  const endedAtUs = clock.nowUs();
  await writeAudit(documents, { by, client, endedAtUs, counts });
  if (lift) await erasures.collection.remove(systemScope, client);
  else await erasures.collection.putMany(systemScope, [{ id: client, body: { ...record, state: "erased", endedAtUs, counts } }]);
  return { client, points: points.size, counts, stays: await staysOf({ ...options, submissions }) };
}

/** A record of the installation, not of the client: who, when and how much. */
async function writeAudit(documents: Documents, { by, client, endedAtUs, counts }: { by: string; client: string; endedAtUs: number; counts: Readonly<Record<string, number>> }): Promise<void> {
  const audit = await documents.collection<object>({ name: "audit", tenant: true });
  await audit.insert(systemScope, { id: randomUUID(), body: { client: "installation", atUs: endedAtUs, by, action: "client.erase", target: client, change: JSON.stringify({ counts }) } });
}

async function staysOf({ ports: { log }, clock, backups, submissions, lift = false }: Pick<EraseOptions, "ports" | "clock" | "backups" | "lift"> & { readonly submissions: readonly string[] }): Promise<readonly Stay[]> {
  const kept = topicSpecs().filter(({ retentionMs }) => retentionMs !== null);
  const untilUs = clock.nowUs() + Math.max(...kept.map(({ retentionMs }) => retentionMs ?? 0)) * 1000;
  const names = await backups();
  const parked = (await log.bounds(topics.parked)).some(({ startOffset, endOffset }) => endOffset > startOffset);
  return [
    { what: "log", until: new Date(untilUs / 1000).toISOString(), names: kept.map(({ name }) => name) },
    ...(parked ? [{ what: "parked-log", until: null, names: [topics.parked] } as const] : []),
    ...(names.length > 0 ? [{ what: "backups", until: null, names } as const] : []),
    ...(submissions.length > 0 ? [{ what: "submissions", until: null, names: submissions } as const] : []),
    { what: "audit", until: null, names: [] },
    ...(lift ? [] : [{ what: "mark", until: null, names: [] } as const]),
  ];
}
