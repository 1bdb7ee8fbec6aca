import { createHash } from "node:crypto";
import { CaudalError, topics, type EventLog } from "@caudal/core";
import type { Codec, Parked } from "@caudal/schemas";
import type { ParkedRecord } from "./parked-record.ts";

/** The parked event with its whole value, read from the log. Fails with "not-found" while a part is missing and "corrupt" when the hash differs. */
export async function readParked(log: EventLog, codec: Codec, record: ParkedRecord): Promise<Parked> {
  const parts: Parked[] = [];
  for (const offset of record.offsets) {
    if (offset < 0) throw new CaudalError("not-found", "a part of the value has not come yet; try again in a moment");
    const batch = await log.read({ topic: topics.parked, partition: record.logPartition, fromOffset: offset, maxRecords: 1, waitMs: 0 });
    const stored = batch.records.find((candidate) => candidate.offset === offset);
    const decoded = stored === undefined ? undefined : codec.decode("Parked", stored.value);
    if (decoded?.ok !== true) throw new CaudalError("corrupt", `offset ${offset} of ${topics.parked}/${record.logPartition} does not hold the parked value`);
    parts.push(decoded.value);
  }
  const [first] = parts;
  if (first === undefined) throw new CaudalError("corrupt", "a parked event without parts");
  const value = parts.length === 1 ? first.value : Buffer.concat(parts.map((part) => part.value));
  if (!createHash("sha256").update(value).digest().equals(first.wholeSha256)) throw new CaudalError("corrupt", "the parked value differs from its hash");
  return { ...first, value, part: 0, parts: 1 };
}
