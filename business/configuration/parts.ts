import type { Directory, DocumentCollection, Erasures, LiveChannel, SeriesTier } from "@caudal/core";
import type { AuditTrail } from "../audit/audit-trail.ts";
import type { PresenceRecord } from "../devices/presence-record.ts";
import type { ParkedDesk } from "../parked/desk.ts";

/** What reading and applying configurations stands on. */
export interface ConfigurationParts {
  readonly directory: Directory;
  readonly presence: DocumentCollection<PresenceRecord>;
  readonly erasures: Erasures;
  /** Says whether anything was ever measured at a point. */
  readonly cold: SeriesTier;
  readonly desk: ParkedDesk;
  readonly live: LiveChannel;
  readonly audit: AuditTrail;
  readonly nowUs: () => number;
}
