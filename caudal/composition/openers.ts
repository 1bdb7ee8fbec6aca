import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Tell } from "@caudal/core";
import type { PortName, Ports } from "./ports.ts";

/** What an opener may need beside the URL. */
export interface OpenContext {
  readonly url: string;
  readonly dataDirectory: string;
  /** Bytes that the embedded log is kept near. */
  readonly logBytes: number;
  readonly hotRetentionMs: number;
  readonly warmRetentionMs: number;
  /** Of each topic. A store that keeps a lane a partition spares its writers each other. */
  readonly partitions: number;
  readonly tell: Tell;
  /** A log whose end is damaged is opened all the same, by those who mend it. */
  readonly mending: boolean;
}

/** One engine for one port: what people call it, whether it keeps files in the data folder, how it is opened. Clients load when they are chosen. */
interface Opener<P extends PortName> {
  readonly title: string;
  readonly ownsFolder?: true;
  open(context: OpenContext): Promise<Ports[P]>;
}

const tiersOf = (dataDirectory: string): string => join(dataDirectory, "tiers");
const embedded = () => import("@caudal/embedded");

const kafka: Opener<"log"> = { title: "Kafka", open: async ({ url, tell }) => (await import("@caudal/kafka")).openKafkaLog({ url, tell }) };
const registry: Opener<"registry"> = {
  title: "schema registry",
  open: async ({ url, dataDirectory, tell }) => (await import("@caudal/kafka")).openSchemaRegistry({ url, cacheDirectory: join(dataDirectory, "registry"), tell }),
};
const redisHot: Opener<"hot"> = { title: "Redis", open: async ({ url, hotRetentionMs, tell }) => (await import("@caudal/redis")).openRedisTier({ url, name: "hot", retentionMs: hotRetentionMs, tell }) };
const redisLive: Opener<"live"> = { title: "Redis", open: async ({ url, tell }) => (await import("@caudal/redis")).openRedisLive({ url, tell }) };
const mongoWarm: Opener<"warm"> = { title: "MongoDB", open: async ({ url, warmRetentionMs, partitions, tell }) => (await import("@caudal/mongo")).openMongoTier({ url, name: "warm", retentionMs: warmRetentionMs, lanes: partitions, tell }) };
const mongoDocuments: Opener<"documents"> = { title: "MongoDB", open: async ({ url, tell }) => (await import("@caudal/mongo")).openMongoDocuments({ url, tell }) };
const mongoArchive: Opener<"archive"> = { title: "MongoDB", open: async ({ url, tell }) => (await import("@caudal/mongo")).openMongoSegments({ url, tell }) };
const cassandra: Opener<"cold"> = { title: "Cassandra", open: async ({ url, tell }) => (await import("@caudal/cassandra")).openCassandraTier({ url, name: "cold", tell }) };

const sqlite = "embedded (SQLite)";

/** Which engine fills a port, by the scheme of its URL. */
export const openers: { readonly [P in PortName]: Readonly<Record<string, Opener<P>>> } = {
  registry: { embedded: { title: "files", open: async () => (await embedded()).openFileRegistry() }, http: registry, https: registry },
  log: {
    embedded: { title: sqlite, ownsFolder: true, open: async ({ dataDirectory, logBytes, mending }) => (await embedded()).openEmbeddedLog({ directory: join(dataDirectory, "log"), keepBytes: logBytes, ...(mending ? { onCorruption: () => undefined } : {}) }) },
    kafka, kafkas: kafka,
  },
  documents: {
    embedded: { title: sqlite, ownsFolder: true, open: async ({ dataDirectory }) => (await embedded()).openEmbeddedDocuments({ directory: join(dataDirectory, "documents") }) },
    mongodb: mongoDocuments, "mongodb+srv": mongoDocuments,
  },
  archive: {
    embedded: { title: "files", ownsFolder: true, open: async ({ dataDirectory }) => (await embedded()).openFileSegments(join(dataDirectory, "archive")) },
    file: { title: "files", open: async ({ url }) => (await embedded()).openFileSegments(fileURLToPath(url)) },
    mongodb: mongoArchive, "mongodb+srv": mongoArchive,
  },
  live: { embedded: { title: "in process", open: async () => (await embedded()).createLiveChannel() }, redis: redisLive, rediss: redisLive },
  hot: {
    embedded: {
      title: sqlite, ownsFolder: true,
      open: async ({ dataDirectory, hotRetentionMs }) => (await embedded()).openEmbeddedTier({ name: "hot", directory: tiersOf(dataDirectory), retentionMs: hotRetentionMs, revisions: "latest" }),
    },
    redis: redisHot, rediss: redisHot,
  },
  warm: {
    embedded: {
      title: sqlite, ownsFolder: true,
      open: async ({ dataDirectory, warmRetentionMs }) => (await embedded()).openEmbeddedTier({ name: "warm", directory: tiersOf(dataDirectory), retentionMs: warmRetentionMs, revisions: "latest" }),
    },
    mongodb: mongoWarm, "mongodb+srv": mongoWarm,
  },
  cold: {
    embedded: {
      title: sqlite, ownsFolder: true,
      open: async ({ dataDirectory }) => (await embedded()).openEmbeddedTier({ name: "cold", directory: tiersOf(dataDirectory), retentionMs: null, revisions: "all" }),
    },
    cassandra,
  },
};
