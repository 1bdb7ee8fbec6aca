import { Client } from "cassandra-driver";
import { Redis } from "ioredis";
import { MongoClient } from "mongodb";
import { targetOf } from "../../tools/fault-proxy/urls.ts";
import { deleteTopics } from "../mqtt/delete-topics.ts";
import type { BenchContext } from "../harness/benchmark.ts";

/** Bare clients of the three stores. */
export interface StoreClients {
  readonly redis: Redis;
  readonly mongo: MongoClient;
  readonly cassandra: Client;
}

/** Opens the stores of the run. When the benchmark ends, what lies in them and in Kafka under a name goes: keys, a database, a keyspace, topics. */
export async function openStores(context: BenchContext, name: string): Promise<StoreClients> {
  const kafka = context.engine("kafka").url;
  context.closing(() => deleteTopics(kafka, name));
  const redis = new Redis({ ...targetOf(context.engine("redis").url), db: 0 });
  context.closing(async () => {
    for await (const keys of redis.scanStream({ match: `${name}*`, count: 1000 }) as AsyncIterable<string[]>) if (keys.length > 0) await redis.unlink(keys);
    await redis.quit();
  });
  const mongo = await new MongoClient(context.engine("mongo").url).connect();
  context.closing(async () => {
    await mongo.db(name).dropDatabase();
    await mongo.close();
  });
  const { host, port } = targetOf(context.engine("cassandra").url);
  const cassandra = new Client({ contactPoints: [`${host}:${port}`], localDataCenter: "datacenter1", socketOptions: { readTimeout: 60_000 } });
  await cassandra.connect();
  context.closing(async () => {
    await cassandra.execute(`DROP KEYSPACE IF EXISTS ${name}`);
    await cassandra.shutdown();
  });
  return { redis, mongo, cassandra };
}
