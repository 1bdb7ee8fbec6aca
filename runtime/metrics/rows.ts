/** One metric: its name ends in its unit, its help is one sentence. */
export interface MetricRow {
  readonly name: string;
  readonly kind: "counter" | "gauge" | "histogram";
  readonly unit: "readings" | "records" | "facts" | "samples" | "events" | "seconds" | "bytes" | "requests" | "connections" | "files" | "rows" | "state" | "days" | "points" | "devices";
  readonly help: string;
  readonly labels: readonly string[];
  /** Upper bounds in the unit; histograms only. */
  readonly buckets?: readonly number[];
}

const fast = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/** Every metric that Caudal has. Parts count once a batch, never once a record. */
export const metricRows = [
  { name: "caudal_readings_accepted_total", kind: "counter", unit: "readings", labels: ["transport"], help: "Readings that an edge took and that are durable in the log." },
  { name: "caudal_readings_refused_total", kind: "counter", unit: "readings", labels: ["transport", "code"], help: "Readings that an edge refused, by the code its caller was given." },
  { name: "caudal_parked_total", kind: "counter", unit: "events", labels: ["group", "reason"], help: "Events kept aside by a group until a person decides." },
  { name: "caudal_park_breaker_open", kind: "gauge", unit: "state", labels: ["group"], help: "1 while a group stands still because it parked too much." },

  { name: "caudal_log_published_records_total", kind: "counter", unit: "records", labels: ["topic"], help: "Records published and durable." },
  { name: "caudal_log_publish_seconds", kind: "histogram", unit: "seconds", labels: ["topic"], buckets: fast, help: "Time from a publish to its durability." },
  { name: "caudal_log_errors_total", kind: "counter", unit: "events", labels: ["call", "code"], help: "Calls to the event log that failed, by the error's code." },
  { name: "caudal_consumed_records_total", kind: "counter", unit: "records", labels: ["group"], help: "Records that a group's handler finished." },
  { name: "caudal_replay_for_other_total", kind: "counter", unit: "records", labels: ["group"], help: "Records skipped because they are replayed for another group." },
  { name: "caudal_batch_seconds", kind: "histogram", unit: "seconds", labels: ["group"], buckets: fast, help: "Time that a group's handler took for a batch." },
  { name: "caudal_batch_failures_total", kind: "counter", unit: "events", labels: ["group", "retry"], help: "Batches whose handler failed, by what the error says about a retry." },
  { name: "caudal_consumer_reopens_total", kind: "counter", unit: "events", labels: ["group"], help: "Times that a group closed and began again from its offset." },
  { name: "caudal_lag_records", kind: "gauge", unit: "records", labels: ["group", "partition"], help: "Records between a group's committed offset and the end of the partition." },

  { name: "caudal_tier_facts_total", kind: "counter", unit: "facts", labels: ["tier", "outcome"], help: "Facts handed to a tier, by what it made of them." },
  { name: "caudal_tier_write_seconds", kind: "histogram", unit: "seconds", labels: ["tier"], buckets: fast, help: "Time from a write to its durability in a tier." },
  { name: "caudal_tier_read_rows_total", kind: "counter", unit: "rows", labels: ["tier"], help: "Rows that a tier streamed to readers." },
  { name: "caudal_tier_errors_total", kind: "counter", unit: "events", labels: ["tier", "call", "code"], help: "Calls to a tier that failed, by the error's code." },
  { name: "caudal_tier_incomplete", kind: "gauge", unit: "state", labels: ["tier"], help: "1 while a tier lost data and is read by nobody until it is refilled." },
  { name: "caudal_tier_refilled_facts_total", kind: "counter", unit: "facts", labels: ["tier"], help: "Facts that were copied back into a tier that had lost data." },
  { name: "caudal_tier_verified_days_total", kind: "counter", unit: "days", labels: ["tier"], help: "Point-days of a tier that were compared with the tiers that hold for longer." },
  { name: "caudal_tier_mismatches_total", kind: "counter", unit: "facts", labels: ["tier"], help: "Facts in which a tier and one that holds for longer were found to differ." },
  { name: "caudal_tier_unconfirmed_facts_total", kind: "counter", unit: "facts", labels: ["tier"], help: "Facts that one tier had, another lacked, and the log does not confirm; merged where asked for, never removed." },
  { name: "caudal_tier_repaired_facts_total", kind: "counter", unit: "facts", labels: ["tier"], help: "Facts that were merged into a tier because another had them." },
  { name: "caudal_tier_forgotten_days_total", kind: "counter", unit: "days", labels: ["tier"], help: "Point-days that a tier forgot after they were verified." },
  { name: "caudal_tier_packed_days_total", kind: "counter", unit: "days", labels: ["tier"], help: "Settled point-days that were packed in a tier that keeps for ever; one that facts came late for, each time." },
  { name: "caudal_tier_packed_facts_total", kind: "counter", unit: "facts", labels: ["tier"], help: "Facts that lay loose and were packed with their day." },
  { name: "caudal_tier_held_points", kind: "gauge", unit: "points", labels: ["tier"], help: "Points whose days past a tier's retention were not forgotten in the last run, because they could not be verified." },
  { name: "caudal_tier_last_write_timestamp_seconds", kind: "gauge", unit: "seconds", labels: ["tier"], help: "Unix time of the last write that a tier made durable." },

  { name: "caudal_documents_seconds", kind: "histogram", unit: "seconds", labels: ["collection", "call"], buckets: fast, help: "Time of a call to the document store." },
  { name: "caudal_documents_errors_total", kind: "counter", unit: "events", labels: ["collection", "call", "code"], help: "Calls to the document store that failed, by the error's code." },

  { name: "caudal_samples_fed_total", kind: "counter", unit: "samples", labels: ["group"], help: "Samples that went to a point beside their key's own: one barometer, many wells; no part of a conservation line." },
  { name: "caudal_samples_in_total", kind: "counter", unit: "samples", labels: ["group"], help: "Samples that entered a group's conservation line." },
  { name: "caudal_samples_out_total", kind: "counter", unit: "samples", labels: ["group", "outcome", "reason"], help: "Samples that left a group's conservation line, by outcome and reason." },
  { name: "caudal_facts_in_total", kind: "counter", unit: "facts", labels: ["group"], help: "Facts that entered a group's conservation line." },
  { name: "caudal_facts_out_total", kind: "counter", unit: "facts", labels: ["group", "outcome", "reason"], help: "Facts that left a group's conservation line, by outcome and reason." },

  { name: "caudal_conservation_residuals_total", kind: "counter", unit: "events", labels: ["check", "group"], help: "Counts of a group that did not add up, by what was compared." },
  { name: "caudal_conservation_residual_facts", kind: "gauge", unit: "facts", labels: ["group"], help: "Facts of a group that are missing or too many and that nobody has looked at yet." },
  { name: "caudal_conservation_in_flight_records", kind: "gauge", unit: "records", labels: ["group"], help: "Records between what a group has handled and counted and the end of its topic." },
  { name: "caudal_conservation_rounds_total", kind: "counter", unit: "events", labels: [], help: "Rounds in which an archiver compared what went in with what came out." },
  { name: "caudal_conservation_compared_points_total", kind: "counter", unit: "events", labels: ["outcome"], help: "Recently written points whose facts were compared between tiers, by outcome." },

  { name: "caudal_archive_segments_total", kind: "counter", unit: "files", labels: ["topic"], help: "Segments written to the raw archive." },
  { name: "caudal_archive_bytes_total", kind: "counter", unit: "bytes", labels: ["topic"], help: "Bytes written to the raw archive, compressed." },
  { name: "caudal_backup_last_success_timestamp_seconds", kind: "gauge", unit: "seconds", labels: [], help: "Unix time of the end of the last backup that is whole; 0 when there was none." },
  { name: "caudal_backup_drill_last_success_timestamp_seconds", kind: "gauge", unit: "seconds", labels: [], help: "Unix time of the last drill that restored a backup with equal digests; 0 when there was none." },
  { name: "caudal_backup_failures_total", kind: "counter", unit: "events", labels: ["kind"], help: "Backups and drills that failed or found a difference." },
  { name: "caudal_scrub_last_pass_timestamp_seconds", kind: "gauge", unit: "seconds", labels: [], help: "Unix time of the end of the last pass that read and checked everything that is stored; 0 when there was none." },
  { name: "caudal_scrub_damages", kind: "gauge", unit: "events", labels: ["store"], help: "Damages that the scrub found and nobody has mended, by store." },
  { name: "caudal_scrub_damages_total", kind: "counter", unit: "events", labels: ["store"], help: "Damages that the scrub found anew, by store." },
  { name: "caudal_scrub_bytes_total", kind: "counter", unit: "bytes", labels: [], help: "Bytes that the scrub has read." },
  { name: "caudal_rollup_buckets_total", kind: "counter", unit: "rows", labels: ["resolution"], help: "Rollup buckets computed and stored." },
  { name: "caudal_rollup_marks", kind: "gauge", unit: "rows", labels: [], help: "Rollup buckets marked for computing." },
  { name: "caudal_rollups_recomputed_total", kind: "counter", unit: "rows", labels: ["cause"], help: "Rollup buckets that changed after they had settled, by what changed them: late or corrected facts." },
  { name: "caudal_replay_changes_total", kind: "counter", unit: "facts", labels: ["reason"], help: "Facts that replays found otherwise than cold has them." },
  { name: "caudal_recounts_waiting", kind: "gauge", unit: "points", labels: [], help: "Points that wait to have what followed from a late or corrected sample, a word or a setting computed again." },
  { name: "caudal_recounts_total", kind: "counter", unit: "events", labels: ["outcome"], help: "Recounts of points by outcome: done, part, again (something came meanwhile) or gone." },
  { name: "caudal_recount_facts_total", kind: "counter", unit: "facts", labels: [], help: "Facts that recounts found otherwise and published anew." },
  { name: "caudal_history_rows_total", kind: "counter", unit: "rows", labels: ["format"], help: "Rows of history answered, by format." },

  { name: "caudal_slots_made_total", kind: "counter", unit: "rows", labels: [], help: "Slots of works made ahead of their instants." },
  { name: "caudal_slots_settled_total", kind: "counter", unit: "rows", labels: ["outcome"], help: "Slots looked at once due, by what came of it: frozen, held for review, no-data, or not-owed." },
  { name: "caudal_slot_looks_failed_total", kind: "counter", unit: "events", labels: [], help: "Works whose slots could not be looked at in a round; tried again in the next." },
  { name: "caudal_slot_alerts_total", kind: "counter", unit: "events", labels: ["kind"], help: "What a person must know of a slot: late-revision (another value after it was frozen) or late-failure (not accepted within the permitted delay)." },

  { name: "caudal_http_requests_total", kind: "counter", unit: "requests", labels: ["operation", "status"], help: "HTTP requests answered, by operation and status." },
  { name: "caudal_http_request_seconds", kind: "histogram", unit: "seconds", labels: ["operation"], buckets: fast, help: "Time from a request's headers to the end of its answer." },
  { name: "caudal_http_connections", kind: "gauge", unit: "connections", labels: [], help: "Open HTTP connections." },
  { name: "caudal_live_clients", kind: "gauge", unit: "connections", labels: ["transport"], help: "Clients that follow the live stream." },
  { name: "caudal_mqtt_connections", kind: "gauge", unit: "connections", labels: ["broker"], help: "MQTT connections: clients of the built-in broker, or our own to an outside one." },
  { name: "caudal_devices_refused_total", kind: "counter", unit: "events", labels: ["reason"], help: "Devices that an edge turned away, counted at each message, by why." },
  { name: "caudal_webhooks_total", kind: "counter", unit: "events", labels: ["kind", "outcome"], help: "Calls of webhooks by what became of them." },
  { name: "caudal_mqtt_messages_total", kind: "counter", unit: "events", labels: ["broker", "outcome"], help: "MQTT messages by what became of them." },
  { name: "caudal_dropfolder_files_total", kind: "counter", unit: "files", labels: ["outcome"], help: "Dropped files by what became of them." },
  { name: "caudal_provider_up", kind: "gauge", unit: "state", labels: ["account", "provider"], help: "1 while calls to a provider go out with an account's credential, 0 while its breaker holds them back; absent where this process does not call it." },
  { name: "caudal_provider_calls_total", kind: "counter", unit: "requests", labels: ["account", "provider", "outcome"], help: "Requests sent to a provider, tries and logins included, by outcome; held_back are calls that were not sent since it was down." },
  { name: "caudal_provider_call_seconds", kind: "histogram", unit: "seconds", labels: ["provider"], buckets: [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30], help: "Time from sending a request to a provider to the end of its answer." },
  { name: "caudal_polls_total", kind: "counter", unit: "events", labels: ["account", "outcome"], help: "Times that a provider was asked for some keys of a device, by what came of it." },
  { name: "caudal_poll_corrections_total", kind: "counter", unit: "samples", labels: ["account"], help: "Values that a provider gave again as another than before." },
  { name: "caudal_poll_gaps_total", kind: "counter", unit: "events", labels: ["account"], help: "Stretches without rows of which a provider's history confirms that there are none." },
  { name: "caudal_poll_lag_seconds", kind: "histogram", unit: "seconds", labels: ["account"], buckets: [0.1, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 900, 3600], help: "Time from when a device was due to when it was asked." },
  { name: "caudal_poll_newest_timestamp_seconds", kind: "gauge", unit: "seconds", labels: ["account"], help: "Unix time of the newest row of an account's devices; each account is shown by the collector that asks for it." },
  { name: "caudal_poll_budget_used_ratio", kind: "gauge", unit: "state", labels: ["account"], help: "Used share of the budget window of an account that has the least left." },
  { name: "caudal_poll_devices_misconfigured", kind: "gauge", unit: "devices", labels: ["account"], help: "Devices that are asked for only now and then, because the provider says again and again that they are asked for wrongly." },

  { name: "caudal_submission_attempts_total", kind: "counter", unit: "requests", labels: ["regulator", "outcome"], help: "Attempts to send a slot to a regulator, by what came of them." },
  { name: "caudal_submission_waiting", kind: "gauge", unit: "rows", labels: ["regulator"], help: "Slots of live works that wait to be sent." },
  { name: "caudal_submission_oldest_waiting_seconds", kind: "gauge", unit: "seconds", labels: ["regulator"], help: "Time since the instant of the oldest slot that waits to be sent; 0 when none does." },
  { name: "caudal_submission_works_stopped", kind: "gauge", unit: "rows", labels: ["regulator"], help: "Live works of which nothing is sent until somebody changes or resumes them." },
  { name: "caudal_submission_breaker_open", kind: "gauge", unit: "state", labels: ["regulator"], help: "1 while nothing is sent to a regulator because it blocks or cannot be reached." },
  { name: "caudal_submission_verifications_total", kind: "counter", unit: "requests", labels: ["regulator", "result"], help: "Questions for what a regulator holds under a voucher, by what came of them." },
  { name: "caudal_submission_alerts_total", kind: "counter", unit: "events", labels: ["regulator", "alert"], help: "What a person has to look at after a send: mismatches, vouchers that are not found, missing or of another slot, failures to declare." },
] as const satisfies readonly MetricRow[];

export type MetricRows = (typeof metricRows)[number];
export type CounterName = Extract<MetricRows, { kind: "counter" }>["name"];
export type GaugeName = Extract<MetricRows, { kind: "gauge" }>["name"];
export type HistogramName = Extract<MetricRows, { kind: "histogram" }>["name"];

/** The labels of a metric, every one of them. */
export type LabelsOf<N extends MetricRows["name"]> = Readonly<Record<Extract<MetricRows, { name: N }>["labels"][number], string>>;
