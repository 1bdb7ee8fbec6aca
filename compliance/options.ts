import type { Documents, EventLog, SegmentStore, SeriesTier } from "@caudal/core";
import type { Clock, FaultPoints, Logger, Metrics } from "@caudal/runtime";
import type { Codec } from "@caudal/schemas";
import type { CredentialStore } from "./credentials/credential-store.ts";
import type { ObraBook } from "./obras/obra-book.ts";
import type { RegulatorName } from "./obras/obra.ts";
import type { ComplianceSettings } from "./settings.ts";
import type { SlotBook } from "./slots/slot-book.ts";

export interface ComplianceOptions {
  readonly documents: Documents;
  readonly log: EventLog;
  readonly codec: Codec;
  readonly warm: SeriesTier;
  readonly cold: SeriesTier;
  readonly archive: SegmentStore;
  readonly settings: ComplianceSettings;
  /** Where keys lie that no setting gives; made when they are missing. */
  readonly keyFolder: string;
  /** What no backup carries (see `SendSwitch`). */
  readonly instanceId: string;
  /** Where a sandbox of the regulators answers; empty where none does, and then nothing is sent in mode sandbox. */
  readonly sandbox: Partial<Record<RegulatorName, string>>;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly faults?: FaultPoints | undefined;
}

export interface ComplianceParts {
  readonly obras: ObraBook;
  readonly credentials: CredentialStore;
  readonly slots: SlotBook;
}
