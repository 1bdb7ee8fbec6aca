import type { CollectionSpec } from "@caudal/core";

/** What was last heard of a device. Document id: `deviceKey(client, device)`. One writer: the group that reads caudal.devices. */
export interface PresenceRecord {
  readonly client: string;
  readonly device: string;
  readonly presence: "online" | "offline" | "unknown";
  readonly lastSeenAtUs: number;
  readonly source: string;
  readonly transport: string;
  /** Why it was refused or went away; empty when nothing is wrong. */
  readonly detail: string;
  /** Newest source time of its data, over all variables; null, or absent, while it never sent any. */
  readonly newestUs?: number | null;
  /** Last steps between newest times. */
  readonly gapsUs?: readonly number[];
  /** What is expected of it: its points' own period, or the learned one; null while nobody knows. */
  readonly periodUs?: number | null;
  /** When it counts as silent; null while nobody knows its period, and while it is silent. */
  readonly silentAfterUs?: number | null;
  /** Newest source time of a device that is silent. */
  readonly silentSinceUs?: number | null;
}

export const presenceCollection: CollectionSpec = { name: "device-presence", tenant: true, indexes: [["client", "device"], ["lastSeenAtUs"], ["silentAfterUs"]] };
