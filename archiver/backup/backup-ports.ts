import type { Documents, EventLog, SchemaRegistry, SegmentStore, SeriesTier } from "@caudal/core";

/** What a backup is taken of, and what it is restored into. */
export interface BackupPorts {
  readonly registry: SchemaRegistry;
  readonly log: EventLog;
  readonly documents: Documents;
  readonly archive: SegmentStore;
  readonly hot: SeriesTier;
  readonly warm: SeriesTier;
  readonly cold: SeriesTier;
}

/** How far it is; `aborted` ends it. */
export interface BackupRun {
  readonly signal: AbortSignal;
  progress(progress: { readonly done: number; readonly total: number | null; readonly unit: string; readonly note?: string }): void;
}
