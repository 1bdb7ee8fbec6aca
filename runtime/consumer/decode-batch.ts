import { CaudalError, REPLAY_HEADER, topics, type ParkReason, type RecordBatch, type StoredRecord } from "@caudal/core";
import type { Codec, Decoded, RecordName, RecordOf } from "@caudal/schemas";
import { NO_CLIENT, type ParkItem } from "../parking/park-item.ts";

export interface DecodedBatch<N extends RecordName> {
  /** In offset order. */
  readonly good: readonly { readonly record: StoredRecord; readonly value: RecordOf[N] }[];
  /** What can never be decoded, to be parked by the group. */
  readonly parked: readonly ParkItem[];
  /** Records that are replayed for another group. */
  readonly skipped: number;
}

/** What is made of a record once for all groups that are handed it and read by the same codec; whoever gets it changes nothing of it. */
class Made {
  readonly codec: Codec;
  readonly name: RecordName;
  readonly value: RecordOf[RecordName];

  constructor(codec: Codec, name: RecordName, value: RecordOf[RecordName]) {
    this.codec = codec;
    this.name = name;
    this.value = value;
  }
}

/** For `LogRecord.made`: the value that a record's bytes were encoded from, where all its texts are such as UTF-8 can say. */
export function madeOf<N extends RecordName>(codec: Codec, name: N, value: RecordOf[N]): unknown {
  return new Made(codec, name, value);
}

type Failure = Exclude<Decoded<unknown>, { ok: true }>;

const reasonOf: Record<Failure["why"], ParkReason> = {
  "too-short": "corrupt-record", "wrong-magic": "wrong-magic", corrupt: "corrupt-record", "unknown-schema": "unknown-schema",
};

/** Media type of a record's bytes as they stand in the log. */
export const RECORD_CONTENT_TYPE = "application/vnd.confluent.avro";

/**
 * Decodes a batch for a group; what the process encoded, or decoded for another group, of the same records is taken as it is. A schema id that the
 * registry denies parks its records; one that cannot be asked rejects with CaudalError "unavailable", so that the partition waits.
 */
export async function decodeBatch<N extends RecordName>(name: N, batch: RecordBatch, options: { readonly codec: Codec; readonly group: string }): Promise<DecodedBatch<N>> {
  const { codec, group } = options;
  const good: { record: StoredRecord; value: RecordOf[N] }[] = [];
  const parked: ParkItem[] = [];
  const denied = new Set<number>();
  let skipped = 0;
  for (const record of batch.records) {
    const replayFor = record.headers[REPLAY_HEADER];
    if (replayFor !== undefined && replayFor !== group) {
      skipped++;
      continue;
    }
    if (record.made instanceof Made && record.made.name === name && record.made.codec === codec) {
      good.push({ record, value: record.made.value as RecordOf[N] });
      continue;
    }
    let decoded = codec.decode(name, record.value);
    if (!decoded.ok && decoded.why === "unknown-schema" && !denied.has(decoded.schemaId)) {
      if (await learns(codec, decoded.schemaId)) decoded = codec.decode(name, record.value);
      else denied.add(decoded.schemaId);
    }
    if (decoded.ok) {
      record.made = new Made(codec, name, decoded.value);
      good.push({ record, value: decoded.value });
    } else parked.push(parkItem(batch, record, group, decoded));
  }
  return { good, parked, skipped };
}

async function learns(codec: Codec, schemaId: number): Promise<boolean> {
  try {
    return (await codec.learn(schemaId)) === "learned";
  } catch (cause) {
    throw new CaudalError("unavailable", `schema ${schemaId} cannot be asked for now`, { cause });
  }
}

function parkItem(batch: RecordBatch, record: StoredRecord, group: string, failure: Failure): ParkItem {
  const owner = ownerOf(batch.topic, record.key);
  return {
    ...owner,
    group,
    reason: reasonOf[failure.why],
    detail: failure.why === "unknown-schema" ? `schema id ${failure.schemaId}` : `${failure.why}, ${record.value.length} bytes`,
    value: record.value,
    contentType: RECORD_CONTENT_TYPE,
    key: record.key,
    topic: batch.topic,
    partition: batch.partition,
    offset: record.offset,
    origin: `${batch.topic}/${batch.partition}/${record.offset}`,
    receivedAtUs: record.appendedAtUs,
    headers: record.headers,
  };
}

/** What the key says of an event whose bytes say nothing. */
function ownerOf(topic: string, key: string): { client: string; device?: string } {
  const slash = key.indexOf("/");
  const byDevice = topic === topics.readings || topic === topics.devices;
  if (!byDevice || slash <= 0) return { client: NO_CLIENT };
  return { client: key.slice(0, slash), device: key.slice(slash + 1) };
}
