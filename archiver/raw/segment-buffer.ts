import { groups, REPLAY_HEADER, segmentName, sha256Hex, topics, type StoredRecord } from "@caudal/core";
import { ContainerWriter, encodeContainer } from "@caudal/schemas";

const DAY_US = 24 * 3600 * 1_000_000;

/** What stands in a segment that is not written yet: records of one partition and one UTC day, in offset order. Holds their bytes and not the records, which hold all that was read with them. */
export class SegmentBuffer {
  readonly topic: string;
  readonly partition: number;
  readonly firstOffset: number;
  readonly day: number;
  readonly startedAtMs: number;
  nextOffset: number;
  bytes = 0;
  /** Records that are covered and not kept here. */
  passedOver = 0;
  /** Records of clients that were erased: covered, and kept nowhere. */
  erased = 0;
  readonly #container = new ContainerWriter();

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
    this.#container.add(record);
    this.bytes += record.value.length + record.key.length + 32;
  }

  /** Records that are kept here. */
  get kept(): number {
    return this.#container.records;
  }

  takes(record: StoredRecord): boolean {
    return dayOf(record) === this.day;
  }

  /** The segment, as one that covers what lies before `nextOffset`. */
  async seal(nextOffset = this.nextOffset): Promise<Segment> {
    const { topic, partition, firstOffset, day } = this;
    const span = { topic, partition, firstOffset, nextOffset, day };
    return named(span, await this.#container.finish(metadataOf(span)));
  }
}

interface Span {
  readonly topic: string;
  readonly partition: number;
  readonly firstOffset: number;
  readonly nextOffset: number;
  /** Days since 1970 UTC. */
  readonly day: number;
}

/** Name and bytes of a segment; the name carries the hash of the bytes. */
export interface Segment {
  readonly name: string;
  readonly bytes: Uint8Array;
}

function dayOf(record: StoredRecord): number {
  return Math.floor(record.appendedAtUs / DAY_US);
}

/** The segment of records that are at hand. */
export async function sealSegment(span: Span, records: readonly StoredRecord[]): Promise<Segment> {
  return named(span, await encodeContainer(records, metadataOf(span)));
}

function metadataOf({ topic, partition, day }: Span): Record<string, string> {
  return { "caudal.topic": topic, "caudal.partition": String(partition), "caudal.day": dateOf(day) };
}

function named({ topic, partition, firstOffset, nextOffset, day }: Span, bytes: Uint8Array): Segment {
  return { name: segmentName({ topic, partition, firstOffset, nextOffset, day: dateOf(day), sha256: sha256Hex(bytes) }), bytes };
}

function dateOf(day: number): string {
  return new Date(day * 86_400_000).toISOString().slice(0, 10);
}
