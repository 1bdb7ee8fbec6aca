import type { StoredRecord } from "@caudal/core";

/** Rough bytes of heap that a record costs beside its contents, what readers made of it included. */
const RECORD_OVERHEAD = 1000;
const RUN_OVERHEAD = 150;

/** Records of one partition without a hole, in offset order. */
interface Run {
  readonly firstOffset: number;
  readonly records: readonly StoredRecord[];
}

/** The newest records of one partition, always up to its end. */
export class Tail {
  readonly #runs: Run[] = [];

  /** First offset held; Infinity when nothing is. */
  get firstOffset(): number {
    return this.#runs[0]?.firstOffset ?? Infinity;
  }

  /** Records from `fromOffset` on, which must be held, up to the limits but at least one. */
  take(fromOffset: number, maxRecords: number, maxBytes: number): StoredRecord[] {
    const taken: StoredRecord[] = [];
    let bytes = 0;
    for (let at = this.#find(fromOffset); at < this.#runs.length; at += 1) {
      const { firstOffset, records } = this.#runs[at] as Run;
      for (let i = Math.max(0, fromOffset - firstOffset); i < records.length; i += 1) {
        const record = records[i] as StoredRecord;
        bytes += record.key.length + record.value.length;
        if (taken.length > 0 && (taken.length >= maxRecords || bytes > maxBytes)) return taken;
        taken.push(record);
      }
    }
    return taken;
  }

  push(run: Run): void {
    this.#runs.push(run);
  }

  shift(): void {
    this.#runs.shift();
  }

  #find(offset: number): number {
    let low = 0;
    let high = this.#runs.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((this.#runs[middle] as Run).firstOffset <= offset) low = middle;
      else high = middle - 1;
    }
    return low;
  }
}

/** Bounds the memory of all tails together: the oldest commit goes first, so each tail stays without a hole. */
export class TailCache {
  readonly #maxBytes: number;
  readonly #commits: { readonly tails: readonly Tail[]; readonly bytes: number }[] = [];
  #bytes = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** Adds what one commit brought; `slabBytes` is the memory that its values are views of. */
  add(records: ReadonlyMap<Tail, readonly StoredRecord[]>, slabBytes: number): void {
    let bytes = slabBytes;
    for (const [tail, run] of records) {
      const first = run[0];
      if (first === undefined) continue;
      tail.push({ firstOffset: first.offset, records: run });
      bytes += RUN_OVERHEAD + run.length * RECORD_OVERHEAD;
    }
    this.#commits.push({ tails: [...records.keys()], bytes });
    this.#bytes += bytes;
    while (this.#bytes > this.#maxBytes) this.#dropOldest();
  }

  #dropOldest(): void {
    const oldest = this.#commits.shift();
    if (oldest === undefined) return;
    for (const tail of oldest.tails) tail.shift();
    this.#bytes -= oldest.bytes;
  }
}
