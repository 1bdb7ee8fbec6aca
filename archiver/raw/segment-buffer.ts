import { REPLAY_HEADER, segmentName, sha256Hex, type StoredRecord } from "@caudal/core";
import { encodeContainer } from "@caudal/schemas";

const DAY_US = 24 * 3600 * 1_000_000;

/** What stands in a segment that is not written yet: records of one partition and one UTC day, in offset order. */
export class SegmentBuffer {
  readonly topic: string;
  readonly partition: number;
  readonly firstOffset: number;
  readonly day: number;
  readonly records: StoredRecord[] = [];
  readonly startedAtMs: number;
  nextOffset: number;
  bytes = 0;

  constructor(start: { topic: string; partition: number; record: StoredRecord; firstOffset: number; startedAtMs: number }) {
    this.topic = start.topic;
    this.partition = start.partition;
    this.firstOffset = start.firstOffset;
    this.nextOffset = start.firstOffset;
    this.day = dayOf(start.record);
    this.startedAtMs = start.startedAtMs;
  }

  /** A record meant for one group alone was archived when it first came: its offset is covered, its bytes are not kept twice. */
  add(record: StoredRecord): void {
    this.nextOffset = record.offset + 1;
    if (record.headers[REPLAY_HEADER] !== undefined) return;
    this.records.push(record);
    this.bytes += record.value.length + record.key.length + 32;
  }

  takes(record: StoredRecord): boolean {
    return dayOf(record) === this.day;
  }
}

function dayOf(record: StoredRecord): number {
  return Math.floor(record.appendedAtUs / DAY_US);
}

/** Name and bytes of the segment; the name carries the hash of the bytes. */
export async function sealSegment(span: { topic: string; partition: number; firstOffset: number; nextOffset: number; day: number }, records: readonly StoredRecord[]): Promise<{ name: string; bytes: Uint8Array }> {
  const { topic, partition, firstOffset, nextOffset } = span;
  const day = new Date(span.day * 86_400_000).toISOString().slice(0, 10);
  const bytes = await encodeContainer(records, { "caudal.topic": topic, "caudal.partition": String(partition), "caudal.day": day });
  return { name: segmentName({ topic, partition, firstOffset, nextOffset, day, sha256: sha256Hex(bytes) }), bytes };
}
