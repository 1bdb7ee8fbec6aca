import { Client } from "cassandra-driver";
import { Redis } from "ioredis";
import { Kafka, logLevel } from "kafkajs";
import { MongoClient } from "mongodb";
import { engineUrl } from "../../engines/for-tests.ts";
import type { EngineName } from "../../engines/engine.ts";

const url = (name: EngineName): URL => new URL(engineUrl(name) ?? "");

/** Takes everything of that name off the shared servers. */
export async function cleanUp(own: string): Promise<void> {
  const mongo = await MongoClient.connect(engineUrl("mongo") ?? "");
  await mongo.db(own).dropDatabase();
  await mongo.close();

  const cassandra = new Client({ contactPoints: [url("cassandra").host], localDataCenter: "datacenter1" });
  await cassandra.execute(`DROP KEYSPACE IF EXISTS "${own}"`);
  await cassandra.shutdown();

  const redis = new Redis(engineUrl("redis") ?? "");
  for await (const keys of redis.scanStream({ match: `${own}*`, count: 1000 }) as AsyncIterable<string[]>) if (keys.length > 0) await redis.unlink(...keys);
  redis.disconnect();

  const admin = new Kafka({ brokers: [url("kafka").host], logLevel: logLevel.NOTHING }).admin();
  await admin.connect();
  const topics = (await admin.listTopics()).filter((name) => name.startsWith(own));
  if (topics.length > 0) await admin.deleteTopics({ topics });
  await admin.disconnect();
}
