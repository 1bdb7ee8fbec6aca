import { createHash } from "node:crypto";
import { createWriteStream } from "node:fs";
import { mkdtemp, rm, stat } from "node:fs/promises";
import { once } from "node:events";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Acknowledgements } from "./acknowledgements.ts";
import type { ArchivedAt } from "./archive-judge.ts";
import { auditDevice } from "./device-audit.ts";
import { DirectoryView } from "./directory-view.ts";
import type { Evidence, LiveEvent } from "./evidence.ts";
import type { KnownMessage } from "./expectation.ts";
import { Findings } from "./findings.ts";
import { ParkedJudge } from "./parked-judge.ts";
import { Shards } from "./shards.ts";
import { judgeStrays } from "./stray-judge.ts";
import { readAcknowledged, readFleet, readSent, type Fleet } from "./truth.ts";
import type { AuditVerdict, ReadingVerdict } from "./verdict.ts";

export interface AuditOptions {
  /** Folder with fleet.json, sent.ndjson and acknowledged.ndjson. */
  readonly truthDirectory: string;
  readonly evidence: Evidence;
  /** The installation's present; the system's clock when absent. Judges how high a floor may be. */
  readonly nowUs?: number;
  /** Written line by line when given: a ReadingVerdict for each reading. */
  readonly verdictsFile?: string;
  /** Findings of each kind that the verdict shows; 20 when absent. */
  readonly examplesPerKind?: number;
}

/** Bytes of sent.ndjson whose devices are judged at once. */
const SHARD_BYTES = 8 * 1024 * 1024;
const MOST_SHARDS = 256;

/**
 * Says of each reading of a simulated fleet what became of it, and of each fact, parked event, archived reading, stored bucket and live event whether
 * the truth explains it. Memory is bounded by a shard of the devices; the rest waits in a temporary folder. Rejects when the truth cannot be read.
 */
export async function audit(options: AuditOptions): Promise<AuditVerdict> {
  const since = performance.now();
  const { truthDirectory, evidence, verdictsFile, nowUs = Date.now() * 1000 } = options;
  const findings = new Findings(options.examplesPerKind ?? 20);
  const fleet = await readFleet(truthDirectory);
  const directory = await DirectoryView.open(fleet, evidence, findings);
  const acknowledgements = new Acknowledgements();
  for await (const acknowledgement of readAcknowledged(truthDirectory)) acknowledgements.take(acknowledgement);
  const work = await mkdtemp(join(tmpdir(), "caudal-audit-"));
  const verdicts = verdictsFile === undefined ? undefined : createWriteStream(verdictsFile);
  const outcomes: Record<string, number> = {};
  let readings = 0;
  const tell = async (verdict: ReadingVerdict): Promise<void> => {
    readings += 1;
    outcomes[verdict.outcome] = (outcomes[verdict.outcome] ?? 0) + 1;
    if (verdicts?.write(`${JSON.stringify(verdict)}\n`) === false) await once(verdicts, "drain");
  };
  try {
    const { size } = await stat(join(truthDirectory, "sent.ndjson"));
    const shards = new Shards(work, Math.min(MOST_SHARDS, Math.ceil((size + 1) / SHARD_BYTES)));
    const parked = new ParkedJudge(fleet.client, findings);
    await sortTruth({ truthDirectory, shards, acknowledgements, parked, findings });
    const notParked = await judgeParked(evidence, parked, directory, findings);
    await sortEvidence({ fleet, evidence, shards, directory, findings });
    await shards.finish();
    let messages = 0;
    for (let shard = 0; shard < shards.count; shard++) {
      const byDevice = await byDeviceOf<KnownMessage>(shards, "sent", shard);
      const archived = await byDeviceOf<ArchivedAt>(shards, "archive", shard);
      const live = await byDeviceOf<LiveEvent & { readonly device: string }>(shards, "live", shard);
      for (const { device } of fleet.devices.filter((each) => shards.isIn(each.device, shard))) {
        const known = inOrder(byDevice.get(device) ?? []);
        messages += known.length;
        await auditDevice({
          client: fleet.client, device, messages: known, archived: evidence.archive === undefined ? undefined : (archived.get(device) ?? []), live: live.get(device) ?? [],
          evidence, directory, nowUs, findings, notParked, tell,
        });
      }
    }
    await judgeStrays(fleet, evidence, directory, findings);
    return {
      ok: findings.isEmpty, seed: fleet.seed, messages, acknowledged: acknowledgements.acknowledged, readings, outcomes,
      findings: findings.counts, examples: findings.examples, notes: findings.notes, looked: findings.looked,
      notGiven: (["archive", "parked", "rollups", "live", "digests"] as const).filter((kind) => evidence[kind] === undefined),
      tookMs: Math.round(performance.now() - since),
    };
  } finally {
    if (verdicts !== undefined) await new Promise<void>((resolve) => verdicts.end(resolve));
    await rm(work, { recursive: true, force: true });
  }
}

interface Sorting {
  readonly truthDirectory: string;
  readonly shards: Shards;
  readonly acknowledgements: Acknowledgements;
  readonly parked: ParkedJudge;
  readonly findings: Findings;
}

async function sortTruth({ truthDirectory, shards, acknowledgements, parked, findings }: Sorting): Promise<void> {
  for await (const { raw, ...message } of readSent(truthDirectory)) {
    const { outcome, attempts } = acknowledgements.of(message.seq);
    const known: KnownMessage = { ...message, outcome, attempts };
    await shards.add("sent", message.device, known);
    if (!message.expect.startsWith("parked:") || outcome === "refused") continue;
    if (raw === undefined) findings.note("messages to be parked of which the truth has no bytes");
    else parked.expect({ seq: message.seq, device: message.device, hashes: hashesOf(message, raw), reason: message.expect.slice("parked:".length), outcome, attempts });
  }
}

/** Of the bytes as they are in the truth; a row in a file names its device too, where neither topic nor connection does. */
function hashesOf({ transport, device }: { readonly transport: string; readonly device: string }, raw: string): string[] {
  const ways = transport === "drop" ? [raw, raw.replace("{", `{"device_id":${JSON.stringify(device)},`)] : [raw];
  return ways.map((bytes) => createHash("sha256").update(bytes).digest("hex"));
}

async function judgeParked(evidence: Evidence, parked: ParkedJudge, directory: DirectoryView, findings: Findings): Promise<ReadonlySet<number>> {
  if (evidence.parked === undefined) return new Set();
  try {
    for await (const batch of evidence.parked()) for (const event of batch) parked.take(event, event.device === "" || directory.isOfFleet(event.device));
  } catch (error) {
    findings.add({ kind: "unreadable", where: "parked", device: "", detail: String(error) });
  }
  return parked.finish();
}

async function sortEvidence({ fleet, evidence, shards, directory, findings }: { fleet: Fleet; evidence: Evidence; shards: Shards; directory: DirectoryView; findings: Findings }): Promise<void> {
  const unreadable = (where: string) => (error: unknown): void => findings.add({ kind: "unreadable", where, device: "", detail: String(error) });
  const sortArchive = async (): Promise<void> => {
    for await (const batch of evidence.archive?.() ?? []) {
      for (const { client, device, samples, rawSha256, isWhole } of batch) {
        if (client === fleet.client && directory.isOfFleet(device)) await shards.add("archive", device, { device, samples, rawSha256, isWhole });
      }
    }
  };
  const sortLive = async (): Promise<void> => {
    for await (const batch of evidence.live?.events() ?? []) {
      for (const event of batch) {
        const device = directory.ownerOf(event.point);
        findings.look("live events");
        if (device === undefined) continue;
        if (event.client !== fleet.client) findings.add({ kind: "foreign", where: "live", device, point: event.point, detail: `shown as a fact of client ${event.client}`, found: event });
        else await shards.add("live", device, { ...event, device });
      }
    }
  };
  await sortArchive().catch(unreadable("archive"));
  await sortLive().catch(unreadable("live"));
}

async function byDeviceOf<T extends { readonly device: string }>(shards: Shards, kind: string, shard: number): Promise<Map<string, T[]>> {
  const byDevice = new Map<string, T[]>();
  for await (const one of shards.read<T>(kind, shard)) {
    const known = byDevice.get(one.device);
    if (known === undefined) byDevice.set(one.device, [one]);
    else known.push(one);
  }
  return byDevice;
}

/** Each message once, by number: one that was sent again may be written again. */
function inOrder(messages: readonly KnownMessage[]): KnownMessage[] {
  return [...new Map(messages.map((message) => [message.seq, message])).values()].sort((a, b) => a.seq - b.seq);
}
