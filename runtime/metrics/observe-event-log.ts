import type { EventLog, StoredRecord } from "@caudal/core";
import type { Metrics } from "./metrics.ts";
import { timed } from "./timed.ts";

/** The same log, with its publishes and failures counted. What a group does with its batches is counted by `startConsumer`. */
export function observeEventLog(log: EventLog, metrics: Metrics): EventLog {
  const published = metrics.counter("caudal_log_published_records_total");
  const publishSeconds = metrics.histogram("caudal_log_publish_seconds");
  const errors = metrics.counter("caudal_log_errors_total");
  const failed = (call: string) => ({ failed: (code: string) => errors.inc({ call, code }) });
  return {
    declareTopics: (specs) => timed(() => log.declareTopics(specs), failed("declareTopics")),
    publish: async (topic, records) => {
      await timed(() => log.publish(topic, records), { ...failed("publish"), seconds: (seconds) => publishSeconds.observe({ topic }, seconds) });
      published.inc({ topic }, records.length);
    },
    consume: (options) => timed(() => log.consume(options), failed("consume")),
    read: (request) => timed(() => log.read(request), failed("read")),
    bounds: (topic) => timed(() => log.bounds(topic), failed("bounds")),
    lag: (topic, group) => timed(() => log.lag(topic, group), failed("lag")),
    groups: (topic) => timed(() => log.groups(topic), failed("groups")),
    trimBefore: (topic, partition, offset) => timed(() => log.trimBefore(topic, partition, offset), failed("trimBefore")),
    setOffset: (topic, group, partition, offset) => timed(() => log.setOffset(topic, group, partition, offset), failed("setOffset")),
    advanceTo: (topic, partition, offset) => timed(() => log.advanceTo(topic, partition, offset), failed("advanceTo")),
    ...(log.mend === undefined ? {} : { mend: (topic: string, partition: number, record: StoredRecord) => timed(() => log.mend!(topic, partition, record), failed("mend")) }),
    close: () => log.close(),
  };
}
