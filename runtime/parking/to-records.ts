import { deviceKey, type LogRecord } from "@caudal/core";
import type { Codec, Parked } from "@caudal/schemas";
import { createHash, randomUUID } from "node:crypto";
import { redactText } from "../log/redact.ts";
import type { ParkItem } from "./park-item.ts";

/** Bytes of the value that one record carries at most, under every log's limit of 1 MiB a record. */
export const PART_BYTES = 900 * 1024;
const MAX_DETAIL_CHARACTERS = 500;

/** One record, or as many parts as the value needs: one event id, one key, so that they keep their order in one partition. */
export function toRecords(item: ParkItem, codec: Codec): LogRecord[] {
  const key = item.key ?? (item.device === undefined ? `${item.client}/${item.origin ?? ""}` : deviceKey(item.client, item.device));
  const parts = Math.max(1, Math.ceil(item.value.length / PART_BYTES));
  const whole: Omit<Parked, "value" | "part"> = {
    eventId: item.eventId ?? eventIdOf(item),
    client: item.client,
    group: item.group,
    topic: item.topic ?? "",
    partition: item.partition ?? -1,
    offset: item.offset ?? -1,
    key,
    device: item.device ?? "",
    source: item.source ?? "",
    transport: item.transport ?? "",
    origin: item.origin ?? "",
    reason: item.reason,
    detail: cut(redactText(item.detail)),
    observedAtUs: item.observedAtUs ?? null,
    receivedAtUs: item.receivedAtUs,
    contentType: item.contentType ?? "application/octet-stream",
    parts,
    wholeSha256: createHash("sha256").update(item.value).digest(),
    headers: item.headers ?? {},
    labels: item.labels ?? {},
  };
  return Array.from({ length: parts }, (_, part) => {
    const bytes = item.value.subarray(part * PART_BYTES, (part + 1) * PART_BYTES);
    const value = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    return { key, value: codec.encode("Parked", { ...whole, part, value }) };
  });
}

/** A place in the log can be parked by a group once, however often it is delivered. */
function eventIdOf(item: ParkItem): string {
  if (item.topic === undefined || item.partition === undefined || item.offset === undefined) return randomUUID();
  const place = JSON.stringify([item.group, item.topic, item.partition, item.offset, item.reason]);
  return `park-${createHash("sha256").update(place).digest("hex").slice(0, 32)}`;
}

function cut(detail: string): string {
  return detail.length > MAX_DETAIL_CHARACTERS ? `${detail.slice(0, MAX_DETAIL_CHARACTERS - 1)}…` : detail;
}
