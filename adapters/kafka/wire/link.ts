import { CaudalError } from "@caudal/core";
import type { BrokerAddress } from "../address/parse-url.ts";
import { WireLost } from "./failure.ts";
import { errorOfCode } from "./kafkajs.ts";
import { Wire, type WireSettings } from "./wire.ts";

export interface LinkSettings extends WireSettings {
  readonly seeds: readonly BrokerAddress[];
}

interface MetadataAnswer {
  readonly brokers: readonly { readonly nodeId: number; readonly host: string; readonly port: number }[];
  readonly controllerId: number;
  readonly topicMetadata: readonly {
    readonly topicErrorCode: number;
    readonly partitionMetadata: readonly { readonly partitionId: number; readonly leader: number }[];
  }[];
}

/** The brokers of a cluster for one purpose: at most one connection to each, opened when it is needed, and who leads which partition. */
export class Link {
  readonly #settings: LinkSettings;
  readonly #addresses = new Map<number, BrokerAddress>();
  readonly #wires = new Map<string, Promise<Wire>>();
  readonly #leaders = new Map<string, readonly number[]>();
  #controller = -1;
  #closed = false;

  constructor(settings: LinkSettings) {
    this.#settings = settings;
  }

  /** A broker that answers; the seeds are asked when none that is known does. */
  async any(): Promise<Wire> {
    for (const opening of this.#wires.values()) {
      const wire = await opening.catch(() => undefined);
      if (wire?.alive === true) return wire;
    }
    let last: unknown;
    for (const address of [...this.#addresses.values(), ...shuffled(this.#settings.seeds)]) {
      try {
        return await this.#wire(address);
      } catch (error) {
        last = error;
      }
    }
    throw last as Error;
  }

  async node(nodeId: number): Promise<Wire> {
    if (!this.#addresses.has(nodeId)) await this.#refresh([]);
    const address = this.#addresses.get(nodeId);
    if (address === undefined) throw new CaudalError("unavailable", `the cluster knows no broker ${nodeId} at this moment`);
    return this.#wire(address);
  }

  /** Every broker of the cluster. */
  async all(): Promise<readonly Wire[]> {
    await this.#refresh([]);
    return Promise.all([...this.#addresses.keys()].map((nodeId) => this.node(nodeId)));
  }

  /** The broker that makes topics. */
  async controller(): Promise<Wire> {
    await this.#refresh([]);
    return this.node(this.#controller);
  }

  /** Where a group is coordinated. */
  async coordinator(groupId: string): Promise<Wire> {
    const answer = (await (await this.any()).call("GroupCoordinator", { groupId, coordinatorType: 0 })) as { coordinator: BrokerAddress & { nodeId: number } };
    const { nodeId, host, port } = answer.coordinator;
    this.#addresses.set(nodeId, { host, port });
    return this.#wire({ host, port });
  }

  /** Node that leads each partition, in partition order; -1 for one that has none now. Fails as UNKNOWN_TOPIC_OR_PARTITION. */
  async leaders(topic: string): Promise<readonly number[]> {
    return this.#leaders.get(topic) ?? this.#refresh([topic]);
  }

  /** What is known without asking. */
  knownLeaders(topic: string): readonly number[] | undefined {
    return this.#leaders.get(topic);
  }

  /** Ask again who leads: it was not so, or nobody answered. */
  forget(topic: string): void {
    this.#leaders.delete(topic);
  }

  close(why = new WireLost("the connection was closed here")): void {
    this.#closed = true;
    for (const opening of this.#wires.values()) opening.then((wire) => wire.destroy(why), () => undefined);
    this.#wires.clear();
  }

  async #refresh(topics: readonly string[]): Promise<readonly number[]> {
    const wire = await this.any();
    // With no topic named kafkajs asks for all; a name that cannot exist asks for none.
    const answer = (await wire.call("Metadata", { topics: topics.length === 0 ? ["__no_such_topic__"] : topics, allowAutoTopicCreation: false }, { raw: true })) as MetadataAnswer;
    this.#addresses.clear();
    for (const { nodeId, host, port } of answer.brokers) this.#addresses.set(nodeId, { host, port });
    this.#controller = answer.controllerId;
    const [topic] = topics;
    const [found] = answer.topicMetadata;
    if (topic === undefined || found === undefined) return [];
    if (found.topicErrorCode !== 0) throw errorOfCode(found.topicErrorCode);
    const leaders = [...found.partitionMetadata].sort((a, b) => a.partitionId - b.partitionId).map(({ leader }) => leader);
    this.#leaders.set(topic, leaders);
    return leaders;
  }

  async #wire(address: BrokerAddress): Promise<Wire> {
    if (this.#closed) throw new CaudalError("closed", "the log is closed");
    const name = `${address.host}:${address.port}`;
    const known = this.#wires.get(name);
    if (known !== undefined) {
      const wire = await known;
      if (wire.alive) return wire;
      wire.retire();
      // Another may have opened a new one meanwhile.
      if (this.#wires.get(name) !== known) return this.#wire(address);
    }
    const opening = Wire.open(address, this.#settings);
    this.#wires.set(name, opening);
    try {
      const wire = await opening;
      if (this.#closed) wire.destroy(new WireLost("the connection was closed here"));
      return wire;
    } catch (error) {
      if (this.#wires.get(name) === opening) this.#wires.delete(name);
      throw error;
    }
  }
}

function shuffled<T>(items: readonly T[]): T[] {
  return items.map((item) => ({ item, at: Math.random() })).sort((a, b) => a.at - b.at).map(({ item }) => item);
}
