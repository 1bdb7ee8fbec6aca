import { CaudalError, type PartitionBounds } from "@caudal/core";
import { kindOf } from "../wire/failure.ts";
import { errorOfCode } from "../wire/kafkajs.ts";
import type { Link } from "../wire/link.ts";
import { insist } from "../wire/patience.ts";

interface OffsetsAnswer {
  readonly responses: readonly { readonly partitions: readonly { readonly partition: number; readonly errorCode: number; readonly offset: string }[] }[];
}

/** What a group with members answers to a commit by nobody. */
const hasMembers = new Set(["UNKNOWN_MEMBER_ID", "ILLEGAL_GENERATION", "REBALANCE_IN_PROGRESS"]);
const EARLIEST = "-2";
const LATEST = "-1";

export interface DeskSettings {
  /** How long a question is asked again before it fails. */
  readonly withinMs: number;
  readonly signal: AbortSignal;
}

/** Questions to the cluster about topics and groups by their names in Kafka, asked again while brokers are away or elect. */
export class Desk {
  readonly link: Link;
  readonly #settings: DeskSettings;

  constructor(link: Link, settings: DeskSettings) {
    this.link = link;
    this.#settings = settings;
  }

  /** Fails with "unavailable" after the time, or at once with what is final. */
  ask<T>(doing: string, work: () => Promise<T>): Promise<T> {
    return insist(work, { doing, withinMs: this.#settings.withinMs, signal: this.#settings.signal }).catch((error: unknown) => {
      throw this.#settings.signal.aborted ? new CaudalError("closed", "the log is closed", { cause: error }) : error;
    });
  }

  /** Leader of each partition now. Fails with "unknown-topic". */
  leaders(topic: string): Promise<readonly number[]> {
    return this.ask(`topic ${topic}`, async () => {
      try {
        return await this.link.leaders(topic);
      } catch (error) {
        this.link.forget(topic);
        throw error;
      }
    });
  }

  async bounds(topic: string, partitions?: readonly number[]): Promise<readonly PartitionBounds[]> {
    const wanted = partitions ?? (await this.leaders(topic)).map((_, partition) => partition);
    const [starts, ends] = await Promise.all([this.#offsets(topic, wanted, EARLIEST), this.#offsets(topic, wanted, LATEST)]);
    return wanted.map((partition) => ({ partition, startOffset: starts.get(partition) ?? 0, endOffset: ends.get(partition) ?? 0 }));
  }

  /** Where a group of Kafka's stands on each of the partitions where it ever committed. */
  committed(groupId: string, topic: string, partitions: readonly number[]): Promise<ReadonlyMap<number, number>> {
    if (partitions.length === 0) return Promise.resolve(new Map());
    return this.ask(`positions of ${groupId}`, async () => {
      const coordinator = await this.link.coordinator(groupId);
      const answer = (await coordinator.call("OffsetFetch", { groupId, topics: [{ topic, partitions: partitions.map((partition) => ({ partition })) }] })) as OffsetsAnswer;
      const rows = answer.responses.flatMap((each) => each.partitions);
      // -1: it never committed here; -2: a tool of kafkajs's asked for the start.
      return new Map(rows.filter(({ offset }) => Number(offset) >= 0).map(({ partition, offset }) => [partition, Number(offset)]));
    });
  }

  /** Puts a group without members at an offset. Fails with "in-use" while it has some. */
  place(groupId: string, topic: string, { partition, offset }: { readonly partition: number; readonly offset: number }): Promise<void> {
    return this.ask(`position of ${groupId}`, async () => {
      const coordinator = await this.link.coordinator(groupId);
      const request = { groupId, groupGenerationId: -1, memberId: "", topics: [{ topic, partitions: [{ partition, offset: String(offset) }] }] };
      await coordinator.call("OffsetCommit", request).catch((error: unknown) => {
        if (!hasMembers.has(kindOf(error))) throw error;
        throw new CaudalError("in-use", `group ${groupId} has members; close them first`, { cause: error });
      });
    });
  }

  /** Groups of Kafka's that some broker coordinates. */
  groups(): Promise<readonly string[]> {
    return this.ask("groups", async () => {
      const lists = await Promise.all((await this.link.all()).map((wire) => wire.call("ListGroups", {})));
      return [...new Set((lists as { groups: { groupId: string }[] }[]).flatMap(({ groups }) => groups.map(({ groupId }) => groupId)))].sort();
    });
  }

  trim(topic: string, partition: number, offset: number): Promise<void> {
    return this.ask(`trim of ${topic}/${partition}`, () =>
      this.#atLeader(topic, async () => {
        const wire = await this.link.node((await this.link.leaders(topic))[partition] ?? -1);
        const answer = (await wire.call("DeleteRecords", { topics: [{ topic, partitions: [{ partition, offset: String(offset) }] }] }, { raw: true })) as {
          topics: { partitions: { errorCode: number }[] }[];
        };
        const code = answer.topics[0]?.partitions[0]?.errorCode ?? 0;
        if (code !== 0) throw errorOfCode(code);
      }),
    );
  }

  #offsets(topic: string, partitions: readonly number[], timestamp: string): Promise<ReadonlyMap<number, number>> {
    return this.ask(`offsets of ${topic}`, () =>
      this.#atLeader(topic, async () => {
        const leaders = await this.link.leaders(topic);
        const byLeader = Map.groupBy(partitions, (partition) => leaders[partition] ?? -1);
        const answers = await Promise.all(
          [...byLeader].map(async ([node, own]) => {
            const topics = [{ topic, partitions: own.map((partition) => ({ partition, timestamp })) }];
            return (await (await this.link.node(node)).call("ListOffsets", { replicaId: -1, isolationLevel: 0, topics })) as OffsetsAnswer;
          }),
        );
        return new Map(answers.flatMap(({ responses }) => responses.flatMap((each) => each.partitions.map(({ partition, offset }) => [partition, Number(offset)] as const))));
      }),
    );
  }

  async #atLeader<T>(topic: string, work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      this.link.forget(topic);
      throw error;
    }
  }
}
