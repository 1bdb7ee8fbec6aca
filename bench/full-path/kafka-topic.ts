import kafkajs, { type Admin } from "kafkajs";
import { targetOf } from "../../tools/fault-proxy/urls.ts";

/** Where a topic ends, and how far a group is, asked of the broker itself. */
export class KafkaTopic {
  readonly #admin: Admin;
  readonly #topic: string;

  private constructor(admin: Admin, topic: string) {
    this.#admin = admin;
    this.#topic = topic;
  }

  static async open(url: string, topic: string): Promise<KafkaTopic> {
    const admin = new kafkajs.Kafka({ clientId: "caudal-bench", brokers: brokersOf(url), logLevel: kafkajs.logLevel.NOTHING }).admin();
    await admin.connect();
    return new KafkaTopic(admin, topic);
  }

  async create(partitions: number): Promise<void> {
    await this.#admin.createTopics({ topics: [{ topic: this.#topic, numPartitions: partitions, replicationFactor: 1 }] });
  }

  /** Records that it has ever had. */
  async records(): Promise<number> {
    return (await this.#admin.fetchTopicOffsets(this.#topic)).reduce((sum, { high }) => sum + Number(high), 0);
  }

  /** Records that a group has committed. */
  async committed(groupId: string): Promise<number> {
    const [found] = await this.#admin.fetchOffsets({ groupId, topics: [this.#topic] });
    return (found?.partitions ?? []).reduce((sum, { offset }) => sum + Math.max(0, Number(offset)), 0);
  }

  close(): Promise<void> {
    return this.#admin.disconnect();
  }
}

/** host:port of a `kafka://` URL's first broker, which knows the others. */
export function brokersOf(url: string): string[] {
  const { host, port } = targetOf(url);
  return [`${host}:${port}`];
}
