import { CaudalError, type TopicSpec } from "@caudal/core";
import { kindOf, toCaudal } from "../wire/failure.ts";
import type { Desk } from "./desk.ts";
import type { Names } from "./names.ts";

const MAX_MESSAGE_BYTES = 10 * 1024 * 1024;
const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;
const TOPIC_RESOURCE = 2;
const TOPIC_CONFIG_SOURCE = 1;
const CREATE_WITHIN_MS = 10_000;

export interface DeclareSettings {
  readonly replication: number;
  readonly minInSync: number;
}

/** Creates the topics that are missing, brings the settings of the others up to date, and waits until all of them can be used. */
export class Declarations {
  readonly #desk: Desk;
  readonly #names: Names;
  readonly #settings: DeclareSettings;

  constructor(desk: Desk, names: Names, settings: DeclareSettings) {
    this.#desk = desk;
    this.#names = names;
    this.#settings = settings;
  }

  /** Fails with "setting" when a topic exists with another number of partitions. */
  async declare(topics: readonly TopicSpec[]): Promise<void> {
    for (const { name, partitions, retentionMs } of topics) {
      if (!/^[A-Za-z0-9._-]{1,200}$/.test(name)) throw new CaudalError("setting", `topic "${name}": Kafka takes letters, digits, '.', '_' and '-' only`);
      if (!Number.isSafeInteger(partitions) || partitions < 1) throw new CaudalError("setting", `topic ${name} with ${partitions} partitions`);
      if (retentionMs !== null && !(retentionMs > 0)) throw new CaudalError("setting", `topic ${name} with a retention of ${retentionMs} ms`);
    }
    await Promise.all(topics.map((topic) => this.#declare(topic)));
  }

  async #declare(spec: TopicSpec): Promise<void> {
    const topic = this.#names.topic(spec.name);
    const wanted = configOf(spec, this.#settings);
    const found = await this.#partitions(topic);
    if (found === undefined) {
      await this.#create(topic, spec.partitions, wanted);
      await this.#usable(spec, topic);
      return;
    }
    mustAgree(spec, found);
    await this.#bringUpToDate(topic, wanted);
  }

  async #create(topic: string, numPartitions: number, config: ReadonlyMap<string, string>): Promise<void> {
    const configEntries = [...config].map(([name, value]) => ({ name, value }));
    await this.#desk.ask(`create topic ${topic}`, async () => {
      const controller = await this.#desk.link.controller();
      try {
        await controller.call("CreateTopics", { topics: [{ topic, numPartitions, replicationFactor: this.#settings.replication, configEntries }], timeout: CREATE_WITHIN_MS });
      } catch (error) {
        // Another was quicker, or an answer was lost.
        if (kindOf(error) !== "TOPIC_ALREADY_EXISTS") throw error;
      }
    });
  }

  /** Brokers hear of a new topic one after the other. */
  async #usable(spec: TopicSpec, topic: string): Promise<void> {
    await this.#desk.ask(`topic ${topic}`, async () => {
      this.#desk.link.forget(topic);
      const leaders = await this.#desk.link.leaders(topic).catch((error: unknown) => {
        throw new CaudalError("unavailable", `${topic} is made, and the broker does not know it yet`, { cause: error });
      });
      mustAgree(spec, leaders.length);
      if (!leaders.includes(-1)) return;
      throw new CaudalError("unavailable", `a partition of ${topic} has no leader yet`);
    });
  }

  /** Changes what differs; keeps what a person set besides, since Kafka takes the settings of a topic as a whole. */
  async #bringUpToDate(topic: string, wanted: ReadonlyMap<string, string>): Promise<void> {
    await this.#desk.ask(`settings of topic ${topic}`, async () => {
      const wire = await this.#desk.link.any();
      const resource = { type: TOPIC_RESOURCE, name: topic };
      const answer = (await wire.call("DescribeConfigs", { resources: [resource], includeSynonyms: false })) as {
        resources: { configEntries: { configName: string; configValue: string | null; configSource: number }[] }[];
      };
      const entries = answer.resources[0]?.configEntries ?? [];
      const inForce = new Map(entries.map(({ configName, configValue }) => [configName, configValue]));
      if ([...wanted].every(([name, value]) => inForce.get(name) === value)) return;
      const own = entries.flatMap(({ configName, configValue, configSource }) => (configSource === TOPIC_CONFIG_SOURCE && configValue !== null ? [[configName, configValue] as const] : []));
      const merged = new Map([...own, ...wanted]);
      await wire.call("AlterConfigs", { resources: [{ ...resource, configEntries: [...merged].map(([name, value]) => ({ name, value })) }], validateOnly: false });
    });
  }

  async #partitions(topic: string): Promise<number | undefined> {
    this.#desk.link.forget(topic);
    try {
      return (await this.#desk.leaders(topic)).length;
    } catch (error) {
      if (toCaudal(error, topic).code === "unknown-topic") return undefined;
      throw error;
    }
  }
}

/** Settings of a topic in Kafka's words. */
export function configOf({ retentionMs }: TopicSpec, { minInSync }: DeclareSettings): ReadonlyMap<string, string> {
  const config = new Map([
    ["cleanup.policy", "delete"],
    ["retention.ms", String(retentionMs ?? -1)],
    ["retention.bytes", "-1"],
    // The broker's clock, so that no device or service with a wrong one shortens or lengthens what is kept.
    ["message.timestamp.type", "LogAppendTime"],
    ["max.message.bytes", String(MAX_MESSAGE_BYTES)],
    ["min.insync.replicas", String(minInSync)],
    ["unclean.leader.election.enable", "false"],
  ]);
  // Kafka lets go of whole segments: one that takes long to fill is kept long after its time.
  if (retentionMs !== null) config.set("segment.ms", String(Math.min(DAY_MS, Math.max(MINUTE_MS, Math.ceil(retentionMs / 7)))));
  return config;
}

function mustAgree({ name, partitions }: TopicSpec, found: number): void {
  if (found === partitions) return;
  throw new CaudalError("setting", `topic ${name} exists with ${found} partitions, not ${partitions}; the number is fixed when a topic is made`);
}
