import type { EventLog } from "@caudal/core";

/** What the suite needs of an adapter. One harness serves one test; `dispose` follows whatever happened. */
export interface EventLogHarness {
  /** Opens the log; opened again after `close`, it is the same log with all that was acknowledged. */
  open(): Promise<EventLog>;
  /** A second instance on the same log at the same time. Absent where a log is one process: both members then share one instance. */
  openSecond?(): Promise<EventLog>;
  /** Ends an instance as `kill -9` would: nothing drained, nothing settled. */
  crash?(log: EventLog): Promise<void>;
  /** Moves the log's clock on, where a test can hold it. */
  advanceMs?(ms: number): void;
  dispose(): Promise<void>;
}

/** What an adapter may not be able to show here; each needs its reason, which is printed as a skip. */
export type EventLogQuirk = "crash" | "held-clock" | "memory-bound" | "trim";

export interface EventLogSuiteOptions {
  readonly quirks?: Readonly<Partial<Record<EventLogQuirk, string>>>;
  /** How long anything asynchronous may take to show; 5000 when absent. */
  readonly deadlineMs?: number;
  /** Bytes that a consumer with a stuck handler may hold; 48 MiB when absent. */
  readonly memoryBoundBytes?: number;
}
