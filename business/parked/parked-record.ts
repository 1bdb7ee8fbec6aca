import type { CollectionSpec } from "@caudal/core";

export const parkedStates = ["parked", "replayed", "discarded"] as const;

/** What is known of a parked event; its bytes stay in the log. Document id: the event id, which all its parts share. */
export interface ParkedRecord {
  readonly client: string;
  readonly group: string;
  readonly reason: string;
  readonly detail: string;
  /** Topic that it came from; empty when an edge parked it. */
  readonly topic: string;
  readonly key: string;
  readonly device: string;
  readonly source: string;
  readonly transport: string;
  readonly origin: string;
  readonly contentType: string;
  readonly receivedAtUs: number;
  /** Of the whole value, lower-case hex; absent in records from before it was kept. */
  readonly sha256?: string;
  /** Of the whole value. */
  readonly bytes: number;
  /** Offsets of the parts in `logPartition` of caudal.parked, by part; -1 for a part that has not come yet. */
  readonly offsets: readonly number[];
  readonly logPartition: number;
  /** Least of the offsets, so that the log may be trimmed below what nobody has decided. */
  readonly firstOffset: number;
  readonly state: (typeof parkedStates)[number];
  readonly decidedAtUs: number | null;
  readonly decidedBy: string;
  readonly note: string;
  /** First characters of the value when it is text. */
  readonly preview: string;
}

export const parkedCollection: CollectionSpec = {
  name: "parked",
  tenant: true,
  indexes: [
    ["receivedAtUs"], ["client", "receivedAtUs"], ["state", "receivedAtUs"], ["state", "reason", "receivedAtUs"], ["state", "group", "receivedAtUs"],
    ["state", "client", "receivedAtUs"], ["state", "logPartition", "firstOffset"], ["state", "reason", "client", "device", "receivedAtUs"], ["sha256", "receivedAtUs"],
  ],
};

/** True when every part has come. */
export function isComplete({ offsets }: Pick<ParkedRecord, "offsets">): boolean {
  return offsets.every((offset) => offset >= 0);
}
