import { groups, REPLAY_HEADER, segmentName, sha256Hex, topics, type StoredRecord } from "@caudal/core";
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
  /** Records that are covered and not kept here. */
  passedOver = 0;
  /** Records of clients that were erased: covered, and kept nowhere. */
  erased = 0;

  constructor(start: { topic: string; partition: number; record: StoredRecord; firstOffset: number; startedAtMs: number }) {
    this.topic = start.topic;
    this.partition = start.partition;
    this.firstOffset = start.firstOffset;
    this.nextOffset = start.firstOffset;
    this.day = dayOf(start.record);
    this.startedAtMs = start.startedAtMs;
  }

  /**
   * A record meant for one group alone was archived when it first came: its offset is covered, its bytes are not kept twice. But a point event's place is
   * what its revision is made from, so one that is replayed to judging is kept at that place as well.
   */
  add(record: StoredRecord, isErased = false): void {
    this.nextOffset = record.offset + 1;
    if (isErased) {
      this.erased++;
      return;
    }
    const replayFor = record.headers[REPLAY_HEADER];
    if (replayFor !== undefined && !(this.topic === topics.points && replayFor === groups.judging)) {
      this.passedOver++;
      return;
    }
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
