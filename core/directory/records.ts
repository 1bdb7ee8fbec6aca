import type { CollectionSpec } from "../ports/documents.ts";

/** A tenant. Document id: the client's id, a slug of [a-z0-9-]. */
export interface ClientRecord {
  readonly client: string;
  readonly name: string;
  readonly createdAtUs: number;
}

/** What a device's key means, from an instant on. */
export interface DirectoryEntry {
  /** The source's own name for the value. */
  readonly key: string;
  readonly channel: string;
  readonly point: string;
  readonly variable: string;
  /** Unit that the source's values are in. */
  readonly unit: string;
  /** True until a person said so. */
  readonly guessed: boolean;
  /** Instant from which it holds; null holds from the first reading. */
  readonly validFromUs: number | null;
  /** A person decided that the key is not a measurement. */
  readonly ignored?: boolean;
}

/** A device of a client. Document id: `deviceKey(client, device)`. */
export interface DeviceRecord {
  readonly client: string;
  readonly device: string;
  /** active: mapped. waiting: its readings are parked until somebody adopts it. */
  readonly state: "active" | "waiting";
  readonly entries: readonly DirectoryEntry[];
  /** Labels of its first reading (credit, compressed time …). */
  readonly labels: Readonly<Record<string, string>>;
  /** Keys met while waiting, so that a person sees what it sends. */
  readonly keysSeen: readonly string[];
  readonly firstSeenAtUs: number;
  /** Grows with each change of `entries` or `state`: mapping remaps the past when it does. */
  readonly directoryVersion: number;
  /** When that change was made: the received time of what follows from it. */
  readonly changedAtUs: number;
}

/** Limits of the quality tests of one variable of a point; absent ones take the variable's defaults. */
export interface VariableConfig {
  readonly min?: number;
  readonly max?: number;
  /** Change a second that is suspect. */
  readonly maxRatePerS?: number;
  /** Seconds without any change that are suspect. */
  readonly flatLineS?: number;
}

/** A measurement point. Document id: the point's id. */
export interface PointRecord {
  readonly client: string;
  readonly point: string;
  readonly name: string;
  readonly device: string;
  readonly channel: string;
  /** Other devices of the client whose keys were made to feed the point; one of them may have stopped since. */
  readonly feeders: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
  readonly adoptedBy: "auto" | "person";
  readonly createdAtUs: number;
  /** Seconds between readings, when a person said so; else it is learned from the data. */
  readonly periodS: number | null;
  /** By variable. */
  readonly variables: Readonly<Record<string, VariableConfig>>;
  /** 1 when it was made, one more with each change by a person. The document's own version also counts what machines note in it. */
  readonly revision: number;
  readonly changedAtUs: number;
  readonly changedBy: string;
  /** True until the change stands on caudal.points. */
  readonly unpublished: boolean;
}

export const clientCollection: CollectionSpec = { name: "clients", tenant: true };
export const deviceCollection: CollectionSpec = {
  name: "devices", tenant: true, indexes: [["client", "device"], ["device"], ["changedAtUs"], ["state"]],
};
export const pointCollection: CollectionSpec = {
  name: "points", tenant: true, indexes: [["client", "name"], ["device"], ["unpublished"], ["name"]],
};

/** Key of a device in the log and id of its document. Client ids hold no slash. */
export function deviceKey(client: string, device: string): string {
  return `${client}/${device}`;
}
