import { CaudalError, Erasures, hasCode, parseSegmentName, segmentPrefix, sha256Hex, topics, type PointKey, type StoredRecord } from "@caudal/core";
import type { JobRun, Logger } from "@caudal/runtime";
import { decodeContainer } from "@caudal/schemas";
import { isErased } from "../raw/partition-archive.ts";
import { sealSegment, SegmentBuffer } from "../raw/segment-buffer.ts";
import type { TierWork } from "../tiers/tier-work.ts";
import type { Damage, Damages } from "./damages.ts";
import type { ScrubPorts } from "./walks.ts";

export interface RepairOptions {
  readonly ports: ScrubPorts;
  readonly damages: Damages;
  readonly tierWork: TierWork;
  readonly logger: Logger;
}

export interface RepairRequest {
  readonly dryRun: boolean;
  /** A damaged log record that no store has is passed over: it reads as an empty one, which the groups park. */
  readonly skip: boolean;
}

/** repaired; planned: a dry run would; skipped: passed over because a person said so; left: `next` says what a person can do. */
export interface RepairLine {
  readonly store: Damage["store"];
  readonly place: string;
  readonly detail: string;
  readonly action: "discard-and-merge" | "put-back" | "pass-over" | "write-anew" | "rebuild-indexes" | "none";
  readonly outcome: "planned" | "repaired" | "skipped" | "left";
  readonly next: "replay" | "skip" | "restore" | null;
}

export interface RepairReport {
  readonly dryRun: boolean;
  readonly lines: readonly RepairLine[];
}

type Verdict = Pick<RepairLine, "action" | "outcome" | "next">;
const left = (next: RepairLine["next"]): Verdict => ({ action: "none", outcome: "left", next });
const SPAN_RECORDS = 500;

/** Mends what the scrub found, each from the store that still has it. A step may be done twice. */
export async function repairDamages(options: RepairOptions, request: RepairRequest, run: JobRun): Promise<RepairReport> {
  const { damages, logger } = options;
  const standing = await damages.standing();
  const lines: RepairLine[] = [];
  // A tier is merged from the others, which must be readable by then: first all let go of what nobody can read.
  if (!request.dryRun) for (const damage of standing) await discard(options.ports, damage);
  for (const [index, damage] of standing.entries()) {
    run.signal.throwIfAborted();
    run.progress({ done: index, total: standing.length, unit: "damages", note: `${damage.store} ${damage.place}` });
    const verdict = await mend(options, damage, request, run);
    if (verdict.outcome === "repaired" || verdict.outcome === "skipped") {
      await damages.settle(damage, verdict.outcome);
      logger.warn(`scrub.${verdict.outcome}`, { store: damage.store, place: damage.place, action: verdict.action });
    }
    lines.push({ store: damage.store, place: damage.place, detail: damage.detail, ...verdict });
  }
  return { dryRun: request.dryRun, lines };
}

function mend(options: RepairOptions, damage: Damage, request: RepairRequest, run: JobRun): Promise<Verdict> {
  switch (damage.store) {
    case "log": return mendRecord(options, damage, request);
    case "archive": return mendSegment(options, damage, request);
    case "documents": return mendDocuments(options, damage, request);
    case "hot":
    case "warm":
    case "cold": return mendTier(options, { ...damage, store: damage.store }, request, run);
  }
}

/** A point's key from its place; nobody's for a place that is a part of the file: discarding makes the indexes anew for any. */
function keyOf(place: string): PointKey {
  const slash = place.indexOf("/");
  return slash < 0 ? { client: "", point: "" } : { client: place.slice(0, slash), point: place.slice(slash + 1) };
}

async function discard(ports: ScrubPorts, { store, place }: Damage): Promise<void> {
  if (store !== "hot" && store !== "warm" && store !== "cold") return;
  await ports[store].discardDamaged?.(keyOf(place)).catch((error: unknown) => {
    // What cannot be let go of either is met again by the merge, and left to a person.
    if (!hasCode(error, "corrupt")) throw error;
  });
}

async function mendTier({ ports, tierWork }: RepairOptions, { store, place }: Damage & { readonly store: "hot" | "warm" | "cold" }, { dryRun }: RepairRequest, run: JobRun): Promise<Verdict> {
  const tier = ports[store];
  if (tier.discardDamaged === undefined) return left("restore");
  const isIndex = !place.includes("/");
  const action = isIndex ? "rebuild-indexes" : "discard-and-merge";
  if (dryRun) return { action, outcome: "planned", next: store === "cold" && !isIndex ? "replay" : null };
  try {
    // Also when there was nothing to let go of: a repair before this one may have ended between the two steps.
    if (!isIndex) await tierWork.run("repair", { ...keyOf(place) }, { signal: run.signal, progress: () => undefined });
    // Revisions that only cold kept, and what lies below warm's floor, stand in the raw archive alone.
    return { action, outcome: "repaired", next: store === "cold" && !isIndex ? "replay" : null };
  } catch (error) {
    if (hasCode(error, "corrupt")) return left("restore");
    throw error;
  }
}

async function mendDocuments({ ports: { documents } }: RepairOptions, { place }: Damage, { dryRun }: RepairRequest): Promise<Verdict> {
  // A body that is damaged stands nowhere else; what stands twice is the indexes.
  if (documents.rebuildIndexes === undefined || place !== "documents.db") return left("restore");
  if (dryRun) return { action: "rebuild-indexes", outcome: "planned", next: null };
  try {
    await documents.rebuildIndexes();
  } catch (error) {
    if (hasCode(error, "corrupt") || hasCode(error, "duplicate-key")) return left("restore");
    throw error;
  }
  const again = await documents.check?.("file");
  return again?.problems.length === 0 ? { action: "rebuild-indexes", outcome: "repaired", next: null } : left("restore");
}

const archived: ReadonlySet<string> = new Set([topics.readings, topics.points]);

async function mendRecord({ ports: { log, archive } }: RepairOptions, { place }: Damage, { dryRun, skip }: RepairRequest): Promise<Verdict> {
  const [, topic = "", partitionText = "", offsetText = ""] = /^(.+)\/(\d+)@(\d+)$/.exec(place) ?? [];
  const [partition, offset] = [Number(partitionText), Number(offsetText)];
  const bounds = (await log.bounds(topic))[partition];
  if (bounds !== undefined && offset < bounds.startOffset) return { action: "none", outcome: dryRun ? "planned" : "repaired", next: null };
  if (log.mend === undefined) return left("restore");
  const record = archived.has(topic) ? await archivedRecord(archive, { topic, partition, offset }) : undefined;
  if (record === undefined && !skip) return left("skip");
  const action = record === undefined ? "pass-over" : "put-back";
  if (dryRun) return { action, outcome: "planned", next: null };
  const neighbour = record ?? (await timeBefore(log, { topic, partition, offset, startOffset: bounds?.startOffset ?? 0 }));
  const put: StoredRecord = record ?? { offset, appendedAtUs: neighbour.appendedAtUs, key: "", value: new Uint8Array(), headers: { "caudal-lost": "passed-over" } };
  await log.mend(topic, partition, put).catch((error: unknown) => {
    // It is whole: somebody mended it meanwhile.
    if (!hasCode(error, "bad-request")) throw error;
  });
  return { action, outcome: record === undefined ? "skipped" : "repaired", next: null };
}

interface Place {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
}

async function archivedRecord(archive: ScrubPorts["archive"], { topic, partition, offset }: Place): Promise<StoredRecord | undefined> {
  for (let after: string | undefined; ; ) {
    const names = await archive.list(segmentPrefix(topic, partition), after);
    for (const name of names) {
      const span = parseSegmentName(name);
      if (span === undefined || offset < span.firstOffset || offset >= span.nextOffset) continue;
      const bytes = await archive.get(name);
      if (bytes === undefined || sha256Hex(bytes) !== span.sha256) continue;
      const found = (await decodeContainer(bytes)).find((record) => record.offset === offset);
      if (found !== undefined) return found;
    }
    after = names.at(-1);
    if (after === undefined) return undefined;
  }
}

/** Times never go back within a partition, so a stand-in takes its neighbour's. */
async function timeBefore(log: ScrubPorts["log"], { topic, partition, offset, startOffset }: Place & { readonly startOffset: number }): Promise<{ readonly appendedAtUs: number }> {
  for (let at = offset - 1; at >= startOffset && at > offset - SPAN_RECORDS; at -= 1) {
    try {
      const [record] = (await log.read({ topic, partition, fromOffset: at, maxRecords: 1 })).records;
      if (record !== undefined) return record;
    } catch (error) {
      if (!hasCode(error, "corrupt")) throw error;
    }
  }
  return { appendedAtUs: 0 };
}

async function mendSegment({ ports: { archive, log, documents } }: RepairOptions, { place }: Damage, { dryRun }: RepairRequest): Promise<Verdict> {
  const span = parseSegmentName(place);
  if (span === undefined) return left("restore");
  const bounds = (await log.bounds(span.topic))[span.partition];
  if (bounds === undefined || span.firstOffset < bounds.startOffset || span.nextOffset > bounds.endOffset) return left("restore");
  if (dryRun) return { action: "write-anew", outcome: "planned", next: null };
  let buffer: SegmentBuffer | undefined;
  try {
    const erased = await (await Erasures.open(documents, () => performance.now())).clients();
    for (let offset = span.firstOffset; offset < span.nextOffset; ) {
      const batch = await log.read({ topic: span.topic, partition: span.partition, fromOffset: offset, maxRecords: SPAN_RECORDS });
      for (const record of batch.records) {
        if (record.offset >= span.nextOffset) break;
        buffer ??= new SegmentBuffer({ topic: span.topic, partition: span.partition, record, firstOffset: span.firstOffset, startedAtMs: 0 });
        buffer.add(record, isErased(span.topic, record, erased));
      }
      if (batch.nextOffset <= offset) throw new CaudalError("corrupt", `${span.topic}/${span.partition} gives nothing at ${offset}`);
      offset = batch.nextOffset;
    }
  } catch (error) {
    if (hasCode(error, "corrupt") || hasCode(error, "offset-out-of-range")) return left("restore");
    throw error;
  }
  const anew = await (buffer?.seal(span.nextOffset) ?? sealSegment({ ...span, day: Date.parse(`${span.day}T00:00:00Z`) / 86_400_000 }, []));
  // The same bytes have the same name: then the damaged one must go first, and a crash between is mended by the log's own archiving position.
  if (anew.name === place) await archive.remove(place);
  await archive.put(anew.name, anew.bytes);
  if (anew.name !== place) await archive.remove(place);
  return { action: "write-anew", outcome: "repaired", next: null };
}
