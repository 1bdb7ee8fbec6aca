import { CaudalError, partitionOf, REPLAY_HEADER, type LogRecord, type PartitionBounds } from "@caudal/core";

export interface AdvanceOptions {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  /** Partitions of the topic. */
  readonly partitions: number;
  readonly bounds: () => Promise<PartitionBounds | undefined>;
  readonly publish: (records: readonly LogRecord[]) => Promise<void>;
}

const RECORDS_AT_ONCE = 20_000;
/** Beyond this a partition takes longer to fill than anybody waits: a fleet that is so far goes on with a cluster of its own. */
const MOST_RECORDS = 500_000_000;
/** Whoever meets one before it is trimmed passes over it: it is meant for a group that there is not. */
const FILLER_HEADERS = { [REPLAY_HEADER]: "-" } as const;
const NO_VALUE = new Uint8Array(0);

/**
 * Fills an empty partition up to the offset, since Kafka gives offsets to records alone; the caller trims them. A publish of unknown outcome is
 * counted by where the partition ends, so that none is doubled past the offset.
 */
export async function advance({ topic, partition, offset, partitions, bounds, publish }: AdvanceOptions): Promise<void> {
  const { startOffset = 0, endOffset = 0 } = (await bounds()) ?? {};
  if (!Number.isSafeInteger(offset) || offset < endOffset) throw new CaudalError("offset-out-of-range", `${topic}/${partition} ends at ${endOffset}; it cannot go on at ${offset}`);
  if (startOffset < endOffset) throw new CaudalError("bad-request", `${topic}/${partition} holds ${endOffset - startOffset} records; only an empty partition goes on elsewhere`);
  if (offset - endOffset > MOST_RECORDS) throw new CaudalError("bad-request", `${topic}/${partition} would be filled with ${offset - endOffset} records; the most is ${MOST_RECORDS}`);
  const filler: LogRecord = { key: keyOf(partition, partitions), value: NO_VALUE, headers: FILLER_HEADERS };
  for (let at = endOffset; at < offset; ) {
    const count = Math.min(RECORDS_AT_ONCE, offset - at);
    await publish(new Array<LogRecord>(count).fill(filler));
    at = (await bounds())?.endOffset ?? at + count;
  }
}

/** A short key that belongs to the partition. */
function keyOf(partition: number, partitions: number): string {
  for (let number = 0; ; number += 1) if (partitionOf(String(number), partitions) === partition) return String(number);
}
