import { randomUUID } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  Directory, groups, systemScope, topics, topicSpecs, type DocumentCollection, type Documents, type EventLog, type LiveChannel, type Role, type SeriesTier, type StoredRecord,
} from "@caudal/core";
import { createLiveChannel, openEmbeddedDocuments, openEmbeddedLog, openEmbeddedTier, openFileRegistry } from "@caudal/embedded";
import {
  createAuthenticate, createHealth, createHttpServer, createLogger, createMetrics, createParker, systemClock,
  type Logger, type Metrics, type Parker, type ParkItem,
} from "@caudal/runtime";
import { Codec, type DevicePresence, type RecordName, type RecordOf } from "@caudal/schemas";
import type { AuditRecord } from "./audit/audit-trail.ts";
import { createBusiness, TokenStore, type Business, type BusinessOptions } from "./index.ts";
import { parkedCollection, type ParkedRecord } from "./parked/parked-record.ts";

/** JSON of an answer, to be looked into freely. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- answers of the API are looked into field by field
export type Body = any;

export interface Answer {
  readonly status: number;
  readonly body: Body;
  readonly headers: Headers;
}

export interface CallOptions {
  readonly body?: unknown;
  readonly token?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** The service over real embedded engines, behind a real server on loopback. */
export interface Scene {
  readonly folder: string;
  readonly baseUrl: string;
  readonly log: EventLog;
  readonly codec: Codec;
  readonly documents: Documents;
  readonly directory: Directory;
  readonly live: LiveChannel;
  readonly cold: SeriesTier;
  readonly parker: Parker;
  readonly tokens: TokenStore;
  readonly metrics: Metrics;
  readonly logger: Logger;
  readonly business: Business;
  readonly parked: DocumentCollection<ParkedRecord>;
  /** Every line that was logged. */
  readonly lines: readonly string[];
  call(method: string, path: string, options?: CallOptions): Promise<Answer>;
  get(path: string, token?: string): Promise<Answer>;
  token(role: Role, clients: "all" | readonly string[]): Promise<string>;
  adopt(client: string, device: string, ...keys: readonly string[]): Promise<string>;
  presence(...events: readonly Partial<DevicePresence>[]): Promise<void>;
  /** Parks, waits for the projection, and gives the ids by the order of the items. */
  park(...items: readonly Partial<ParkItem>[]): Promise<readonly string[]>;
  records(topic: string): Promise<readonly StoredRecord[]>;
  all<N extends RecordName>(name: N): Promise<readonly RecordOf[N][]>;
  audited(): Promise<readonly AuditRecord[]>;
  /** Waits until both projections have had all. */
  settled(): Promise<void>;
  close(): Promise<void>;
}

const topicOf = { Reading: topics.readings, PointEvent: topics.points, Measurement: topics.measurements, DevicePresence: topics.devices, Parked: topics.parked } as const;
let serial = 0;

export interface SceneOptions extends Partial<Pick<BusinessOptions, "redecode" | "publishEveryMs" | "trimEveryMs" | "silenceEveryMs" | "clock">> {
  readonly partitions?: number;
}

export async function openScene({ partitions = 2, clock = systemClock, ...over }: SceneOptions = {}): Promise<Scene> {
  const folder = await mkdtemp(join(tmpdir(), "caudal-business-"));
  const log = await openEmbeddedLog({ directory: folder });
  await log.declareTopics(topicSpecs(partitions));
  const documents = await openEmbeddedDocuments({ directory: folder });
  const live = createLiveChannel();
  const cold = await openEmbeddedTier({ directory: folder, name: "cold", retentionMs: null, revisions: "all" });
  const codec = await Codec.open(openFileRegistry());
  const metrics = createMetrics({ process: false });
  const lines: string[] = [];
  const logger = createLogger({ level: "debug", destination: { write: (line: string) => void lines.push(line) } });
  const parker = createParker({ log, codec, metrics });
  const tokens = await TokenStore.open(documents, () => clock.nowUs());
  const redecode: BusinessOptions["redecode"] = async () => ({ stillBad: "malformed-json", detail: "still" });
  const business = await createBusiness({ log, codec, documents, live, cold, tokens, parker, clock, logger, metrics, redecode, publishEveryMs: 20, trimEveryMs: 3_600_000, ...over });
  const server = createHttpServer({
    host: "127.0.0.1", port: 0, operations: business.operations, authenticate: createAuthenticate({ lookup: tokens.lookup, tokensRequired: false }),
    health: createHealth(), metrics, logger,
  });
  await business.start();
  await server.start();
  const parked = await documents.collection<ParkedRecord>(parkedCollection);
  const audit = await documents.collection<AuditRecord>({ name: "audit", tenant: true });
  const base = `http://127.0.0.1:${server.address().port}`;

  async function call(method: string, path: string, { body, token, headers = {} }: CallOptions = {}): Promise<Answer> {
    const response = await fetch(base + path, {
      method, headers: { ...(body === undefined ? {} : { "content-type": "application/json" }), ...(token === undefined ? {} : { authorization: `Bearer ${token}` }), ...headers },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    return { status: response.status, headers: response.headers, body: text === "" ? undefined : JSON.parse(text) };
  }

  async function records(topic: string): Promise<readonly StoredRecord[]> {
    const found: StoredRecord[] = [];
    for (const { partition, startOffset, endOffset } of await log.bounds(topic)) {
      for (let fromOffset = startOffset; fromOffset < endOffset;) {
        const batch = await log.read({ topic, partition, fromOffset, waitMs: 0 });
        found.push(...batch.records);
        fromOffset = batch.nextOffset;
      }
    }
    return found;
  }

  async function settled(): Promise<void> {
    await until("the projections have had all", async () => {
      const lags = await Promise.all([log.lag(topics.devices, groups.devices), log.lag(topics.parked, groups.parked)]);
      return lags.flat().every(({ lag }) => lag === 0);
    });
  }

  return {
    folder, baseUrl: base, log, codec, documents, live, cold, parker, tokens, metrics, logger, business, parked, lines, call, records, settled,
    directory: await Directory.open(documents),
    get: (path, token) => call("GET", path, token === undefined ? {} : { token }),
    token: async (role, clients) => (await tokens.create({ name: `${role}-${++serial}`, role, clients, createdBy: "test" })).token,
    adopt: async (client, device, ...keys) => {
      const scene = await Directory.open(documents);
      const { body } = await scene.adopt(client, device, { by: "auto", keys: keys.map((key) => ({ key, unit: null })), labels: {}, atUs: 1_700_000_000_000_000 });
      return body.entries[0]?.point ?? "";
    },
    presence: async (...events) => {
      const whole = events.map((event): DevicePresence => ({
        eventId: randomUUID(), client: "acme", device: "w-07", kind: "seen", source: "mqtt", transport: "mqtt", observedAtUs: null, receivedAtUs: 1_700_000_000_000_000, detail: "", labels: {}, ...event,
      }));
      await log.publish(topics.devices, whole.map((event) => ({ key: `${event.client}/${event.device}`, value: codec.encode("DevicePresence", event) })));
      await settled();
    },
    park: async (...items) => {
      const whole = items.map((item): ParkItem => ({
        client: "acme", group: "collector", reason: "malformed-json", detail: "line 1, column 2", value: Buffer.from("{"), contentType: "application/json",
        source: "mqtt", transport: "mqtt", origin: "caudal/acme/w-07/readings", receivedAtUs: 1_700_000_000_000_000 + ++serial, eventId: `event-${++serial}`, ...item,
      }));
      await parker.park(whole);
      await settled();
      return whole.map(({ eventId = "" }) => eventId);
    },
    all: async <N extends RecordName>(name: N) => (await records(topicOf[name])).map(({ value }) => {
      const decoded = codec.decode(name, value);
      if (!decoded.ok) throw new Error(decoded.why);
      return decoded.value;
    }),
    audited: async () => (await audit.find(systemScope, { orderBy: "atUs", limit: 1000 })).items.map(({ body }) => body),
    close: async () => {
      await server.stop(1000);
      await business.stop(2000);
      await Promise.all([log.close(), documents.close(), live.close(), cold.close()]);
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Polls until true. */
export async function until(what: string, holds: () => Promise<boolean> | boolean, withinMs = 8000): Promise<void> {
  const deadline = performance.now() + withinMs;
  while (!(await holds())) {
    if (performance.now() > deadline) throw new Error(`never: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

