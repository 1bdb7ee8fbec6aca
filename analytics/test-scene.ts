import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  CaudalError, Directory, groups, systemScope, topics, topicSpecs, type Consumption, type Documents, type EventLog, type LiveChannel, type Principal, type Scope, type SeenKey, type SeriesTier, type TierName,
} from "@caudal/core";
import { createLiveChannel, openEmbeddedDocuments, openEmbeddedLog, openEmbeddedTier, openFileRegistry } from "@caudal/embedded";
import { createHealth, createHttpServer, createMetrics, localPrincipal, parseSettings, silentLogger, type Clock, type Metrics } from "@caudal/runtime";
import { Codec, type Fact, type Measurement } from "@caudal/schemas";
import { analyticsSettings, createAnalytics, type Analytics } from "./index.ts";
import { openParts, type Parts } from "./parts.ts";

export const DAY_MS = 86_400_000;

export interface SceneOptions {
  readonly nowUs?: number;
  readonly settings?: Readonly<Record<string, string>>;
  readonly hotDays?: number;
  readonly warmDays?: number;
  readonly partitions?: number;
  /** Groups that do not run until `resume`. */
  readonly paused?: readonly TierName[];
  /** Cold on another engine than the embedded one. */
  readonly openCold?: () => Promise<SeriesTier>;
}

/** A clock whose time is set and whose seconds pass. */
export interface SetClock extends Clock {
  setUs(nowUs: number): void;
  /** Moves the monotonic clock on. */
  skip(ms: number): void;
}

export interface Scene {
  readonly log: EventLog;
  readonly codec: Codec;
  readonly documents: Documents;
  readonly live: LiveChannel;
  readonly hot: SeriesTier;
  readonly warm: SeriesTier;
  readonly cold: SeriesTier;
  readonly directory: Directory;
  readonly clock: SetClock;
  readonly metrics: Metrics;
  readonly analytics: Analytics;
  readonly parts: Parts;
  readonly url: string;
  /** Adopts a device; resolves with its point. */
  adopt(client: string, device: string, keys: readonly SeenKey[]): Promise<string>;
  publish(measurements: readonly Measurement[]): Promise<void>;
  /** Waits until every running group has had all. */
  settled(): Promise<void>;
  /** Starts a group that was paused. */
  resume(tier: TierName): Promise<void>;
  /** Computes rollups until nothing that is over is marked. */
  rolledUp(): Promise<void>;
  get(path: string, headers?: Record<string, string>): Promise<Response>;
  json<T = Record<string, never>>(path: string): Promise<T>;
  /** Tiers that the service cannot read; what is written goes past it. */
  readonly absent: Set<TierName>;
  /** Who asks from here on. */
  as(scope: Scope): void;
  close(): Promise<void>;
}

/** The analytics service over real embedded engines, with a group a tier and a server. */
export async function openScene(options: SceneOptions = {}): Promise<Scene> {
  const directoryPath = await mkdtemp(join(tmpdir(), "caudal-analytics-"));
  const { partitions = 3, hotDays = 3, warmDays = 30 } = options;
  let offsetUs = options.nowUs === undefined ? 0 : options.nowUs - Date.now() * 1000;
  let skippedMs = 0;
  const clock: SetClock = {
    nowUs: () => Date.now() * 1000 + offsetUs, monotonicMs: () => performance.now() + skippedMs, skip: (ms) => (skippedMs += ms), setUs: (nowUs) => (offsetUs = nowUs - Date.now() * 1000),
  };
  const log = await openEmbeddedLog({ directory: join(directoryPath, "log") });
  await log.declareTopics(topicSpecs(partitions));
  const documents = await openEmbeddedDocuments({ directory: join(directoryPath, "documents") });
  const tier = (name: TierName, retentionMs: number | null): Promise<SeriesTier> =>
    openEmbeddedTier({ name, directory: join(directoryPath, "tiers"), retentionMs, revisions: retentionMs === null ? "all" : "latest" });
  const tiers = { hot: await tier("hot", hotDays * DAY_MS), warm: await tier("warm", warmDays * DAY_MS), cold: await (options.openCold ?? (() => tier("cold", null)))() };
  const absent = new Set<TierName>();
  const doors = { hot: behindDoor(tiers.hot, absent), warm: behindDoor(tiers.warm, absent), cold: behindDoor(tiers.cold, absent) };
  const live = createLiveChannel();
  const codec = await Codec.open(openFileRegistry());
  const metrics = createMetrics({ process: false });
  const settings = parseSettings(analyticsSettings, { env: { CAUDAL_ROLLUP_DELAY: "0ms", CAUDAL_ROLLUP_EVERY: "3600s", ...options.settings } });
  const serviceOptions = { log, codec, documents, ...doors, live, clock, logger: silentLogger, metrics, settings };
  const analytics = createAnalytics(serviceOptions);
  const parts = await openParts(serviceOptions);
  let principal: Principal = localPrincipal;
  const server = createHttpServer({
    host: "127.0.0.1", port: 0, operations: analytics.operations, upgrades: analytics.upgrades, authenticate: async () => principal,
    health: createHealth(), metrics, logger: silentLogger, clock,
  });
  const directory = await Directory.open(documents);
  const consumptions: Consumption[] = [];
  const groupOf = { hot: groups.hot, warm: groups.warm, cold: groups.cold };
  const resume = async (name: TierName): Promise<void> => {
    consumptions.push(await log.consume({
      topic: topics.measurements, group: groupOf[name],
      handler: {
        handle: async (batch) => {
          await tiers[name].write(batch.records.map(({ value }) => {
            const decoded = codec.decode("Measurement", value);
            if (!decoded.ok) throw new Error(decoded.why);
            return decoded.value;
          }));
        },
      },
    }));
  };
  for (const name of ["hot", "warm", "cold"] as const) if (options.paused?.includes(name) !== true) await resume(name);
  await analytics.start();
  await server.start();
  const url = `http://127.0.0.1:${server.address().port}`;

  const settled = async (): Promise<void> => {
    const running = [...consumptions.map(({ group }) => group), groups.rollups];
    await eventually(async () => (await Promise.all(running.map((group) => log.lag(topics.measurements, group)))).flat().every(({ lag }) => lag === 0));
  };
  const scene: Scene = {
    ...tiers, log, codec, documents, live, directory, clock, metrics, analytics, parts, url, resume, settled,
    adopt: async (client, device, keys) => {
      const { body } = await directory.adopt(client, device, { by: "auto", keys, labels: {}, atUs: clock.nowUs() });
      return body.entries[0]!.point;
    },
    publish: async (measurements) => {
      await log.publish(topics.measurements, measurements.map((value) => ({ key: value.point, value: codec.encode("Measurement", value) })));
    },
    rolledUp: async () => {
      await settled();
      await eventually(async () => {
        await analytics.rollUp();
        return analytics.status().due === 0;
      });
    },
    get: (path, headers = {}) => fetch(url + path, { headers }),
    json: async <T>(path: string) => {
      const response = await fetch(url + path);
      const body = await response.json();
      if (response.status !== 200) throw new Error(`${response.status} ${JSON.stringify(body)}`);
      return body as T;
    },
    absent,
    as: (scope) => (principal = { name: "somebody", role: "analyst", scope }),
    close: async () => {
      await server.stop(2000);
      await analytics.stop(2000);
      await Promise.all(consumptions.map((consumption) => consumption.close(2000)));
      await live.close();
      await Promise.all([log.close(), documents.close(), tiers.hot.close(), tiers.warm.close(), tiers.cold.close()]);
      await rm(directoryPath, { recursive: true, force: true });
    },
  };
  return scene;
}

/** The tier, which refuses to be read while it is absent, between the blocks of a stream too. */
function behindDoor(tier: SeriesTier, absent: ReadonlySet<TierName>): SeriesTier {
  const door = (): void => {
    if (absent.has(tier.name)) throw new CaudalError("unavailable", `${tier.name} is away`);
  };
  return {
    name: tier.name, capabilities: tier.capabilities, write: (batch) => tier.write(batch), raiseFloor: (...given) => tier.raiseFloor(...given),
    eraseClient: (client) => tier.eraseClient(client), close: () => tier.close(),
    async *read(scope, query) {
      door();
      for await (const block of tier.read(scope, query)) {
        yield block;
        door();
      }
    },
    latest: async (...given) => (door(), tier.latest(...given)),
    digest: async (...given) => (door(), tier.digest(...given)),
    floor: async (...given) => (door(), tier.floor(...given)),
  };
}

/** Polls until true; fails after some seconds. */
export async function eventually(isTrue: () => Promise<boolean> | boolean, withinMs = 15_000): Promise<void> {
  const deadline = performance.now() + withinMs;
  while (!(await isTrue())) {
    if (performance.now() > deadline) throw new Error("it did not become true in time");
    await new Promise((resolve) => setTimeout(resolve, 15));
  }
}

let knownAtUs = 1_600_000_000_000_000;

/** A measurement of facts; each call is known later than the one before. */
export function measurement(point: string, instantUs: number, facts: Readonly<Record<string, number | null | Partial<Fact>>>, more: Partial<Measurement> = {}): Measurement {
  knownAtUs += 1;
  return {
    eventId: `event-${knownAtUs}`, client: "demo", point, device: "meter", channel: "", source: "test", transport: "mqtt", instantUs, observedAtUs: instantUs,
    receivedAtUs: instantUs, authority: 0, knownAtUs, causeId: "cause", labels: {}, ...more,
    facts: Object.entries(facts).map(([variable, fact]) => ({
      variable, value: 0, flag: 1, reasons: [], ...(typeof fact === "object" && fact !== null ? fact : { value: fact }),
    })),
  };
}

export const all: Scope = systemScope;
