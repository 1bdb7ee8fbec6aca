/** One metric: its name ends in its unit, its help is one sentence. */
export interface MetricRow {
  readonly name: string;
  readonly kind: "counter" | "gauge" | "histogram";
  readonly unit: "readings" | "records" | "facts" | "samples" | "events" | "seconds" | "bytes" | "requests" | "connections" | "files" | "rows" | "state";
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
  { name: "caudal_tier_last_write_timestamp_seconds", kind: "gauge", unit: "seconds", labels: ["tier"], help: "Unix time of the last write that a tier made durable." },

  { name: "caudal_documents_seconds", kind: "histogram", unit: "seconds", labels: ["collection", "call"], buckets: fast, help: "Time of a call to the document store." },
  { name: "caudal_documents_errors_total", kind: "counter", unit: "events", labels: ["collection", "call", "code"], help: "Calls to the document store that failed, by the error's code." },

  { name: "caudal_samples_in_total", kind: "counter", unit: "samples", labels: ["group"], help: "Samples that entered a group's conservation line." },
  { name: "caudal_samples_out_total", kind: "counter", unit: "samples", labels: ["group", "outcome", "reason"], help: "Samples that left a group's conservation line, by outcome and reason." },
  { name: "caudal_facts_in_total", kind: "counter", unit: "facts", labels: ["group"], help: "Facts that entered a group's conservation line." },
  { name: "caudal_facts_out_total", kind: "counter", unit: "facts", labels: ["group", "outcome", "reason"], help: "Facts that left a group's conservation line, by outcome and reason." },

  { name: "caudal_archive_segments_total", kind: "counter", unit: "files", labels: ["topic"], help: "Segments written to the raw archive." },
  { name: "caudal_archive_bytes_total", kind: "counter", unit: "bytes", labels: ["topic"], help: "Bytes written to the raw archive, compressed." },
  { name: "caudal_rollup_buckets_total", kind: "counter", unit: "rows", labels: ["resolution"], help: "Rollup buckets computed and stored." },
  { name: "caudal_rollup_marks", kind: "gauge", unit: "rows", labels: [], help: "Rollup buckets marked for computing." },
  { name: "caudal_history_rows_total", kind: "counter", unit: "rows", labels: ["format"], help: "Rows of history answered, by format." },

  { name: "caudal_http_requests_total", kind: "counter", unit: "requests", labels: ["operation", "status"], help: "HTTP requests answered, by operation and status." },
  { name: "caudal_http_request_seconds", kind: "histogram", unit: "seconds", labels: ["operation"], buckets: fast, help: "Time from a request's headers to the end of its answer." },
  { name: "caudal_http_connections", kind: "gauge", unit: "connections", labels: [], help: "Open HTTP connections." },
  { name: "caudal_live_clients", kind: "gauge", unit: "connections", labels: ["transport"], help: "Clients that follow the live stream." },
  { name: "caudal_mqtt_connections", kind: "gauge", unit: "connections", labels: ["broker"], help: "MQTT connections: clients of the built-in broker, or our own to an outside one." },
  { name: "caudal_mqtt_messages_total", kind: "counter", unit: "events", labels: ["broker", "outcome"], help: "MQTT messages by what became of them." },
  { name: "caudal_dropfolder_files_total", kind: "counter", unit: "files", labels: ["outcome"], help: "Dropped files by what became of them." },
] as const satisfies readonly MetricRow[];

export type MetricRows = (typeof metricRows)[number];
export type CounterName = Extract<MetricRows, { kind: "counter" }>["name"];
export type GaugeName = Extract<MetricRows, { kind: "gauge" }>["name"];
export type HistogramName = Extract<MetricRows, { kind: "histogram" }>["name"];

/** The labels of a metric, every one of them. */
export type LabelsOf<N extends MetricRows["name"]> = Readonly<Record<Extract<MetricRows, { name: N }>["labels"][number], string>>;
