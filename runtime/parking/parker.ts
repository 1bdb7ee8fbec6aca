import { topics, type EventLog, type LogRecord } from "@caudal/core";
import type { Codec } from "@caudal/schemas";
import type { Metrics } from "../metrics/metrics.ts";
import type { ParkItem } from "./park-item.ts";
import { toRecords } from "./to-records.ts";

/** Keeps aside what cannot be used. */
export interface Parker {
  /**
   * Durable when it resolves. Rejects as the log does; parked again after a redelivery it carries the same event id, so whoever reads
   * caudal.parked sees each (event id, part) once.
   */
  park(items: readonly ParkItem[]): Promise<void>;
}

/** Bytes that one publish carries at most. */
const MAX_PUBLISH_BYTES = 4 * 1024 * 1024;

export function createParker(options: { readonly log: EventLog; readonly codec: Codec; readonly metrics: Metrics }): Parker {
  const { log, codec, metrics } = options;
  const parked = metrics.counter("caudal_parked_total");

  return {
    park: async (items) => {
      let pending: LogRecord[] = [];
      let pendingBytes = 0;
      for (const item of items) {
        for (const record of toRecords(item, codec)) {
          if (pendingBytes + record.value.length > MAX_PUBLISH_BYTES && pending.length > 0) {
            await log.publish(topics.parked, pending);
            pending = [];
            pendingBytes = 0;
          }
          pending.push(record);
          pendingBytes += record.value.length;
        }
      }
      if (pending.length > 0) await log.publish(topics.parked, pending);
      for (const [group, reasons] of counts(items)) for (const [reason, count] of reasons) parked.inc({ group, reason }, count);
    },
  };
}

function counts(items: readonly ParkItem[]): Map<string, Map<string, number>> {
  const byGroup = new Map<string, Map<string, number>>();
  for (const { group, reason } of items) {
    const byReason = byGroup.get(group) ?? new Map<string, number>();
    byReason.set(reason, (byReason.get(reason) ?? 0) + 1);
    byGroup.set(group, byReason);
  }
  return byGroup;
}
