import type { Assignment, RecordBatch, SegmentStore, StoredRecord } from "@caudal/core";
import { MERGE_RUN, mergeSegments, runToMerge, type WrittenSegment } from "./merge.ts";
import { SegmentBuffer, sealSegment } from "./segment-buffer.ts";

export interface ArchiveLimits {
  /** A segment is written when it holds this many bytes before compression. */
  readonly maxSegmentBytes: number;
  /** A segment is written when its first record has waited this long. */
  readonly maxSegmentAgeMs: number;
}

/**
 * Archives one partition while it is owned. The group's offset follows the segments: it is committed only when the segment that
 * covers it is durable, so a crash writes records again in a segment that overlaps, which reading passes over.
 */
export class PartitionArchive {
  readonly #assignment: Assignment;
  readonly #segments: SegmentStore;
  readonly #limits: ArchiveLimits;
  readonly #monotonicMs: () => number;
  #buffer: SegmentBuffer | undefined;
  #position = 0;
  #tail: Promise<void> = Promise.resolve();
  /** Small segments of this ownership that may still be merged. */
  #written: WrittenSegment[] = [];

  constructor(options: { assignment: Assignment; segments: SegmentStore; limits: ArchiveLimits; monotonicMs: () => number }) {
    this.#assignment = options.assignment;
    this.#segments = options.segments;
    this.#limits = options.limits;
    this.#monotonicMs = options.monotonicMs;
  }

  append(batch: RecordBatch): Promise<void> {
    return this.#inTurn(async () => {
      for (const record of batch.records) {
        // A batch that failed half way comes again: what is in hand already is passed over.
        if (record.offset < this.#position) continue;
        if (this.#buffer !== undefined && !this.#buffer.takes(record)) await this.#write();
        this.#buffer ??= this.#start(batch, record);
        this.#buffer.add(record);
        this.#position = record.offset + 1;
        if (this.#buffer.bytes >= this.#limits.maxSegmentBytes) await this.#write();
      }
    });
  }

  /** Writes the segment in hand when it is old enough, or in any case when told. */
  flush(whatever = false): Promise<void> {
    return this.#inTurn(async () => {
      const buffer = this.#buffer;
      if (buffer === undefined) return;
      if (whatever || this.#monotonicMs() - buffer.startedAtMs >= this.#limits.maxSegmentAgeMs) await this.#write();
    });
  }

  #start(batch: RecordBatch, record: StoredRecord): SegmentBuffer {
    return new SegmentBuffer({ topic: batch.topic, partition: batch.partition, record, firstOffset: record.offset, startedAtMs: this.#monotonicMs() });
  }

  async #write(): Promise<void> {
    const buffer = this.#buffer;
    if (buffer === undefined) return;
    if (buffer.records.length > 0) {
      const { name, bytes } = await sealSegment(buffer, buffer.records);
      await this.#segments.put(name, bytes);
      this.#written.push({ name, bytes: bytes.length });
    }
    this.#buffer = undefined;
    await this.#assignment.commit(buffer.nextOffset);
    await this.#merge();
  }

  async #merge(): Promise<void> {
    const run = runToMerge(this.#written);
    if (run.length > 0) {
      const merged = await mergeSegments(this.#segments, run);
      this.#written = merged === undefined ? [] : [merged];
    } else if (this.#written.length > 2 * MERGE_RUN) {
      this.#written = this.#written.slice(-MERGE_RUN);
    }
  }

  #inTurn(work: () => Promise<void>): Promise<void> {
    const run = this.#tail.then(work);
    this.#tail = run.catch(() => undefined);
    return run;
  }
}
