/** Caudal's names of topics and groups, and those in Kafka. */
export class Names {
  readonly #prefix: string;

  constructor(prefix: string) {
    this.#prefix = prefix;
  }

  topic(topic: string): string {
    return `${this.#prefix}${topic}`;
  }

  /** A group of the port is one of a topic; Kafka's spans topics, where a member that joins for one would stop the others for all. */
  group(topic: string, group: string): string {
    return `${this.#prefix}${group}@${topic}`;
  }

  /** The port's group that a group of Kafka's is on the topic; undefined when it is another's. */
  groupOf(topic: string, kafkaGroup: string): string | undefined {
    const end = `@${topic}`;
    if (!kafkaGroup.startsWith(this.#prefix) || !kafkaGroup.endsWith(end)) return undefined;
    return kafkaGroup.slice(this.#prefix.length, -end.length);
  }
}
