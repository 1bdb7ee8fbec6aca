import type { Documents, Erasures, EventLog, GroupName } from "@caudal/core";
import type { Clock, Findings, Logger, Metrics, Parker, StartConsumerOptions } from "@caudal/runtime";
import type { Codec } from "@caudal/schemas";
import type { Heads } from "./state/partition-head.ts";
import type { SnapshotPace } from "./state/partition.ts";
import { memoryOfProcess, stateBytes } from "./state/state-memory.ts";

/** What a group of this service consumes, and how. */
export type ConsumerPlan = Pick<StartConsumerOptions, "topic" | "handler" | "breaker" | "commit" | "maxBatchRecords" | "maxBatchBytes" | "lingerMs"> & { readonly group: GroupName };

/** Batches large enough that one durable publish serves many readings, and small enough that other partitions get their turn. */
export const BATCH = { maxBatchRecords: 2000, maxBatchBytes: 2 * 1024 * 1024 } as const;

/** Memory for the states of one partition. */
export const STATES = { maxStates: 20_000, maxBytes: stateBytes(memoryOfProcess()) } as const;

/** What both groups that keep states need. */
export interface GroupOptions {
  readonly log: EventLog;
  readonly codec: Codec;
  readonly documents: Documents;
  readonly heads: Heads;
  readonly parker: Parker;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly findings: Findings;
  readonly erasures: Erasures;
  readonly pace: SnapshotPace;
  /** Milliseconds between looks whether the log holds what was published; 5 s when absent. */
  readonly auditEveryMs?: number;
}
