import { hasCode, partitionOf, REPLAY_HEADER, topics, type EventLog, type HeldFact, type PointKey } from "@caudal/core";
import type { Codec } from "@caudal/schemas";

/** A point that facts came for a moment ago, with those facts. */
export interface RecentPoint extends PointKey {
  readonly partition: number;
  /** Half-open range of offsets that was looked at. */
  readonly fromOffset: number;
  readonly toOffset: number;
  readonly facts: readonly HeldFact[];
}

/** Points of the newest records of a partition below an offset, the newest first; fewer than asked for where fewer were written. */
export async function recentFacts(
  { log, codec, partitions, sinceUs }: { readonly log: EventLog; readonly codec: Codec; readonly partitions: number; readonly sinceUs: (client: string) => number }, place: { readonly partition: number; readonly fromOffset: number; readonly belowOffset: number },
): Promise<readonly RecentPoint[]> {
  const { partition, fromOffset, belowOffset } = place;
  if (belowOffset <= fromOffset) return [];
  const batch = await log.read({ topic: topics.measurements, partition, fromOffset, maxRecords: belowOffset - fromOffset, waitMs: 0 }).catch((error: unknown) => {
    if (hasCode(error, "offset-out-of-range")) return undefined;
    throw error;
  });
  const byPoint = new Map<string, RecentPoint & { readonly facts: HeldFact[] }>();
  for (const { offset, value, headers, appendedAtUs } of batch?.records ?? []) {
    const decoded = codec.decode("Measurement", value);
    if (offset >= belowOffset || !decoded.ok || headers[REPLAY_HEADER] !== undefined) continue;
    const { client, point, instantUs, authority, knownAtUs, facts } = decoded.value;
    if (appendedAtUs < sinceUs(client)) continue;
    if (partitionOf(point, partitions) !== partition) continue;
    const id = `${client}\0${point}`;
    const found = byPoint.get(id) ?? { client, point, partition, fromOffset, toOffset: belowOffset, facts: [] };
    byPoint.delete(id);
    byPoint.set(id, found);
    for (const { variable, value: held, flag, reasons } of facts) found.facts.push({ instantUs, variable, value: held, flag, reasons, authority, knownAtUs });
  }
  return [...byPoint.values()].reverse();
}
