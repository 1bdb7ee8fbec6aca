/** Places in a batch of records of Kafka's format 2, in bytes from its start; numbers are big-endian. */
export const batchField = {
  baseOffset: 0, length: 8, leaderEpoch: 12, magic: 16, crc: 17, attributes: 21, lastOffsetDelta: 23, baseTimestamp: 27, maxTimestamp: 35,
  producerId: 43, producerEpoch: 51, baseSequence: 53, count: 57, records: 61,
} as const;

/** `length` counts what follows it. */
export const LENGTH_COUNTS_FROM = 12;
export const MAGIC = 2;
export const CODEC_MASK = 0x07;
/** The time of all records is the broker's, in `maxTimestamp`. */
export const LOG_APPEND_TIME = 0x08;
/** Markers of transactions, not records. */
export const CONTROL = 0x20;
