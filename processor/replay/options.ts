import type { Documents, EventLog, SeriesTier, StoredRecord } from "@caudal/core";
import type { Clock, Logger, Metrics } from "@caudal/runtime";
import type { Codec } from "@caudal/schemas";
import type { judgeEvent } from "../judging/judge-event.ts";
import type { TriedRules } from "./trial.ts";

/** Records of a partition of a topic from an offset to before another, in order: the raw archive, then the log. */
export type PastOf = (topic: string, partition: number, range: { readonly fromOffset: number; readonly toOffset: number; readonly signal: AbortSignal }) => AsyncIterable<readonly StoredRecord[]>;

/** Empty stores in a folder of their own, which a replay fills instead of the real ones. Nothing of them is kept. */
export interface Shadow {
  /** Keeps the greatest revision of each fact, for ever. */
  readonly tier: SeriesTier;
  readonly documents: Documents;
  close(): Promise<void>;
}

export interface ReplayOptions {
  readonly log: EventLog;
  readonly codec: Codec;
  readonly documents: Documents;
  readonly cold: SeriesTier;
  readonly past: PastOf;
  /** For shadows and for what was found; what a crash left in it is removed at the start. */
  readonly folder: string;
  readonly openShadow: (folder: string) => Promise<Shadow>;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: Metrics;
  /** Milliseconds between looks at the groups that a replay waits for; 100 when absent. */
  readonly lookEveryMs?: number;
  /** The rules that are tried; those in force when absent. */
  readonly judge?: typeof judgeEvent;
}

/** What is replayed: all events of the points, of which the facts of instants in the range are compared. */
export interface ReplayRequest {
  /** Half-open; the whole history when absent. */
  readonly fromUs?: number | undefined;
  readonly toUs?: number | undefined;
  readonly client?: string | undefined;
  /** With `client`: the points that this device's keys feed. */
  readonly device?: string | undefined;
  readonly point?: string | undefined;
  /** Limits and settings that are tried in place of those in force; nothing of it can be applied by a replay. */
  readonly rules?: TriedRules | undefined;
  /** Publish what would change. */
  readonly apply: boolean;
  /** With `apply`: take back facts that nothing in the archive gives. */
  readonly withdraw: boolean;
}
