import { createHash } from "node:crypto";
import { CaudalError, hasCode, topics, type EventLog, type StoredRecord } from "@caudal/core";
import { Problem } from "@caudal/runtime";
import type { Codec, Parked } from "@caudal/schemas";
import { isComplete, type ParkedRecord } from "./parked-record.ts";
import { standsForItself, undecodable } from "./undecodable.ts";

/** Bytes of one record at most, with room for what surrounds them. */
const MAX_RECORD_BYTES = 2 * 1024 * 1024;

/**
 * The parked event with its whole value, read from the log. Throws Problem "unavailable" while a part is on its way and "parked-gone" when
 * the log has let go of it; CaudalError "corrupt" when it is not what was parked.
 */
export async function readParked(log: EventLog, codec: Codec, record: ParkedRecord): Promise<Parked> {
  if (!isComplete(record)) throw new Problem("unavailable", { detail: { en: "a part of the value is still on its way", es: "una parte del valor aún viene en camino" } });
  const parts: Parked[] = [];
  for (const offset of record.offsets) {
    const stored = await recordAt(log, record, offset);
    if (standsForItself(record)) return undecodable(stored, record.logPartition, { reason: "corrupt-record", detail: record.detail });
    const decoded = codec.decode("Parked", stored.value);
    if (!decoded.ok) throw new CaudalError("corrupt", `offset ${offset} of ${topics.parked}/${record.logPartition} does not hold the parked value`);
    parts.push(decoded.value);
  }
  const [first] = parts;
  if (first === undefined) throw new CaudalError("corrupt", "a parked event without parts");
  const value = parts.length === 1 ? first.value : Buffer.concat(parts.map((part) => part.value));
  if (!createHash("sha256").update(value).digest().equals(first.wholeSha256)) throw new CaudalError("corrupt", "the parked value differs from its hash");
  return { ...first, value, part: 0, parts: 1 };
}

async function recordAt(log: EventLog, { logPartition: partition, state }: ParkedRecord, offset: number): Promise<StoredRecord> {
  try {
    const { records } = await log.read({ topic: topics.parked, partition, fromOffset: offset, maxRecords: 1, maxBytes: MAX_RECORD_BYTES, waitMs: 0 });
    const stored = records.find((candidate) => candidate.offset === offset);
    if (stored !== undefined) return stored;
  } catch (error) {
    if (!hasCode(error, "offset-out-of-range")) throw error;
  }
  throw new Problem("parked-gone", { detail: { en: `the event was ${state}, and the log has let go of it`, es: `el evento quedó ${state === "replayed" ? "reprocesado" : "descartado"}, y el registro ya no lo conserva` } });
}
