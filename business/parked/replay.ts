import { EDGE_GROUP, REPLAY_HEADER, type EventLog } from "@caudal/core";
import type { Parked } from "@caudal/schemas";

/** What came of decoding an edge's bytes again. */
export type Redecoded = { readonly published: number } | { readonly stillBad: string; readonly detail: string };

/** Decodes again what an edge parked, with the mappings now in force, and publishes it. The collector's, handed over by the composition root. */
export type Redecode = (parked: Parked) => Promise<Redecoded>;

/** Hands a parked event to the group that could not use it. Durable when it resolves; doing it twice is harmless, for every effect is idempotent. */
export async function replayParked(log: EventLog, redecode: Redecode, parked: Parked): Promise<Redecoded> {
  if (parked.group === EDGE_GROUP) return redecode(parked);
  await log.publish(parked.topic, [{ key: parked.key, value: parked.value, headers: { ...parked.headers, [REPLAY_HEADER]: parked.group } }]);
  return { published: 1 };
}
