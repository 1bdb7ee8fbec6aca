import type { Documents, EventLog, LiveChannel, SeriesTier } from "@caudal/core";
import type { Clock, Logger, Metrics, SettingsOf } from "@caudal/runtime";
import type { Codec } from "@caudal/schemas";
import type { analyticsSettings } from "./settings.ts";

export interface AnalyticsOptions {
  readonly log: EventLog;
  readonly codec: Codec;
  readonly documents: Documents;
  readonly hot: SeriesTier;
  readonly warm: SeriesTier;
  readonly cold: SeriesTier;
  /** Nudges of the directory: a changed unit or name shows at once. */
  readonly live: LiveChannel;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly settings: SettingsOf<typeof analyticsSettings>;
}
