import { topics, type Assignment, type ErasedClients, type RecordBatch, type SegmentStore, type StoredRecord } from "@caudal/core";
import { Tally, type PartitionLedger } from "@caudal/runtime";
import { MERGE_RUN, mergeSegments, runToMerge, type WrittenSegment } from "./merge.ts";
import { SegmentBuffer } from "./segment-buffer.ts";

export interface ArchiveLimits {
  /** A segment is written when it holds this many bytes before compression. */
  readonly maxSegmentBytes: number;
  /** A segment is written when its first record has waited this long. */
  readonly maxSegmentAgeMs: number;
}

const none: ErasedClients = new Map();

/** Readings are keyed by client and device; of a client that was erased there are no point events. */
export function isErased(topic: string, { key }: StoredRecord, erased: ErasedClients): boolean {
  return erased.size > 0 && topic === topics.readings && erased.has(key.slice(0, key.indexOf("/")));
}

/** Where what was archived is entered; see PartitionLedger. */
export type ArchiveLedger = Pick<PartitionLedger, "add" | "store" | "offset">;

/**
 * Archives one partition while it is owned. The group's offset follows the segments: it is committed only when the segment that
 * covers it is durable and entered in the ledger, so a crash writes records again in a segment that overlaps, which reading passes over.
 */
export class PartitionArchive {
  readonly #assignment: Assignment;
  readonly #segments: SegmentStore;
  readonly #ledger: ArchiveLedger;
  readonly #limits: ArchiveLimits;
  readonly #monotonicMs: () => number;
  #buffer: SegmentBuffer | undefined;
  #position = 0;
  /** A segment is durable that the ledger or the offset does not tell of. So it may be at first: an owner before may have ended between the two. */
  #unsettled: boolean;
  #tail: Promise<void> = Promise.resolve();
  /** Small segments of this ownership that may still be merged. */
  #written: WrittenSegment[] = [];

  constructor(options: { assignment: Assignment; segments: SegmentStore; ledger: ArchiveLedger; limits: ArchiveLimits; monotonicMs: () => number }) {
    this.#assignment = options.assignment;
    this.#segments = options.segments;
    this.#ledger = options.ledger;
    this.#position = options.ledger.offset;
    this.#unsettled = options.ledger.offset > 0;
    this.#limits = options.limits;
    this.#monotonicMs = options.monotonicMs;
  }

  get generation(): number {
    return this.#assignment.generation;
  }

  append(batch: RecordBatch, erased: ErasedClients = none): Promise<void> {
    return this.#inTurn(async () => {
      for (const record of batch.records) {
        // A batch that failed half way comes again: what is in hand already is passed over.
        if (record.offset < this.#position) continue;
        if (this.#buffer !== undefined && !this.#buffer.takes(record)) await this.#write();
        this.#buffer ??= this.#start(batch, record);
        this.#buffer.add(record, isErased(batch.topic, record, erased));
        this.#position = record.offset + 1;
        if (this.#buffer.bytes >= this.#limits.maxSegmentBytes) await this.#write();
      }
    });
  }

  /** Writes the segment in hand when it is old enough, or in any case when told. */
  flush(whatever = false): Promise<void> {
    return this.#inTurn(async () => {
      const buffer = this.#buffer;
      if (this.#unsettled) await this.#settle();
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
    if (buffer.kept > 0) {
      const { name, bytes } = await buffer.seal();
      await this.#segments.put(name, bytes);
      this.#written.push({ name, bytes: bytes.length });
    }
    this.#buffer = undefined;
    this.#enter(buffer);
    await this.#settle();
    await this.#merge();
  }

  /** Stores the ledger, then the group's offset. */
  async #settle(): Promise<void> {
    this.#unsettled = true;
    await this.#ledger.store();
    await this.#assignment.commit(this.#ledger.offset);
    this.#unsettled = false;
  }

  #enter({ kept, passedOver, erased, nextOffset }: SegmentBuffer): void {
    const tally = new Tally();
    const records = kept + passedOver + erased;
    tally.came(records);
    tally.went("archived", kept);
    tally.went("archived before", passedOver);
    tally.went("dropped", erased, "client-erased");
    this.#ledger.add({ nextOffset, tally, records, offsets: [], facts: [], unread: [] });
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
