import { createHash } from "node:crypto";
import { groups, topics, type ParkReason, type StoredRecord } from "@caudal/core";
import { NO_CLIENT, RECORD_CONTENT_TYPE } from "@caudal/runtime";
import type { Parked } from "@caudal/schemas";

/** Parts that a value may have: 8 MiB take ten. A record that says more, or a part that cannot be, was not written by an edge of ours. */
const MAX_PARTS = 1024;

export function plausible({ part, parts }: Parked): boolean {
  return parts >= 1 && parts <= MAX_PARTS && part >= 0 && part < parts;
}

/** True of what stands on caudal.parked and is no parked event itself. */
export function standsForItself(event: { readonly topic: string }): boolean {
  return event.topic === topics.parked;
}

/**
 * A record of caudal.parked that cannot be read, as an event that its own group parked where it stands. It is listed, shown and replayed
 * like any other, and nothing is written to the topic for it: that would never end.
 */
export function undecodable(record: StoredRecord, partition: number, why: { readonly reason: ParkReason; readonly detail: string }): Parked {
  const { key, offset, value, headers, appendedAtUs } = record;
  const place = createHash("sha256").update(JSON.stringify([topics.parked, partition, offset])).digest("hex").slice(0, 32);
  return {
    ...why, eventId: `undecodable-${place}`, client: NO_CLIENT, group: groups.parked, topic: topics.parked, partition, offset, key, device: "", source: "", transport: "",
    origin: `${topics.parked}/${partition}/${offset}`, observedAtUs: null, receivedAtUs: appendedAtUs, contentType: RECORD_CONTENT_TYPE,
    value: Buffer.from(value), part: 0, parts: 1, wholeSha256: createHash("sha256").update(value).digest(), headers: { ...headers }, labels: {},
  };
}
