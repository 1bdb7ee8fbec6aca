import type { EventLog } from "@caudal/core";
import type { Metrics } from "../metrics/metrics.ts";
import type { ParkBreaker } from "../parking/breaker.ts";

/** Keeps the lag of a group and the state of its breaker in the metrics, asked for at each exposition. The function returned ends it. */
export function watchLag(options: {
  readonly log: EventLog; readonly topic: string; readonly group: string; readonly metrics: Metrics; readonly breaker?: ParkBreaker;
}): () => void {
  const { log, topic, group, metrics, breaker } = options;
  const lag = metrics.gauge("caudal_lag_records");
  const open = metrics.gauge("caudal_park_breaker_open");
  const shown = new Set<string>();
  const end = metrics.beforeScrape(async () => {
    if (breaker !== undefined) open.set({ group }, breaker.state().open ? 1 : 0);
    for (const partition of await log.lag(topic, group)) {
      const label = String(partition.partition);
      shown.add(label);
      lag.set({ group, partition: label }, partition.lag);
    }
  });
  return () => {
    end();
    for (const partition of shown) lag.remove({ group, partition });
    if (breaker !== undefined) open.remove({ group });
  };
}
