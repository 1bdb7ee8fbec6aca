import { deviceKey, REPLAY_HEADER, type ParkReason, type SeenKey, type StoredRecord } from "@caudal/core";
import { RECORD_CONTENT_TYPE, type ParkItem } from "@caudal/runtime";
import type { Reading } from "@caudal/schemas";
import type { Mapping } from "./mapping.ts";
import { readValue } from "./sample-value.ts";

/** A reading to be mapped, with the id of its device. */
export interface Work {
  readonly id: string;
  readonly record: StoredRecord;
  readonly reading: Reading;
}

export function workOf(record: StoredRecord, reading: Reading): Work {
  return { id: deviceKey(reading.client, reading.device), record, reading };
}

/** Keys of a reading that carry a number and that the mapping does not know, added to `into`. */
export function newKeys(reading: Reading, mapping: Mapping | undefined, into: Map<string, SeenKey>): void {
  for (const { key, unit, value } of reading.samples) {
    if (mapping?.knows(key) === true || into.has(key) || readValue(value).kind !== "keep") continue;
    into.set(key, { key, unit });
  }
}

/** The whole record, to be kept aside by mapping. */
export function parkWork({ record, reading }: Work, place: { readonly topic: string; readonly partition: number }, why: { readonly reason: ParkReason; readonly detail: string }, group: string): ParkItem {
  const { client, device, source, transport, origin, receivedAtUs, observedAtUs, labels } = reading;
  const { [REPLAY_HEADER]: _replayFor, ...headers } = record.headers;
  return {
    ...why, ...place, group, client, device, source, transport, origin, receivedAtUs, observedAtUs, labels, headers,
    key: record.key, offset: record.offset, value: record.value, contentType: RECORD_CONTENT_TYPE,
  };
}
