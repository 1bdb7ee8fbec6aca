import { groups, systemScope, topics, type DocumentCollection, type EventLog } from "@caudal/core";
import type { ParkedRecord } from "./parked-record.ts";

/**
 * Lets the log go of what stands below the first event that nobody has decided, in each partition, and never of one that the projection
 * has yet to see.
 */
export async function trimDecided(log: EventLog, records: DocumentCollection<ParkedRecord>): Promise<void> {
  const projected = new Map((await log.lag(topics.parked, groups.parked)).map(({ partition, committedOffset }) => [partition, committedOffset]));
  for (const { partition, startOffset } of await log.bounds(topics.parked)) {
    const seenTo = projected.get(partition) ?? startOffset;
    if (seenTo <= startOffset) continue;
    const { items: [first] } = await records.find(systemScope, { where: { state: "parked", logPartition: partition }, orderBy: "firstOffset", limit: 1 });
    const below = Math.min(seenTo, first?.body.firstOffset ?? seenTo);
    if (below > startOffset) await log.trimBefore(topics.parked, partition, below);
  }
}
