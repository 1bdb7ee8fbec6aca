import kafkajs from "kafkajs";

/** Removes the topics whose names begin so. */
export async function deleteTopics(url: string, prefix: string): Promise<void> {
  const admin = new kafkajs.Kafka({ brokers: [new URL(url).host], logLevel: kafkajs.logLevel.NOTHING }).admin();
  await admin.connect();
  const topics = (await admin.listTopics()).filter((topic) => topic.startsWith(prefix));
  if (topics.length > 0) await admin.deleteTopics({ topics });
  await admin.disconnect();
}
