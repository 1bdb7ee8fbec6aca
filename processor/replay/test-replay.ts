import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { archiverSettings, createArchiver, type Archiver } from "@caudal/archiver";
import { groups, replayRecords, systemScope, topics, type PointKey, type SeriesTier } from "@caudal/core";
import { openEmbeddedDocuments, openEmbeddedTier, openFileRegistry, openFileSegments } from "@caudal/embedded";
import { createParker, parseSettings, silentLogger, systemClock, type JobView } from "@caudal/runtime";
import { createReplays, type ReplayOptions, type ReplayRequest, type ReplayResult, type Replays } from "../index.ts";
import { openStation, until, type Station } from "../test-station.ts";
import type { HeldFact } from "./change.ts";
import { heldFacts } from "./held-facts.ts";

/** A processor and an archiver on real embedded parts, and replays over them. */
export interface Bench {
  readonly station: Station;
  readonly cold: SeriesTier;
  readonly archiver: Archiver;
  /** Where the embedded cold tier keeps its files. */
  readonly coldFolder: string;
  readonly replayFolder: string;
  replays(options?: Partial<ReplayOptions>): Replays;
  /** Everything stands in cold. */
  settled(): Promise<void>;
  replay(request?: Partial<ReplayRequest>, options?: Partial<ReplayOptions>): Promise<ReplayResult>;
  /** Closes cold while the work is at its files. */
  betweenOpenings(work: () => void | Promise<void>): Promise<void>;
  close(): Promise<void>;
}

export const WHOLE: ReplayRequest = { apply: false, withdraw: false };

export async function openBench(openCold: (folder: string) => Promise<SeriesTier> = openEmbeddedCold): Promise<Bench> {
  const folder = await mkdtemp(join(tmpdir(), "caudal-replay-"));
  const [coldFolder, replayFolder] = [join(folder, "cold"), join(folder, "replay")];
  const station = await openStation();
  const segments = await openFileSegments(join(folder, "archive"));
  const { log, codec, metrics, documents, hot, warm } = station;
  let cold = await openCold(coldFolder);
  const openArchiver = async (): Promise<Archiver> => {
    const made = createArchiver({
      log, codec, documents, hot, warm, cold, segments, metrics, parker: createParker({ log, codec, metrics }), clock: systemClock, logger: silentLogger,
      backups: { ports: { log, documents, registry: openFileRegistry(), archive: segments, hot, warm, cold }, directory: join(folder, "backups"), version: "0", engines: {}, openScratch: () => Promise.reject(new Error("no drill here")) },
      settings: parseSettings(archiverSettings, { env: { CAUDAL_ARCHIVE_SEGMENT_AGE: "50ms" } }),
    });
    await made.start();
    return made;
  };
  let archiver = await openArchiver();
  const opened: Replays[] = [];
  const bench: Bench = {
    station, coldFolder, replayFolder,
    get cold() { return cold; },
    get archiver() { return archiver; },
    replays: (options = {}) => {
      const replays = createReplays({
        log, codec, documents, cold, metrics, clock: systemClock, logger: silentLogger, folder: replayFolder, lookEveryMs: 10,
        past: (topic, partition, { fromOffset, toOffset, signal }) => replayRecords({ segments, log, topic, partition, fromOffset, toOffset, signal }),
        openShadow, ...options,
      });
      opened.push(replays);
      return replays;
    },
    settled: async () => {
      await station.settled();
      await until("cold has all", async () => (await log.lag(topics.measurements, groups.cold)).every(({ lag }) => lag === 0));
    },
    replay: async (request = {}, options = {}) => {
      const replays = bench.replays(options);
      await replays.start();
      const view = await ended(replays, replays.begin({ ...WHOLE, ...request }).id);
      if (view.state !== "done") throw new Error(`${view.state}: ${view.error}`);
      return view.result as ReplayResult;
    },
    betweenOpenings: async (work) => {
      await archiver.stop(2000);
      await cold.close();
      await work();
      cold = await openCold(coldFolder);
      archiver = await openArchiver();
    },
    close: async () => {
      for (const replays of opened) await replays.stop(2000);
      await archiver.stop(2000);
      await station.close();
      await cold.close();
      await segments.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
  return bench;
}

function openEmbeddedCold(folder: string): Promise<SeriesTier> {
  return openEmbeddedTier({ name: "cold", directory: folder, retentionMs: null, revisions: "all" });
}

export async function openShadow(folder: string): ReturnType<ReplayOptions["openShadow"]> {
  const tier = await openEmbeddedTier({ name: "cold", directory: join(folder, "tier"), retentionMs: null, revisions: "latest" });
  const documents = await openEmbeddedDocuments({ directory: join(folder, "documents") });
  return { tier, documents, close: async () => void (await Promise.all([tier.close(), documents.close()])) };
}

export async function ended(replays: Replays, id: string): Promise<JobView> {
  let view = replays.jobs.get(id);
  await until("the replay has ended", () => (view = replays.jobs.get(id))?.state !== "running", 60_000);
  return view!;
}

/** Makes cold anew from what it held of the point, all revisions: each fact as `edit` leaves it, or not at all. What a store that lost or changed something holds. */
export async function replant(bench: Bench, key: PointKey, edit: (fact: HeldFact) => HeldFact | undefined, more: readonly HeldFact[] = []): Promise<void> {
  const facts: HeldFact[] = [];
  for await (const fact of heldFacts(bench.cold, { ...key, fromUs: -Infinity, toUs: Infinity, allRevisions: true })) facts.push(fact);
  await bench.betweenOpenings(() => rm(bench.coldFolder, { recursive: true, force: true }));
  const planted = [...facts.map(edit).filter((fact) => fact !== undefined), ...more];
  await bench.cold.write(planted.map(({ instantUs, authority, knownAtUs, variable, value, flag, reasons }) => ({
    ...key, eventId: "planted", device: "", channel: "", source: "", transport: "", instantUs, observedAtUs: null, receivedAtUs: knownAtUs, authority, knownAtUs, causeId: "", labels: {},
    facts: [{ variable, value, flag, reasons: [...reasons] }],
  })));
}

/** Every fact that a tier holds of a point, withdrawn ones included, as text. */
export async function allFacts(tier: SeriesTier, client: string, point: string): Promise<string[]> {
  const facts: string[] = [];
  for await (const fact of heldFacts(tier, { client, point, fromUs: -Infinity, toUs: Infinity })) facts.push(JSON.stringify(fact));
  return facts;
}

/** Digests of every UTC day between two instants. */
export async function digests(tier: SeriesTier, client: string, point: string, span: { readonly fromUs: number; readonly toUs: number }): Promise<string[]> {
  const dayUs = 86_400_000_000;
  const found: string[] = [];
  for (let day = Math.floor(span.fromUs / dayUs) * dayUs; day < span.toUs; day += dayUs) {
    const { facts, hash } = await tier.digest(systemScope, { client, point }, day);
    found.push(`${facts} ${hash}`);
  }
  return found;
}

/** A test with a bench of its own. */
export function withBench(name: string, run: (bench: Bench) => Promise<void>): void {
  test(name, async (context) => {
    const bench = await openBench();
    context.after(() => bench.close());
    await run(bench);
  });
}
