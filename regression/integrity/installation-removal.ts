import { setTimeout } from "node:timers/promises";
import kafkajs from "kafkajs";
import { MongoClient } from "mongodb";
import mqtt from "mqtt";
import { dropKeyspace } from "../../adapters/cassandra/test-keyspace.ts";
import { removeKeys } from "../../adapters/redis/test-keys.ts";
import type { InstallationUrls } from "../../bench/promise/engine-environment.ts";
import { extended, targetOf } from "../../tools/fault-proxy/urls.ts";

const SESSION_MS = 60_000;

/** Removes everything that an installation kept under a name on servers that others use too, its last collector's session with the broker included. */
export async function removeInstallation(urls: InstallationUrls, name: string): Promise<void> {
  await Promise.all([removeTopics(urls.kafka, `${name}.`), removeKeys(urls.redis, name), dropKeyspace(urls.cassandra, name), dropDatabase(extended(urls.mongo, name, {})), endSession(urls.mosquitto, name)]);
}

async function endSession(broker: string, clientId: string): Promise<void> {
  const connection = await mqtt.connectAsync(broker, { protocolVersion: 5, clientId, clean: true });
  await connection.endAsync();
}

async function dropDatabase(url: string): Promise<void> {
  const client = await MongoClient.connect(url);
  await client.db().dropDatabase();
  await client.close();
}

async function removeTopics(url: string, prefix: string): Promise<void> {
  const { host, port } = targetOf(url);
  const admin = new kafkajs.Kafka({ brokers: [`${host}:${port}`], logLevel: kafkajs.logLevel.NOTHING }).admin();
  await admin.connect();
  try {
    const topics = (await admin.listTopics()).filter((topic) => topic.startsWith(prefix));
    if (topics.length > 0) await admin.deleteTopics({ topics });
    const { groups } = await admin.listGroups();
    const ours = groups.map(({ groupId }) => groupId).filter((group) => group.startsWith(prefix));
    if (ours.length > 0) await deleteGroups(admin, ours);
  } finally {
    await admin.disconnect();
  }
}

/** A member that was killed, or left without a word under load, belongs to its group until its session runs out. */
async function deleteGroups(admin: kafkajs.Admin, groups: string[]): Promise<void> {
  const untilMs = performance.now() + SESSION_MS;
  for (let left = groups; left.length > 0;) {
    try {
      return void (await admin.deleteGroups(left));
    } catch (error) {
      if (!(error instanceof kafkajs.KafkaJSDeleteGroupsError) || performance.now() > untilMs) throw error;
      left = (error.groups ?? []).map(({ groupId }) => groupId);
      await setTimeout(500);
    }
  }
}
