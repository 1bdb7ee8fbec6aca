import type { Bell, StoredRecord } from "@caudal/core";
import type { Conditions } from "./conditions.ts";
import type { Store } from "./store.ts";

export interface PartitionState {
  readonly topic: TopicState;
  readonly partition: number;
  startOffset: number;
  readonly records: StoredRecord[];
  readonly moved: Bell;
  nextOffset: number;
}

export interface TopicState {
  readonly name: string;
  readonly retentionMs: number | null;
  readonly partitions: readonly PartitionState[];
  /** By group: committed offset of each partition. */
  readonly committed: Map<string, Map<number, number>>;
  readonly groups: Map<string, MembersOfGroup>;
}

/** Of a group, what the log must know. */
export interface MembersOfGroup {
  readonly empty: boolean;
  /** The log lost them: they join again. */
  forget(): void;
}

/** The log as those see it who consume it. */
export interface ConsumedLog {
  readonly world: Conditions & { store(name: "log"): Store };
  commit(topic: TopicState, group: string, partition: number, nextOffset: number): void;
}
