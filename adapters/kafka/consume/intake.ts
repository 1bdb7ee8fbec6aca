import type { StoredRecord } from "@caudal/core";
import { FetchedRecords, type TakeLimits } from "../records/fetched-records.ts";

/** More is fetched for a partition while it holds less than this of packed records. */
const LOW_WATER_BYTES = 512 * 1024;

/** What was fetched of a partition and waits for its handler. */
export class Intake {
  #fetched: FetchedRecords[] = [];
  #position: number;
  #endOffset: number;
  #handedTo: number;

  /** Starts at an offset; `endOffset` is the partition's end as far as it is known. */
  constructor(position: number, endOffset: number) {
    this.#position = position;
    this.#handedTo = position;
    this.#endOffset = endOffset;
  }

  /** Offset to fetch from next. */
  get position(): number {
    return this.#position;
  }

  get endOffset(): number {
    return this.#endOffset;
  }

  /** Offset behind what was handed to the handler. */
  get handedTo(): number {
    return this.#handedTo;
  }

  get wantsMore(): boolean {
    let bytes = 0;
    for (const { bytesLeft } of this.#fetched) bytes += bytesLeft;
    return bytes < LOW_WATER_BYTES;
  }

  /** Takes in what was fetched from `from`; ignores it when the position moved meanwhile. */
  accept(from: number, bytes: Buffer, endOffset: number): boolean {
    if (from !== this.#position) return false;
    this.#endOffset = Math.max(this.#endOffset, endOffset);
    const fetched = new FetchedRecords(bytes, from);
    if (fetched.drained) return false;
    this.#fetched.push(fetched);
    this.#position = fetched.endOffset;
    return true;
  }

  /** Next records and the offset behind them; undefined when nothing waits. Fails with "corrupt". */
  take(limits: TakeLimits): { readonly records: readonly StoredRecord[]; readonly nextOffset: number } | undefined {
    for (let first = this.#fetched[0]; first !== undefined; first = this.#fetched[0]) {
      const records = first.take(limits);
      if (first.drained) this.#fetched.shift();
      this.#handedTo = first.nextOffset;
      if (records.length > 0) return { records, nextOffset: first.nextOffset };
    }
    return undefined;
  }

  /** Forgets what was fetched and goes on from the offset. */
  restart(position: number): void {
    this.#fetched = [];
    this.#position = position;
    this.#handedTo = position;
  }
}
