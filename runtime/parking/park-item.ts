import type { ParkReason } from "@caudal/core";

/** What one group could not use, as it was. */
export interface ParkItem {
  /** Tenant that owns it; `NO_CLIENT` when nobody can say. */
  readonly client: string;
  /** The group that could not use it; `collector` at an edge. */
  readonly group: string;
  readonly reason: ParkReason;
  /** What was wrong, in words. Credentials are taken out and it is cut to 500 characters. */
  readonly detail: string;
  /** Whole, whatever its size. */
  readonly value: Uint8Array;
  /** Media type of the whole; application/octet-stream when absent. */
  readonly contentType?: string;
  /** Key of the record; the device's when absent, so that what belongs together stays in order. */
  readonly key?: string;
  readonly device?: string;
  /** Where it stood in the log; absent at an edge. */
  readonly topic?: string;
  readonly partition?: number;
  readonly offset?: number;
  readonly source?: string;
  readonly transport?: string;
  /** MQTT topic, HTTP path or file name. */
  readonly origin?: string;
  readonly receivedAtUs: number;
  readonly observedAtUs?: number | null;
  readonly headers?: Readonly<Record<string, string>>;
  readonly labels?: Readonly<Record<string, string>>;
  /** The same for a redelivery. Absent: from topic, partition, offset and group where they are known, else new. */
  readonly eventId?: string;
}

/** Owner of what nobody can name an owner for: no client can be called so, only a scope of all clients sees it. */
export const NO_CLIENT = "-";
