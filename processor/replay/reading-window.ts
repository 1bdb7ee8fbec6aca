import { hasCode, topics, type StoredRecord } from "@caudal/core";
import type { PastOf } from "./options.ts";

const MAX_BYTES = 8 * 1024 * 1024;
const MAX_RECORDS = 20_000;
/** A partition of readings is read again from an earlier place at most so often; what would need more is taken as it was mapped. */
const MAX_REWINDS = 200;
const REACH_BEHIND = 500;

/** Readings of one partition around the place where its events are being replayed: read once in order, a bounded stretch of it at hand. */
export class ReadingWindow {
  readonly #past: PastOf;
  readonly #partition: number;
  readonly #signal: AbortSignal;
  readonly #held = new Map<number, StoredRecord>();
  #bytes = 0;
  #records: AsyncIterator<StoredRecord> | undefined;
  #startOffset = 0;
  #nextOffset = 0;
  #rewinds = 0;

  constructor(past: PastOf, partition: number, signal: AbortSignal) {
    this.#past = past;
    this.#partition = partition;
    this.#signal = signal;
  }

  /** The record at the offset; undefined where archive and log do not have it, or it cannot be come by in reasonable time. */
  async at(offset: number): Promise<StoredRecord | undefined> {
    const held = this.#held.get(offset);
    if (held !== undefined) return held;
    if (this.#records === undefined || offset < this.#startOffset) {
      if (this.#rewinds++ >= MAX_REWINDS) return undefined;
      await this.#rewind(Math.max(0, offset - REACH_BEHIND));
    }
    while (this.#nextOffset <= offset) if (!(await this.#read())) return undefined;
    return this.#held.get(offset);
  }

  async close(): Promise<void> {
    await this.#records?.return?.();
    this.#records = undefined;
    this.#held.clear();
  }

  async #rewind(fromOffset: number): Promise<void> {
    await this.close();
    this.#bytes = 0;
    this.#startOffset = fromOffset;
    this.#nextOffset = fromOffset;
    this.#records = singly(this.#past(topics.readings, this.#partition, { fromOffset, toOffset: Number.MAX_SAFE_INTEGER, signal: this.#signal }));
  }

  async #read(): Promise<boolean> {
    let next: IteratorResult<StoredRecord>;
    try {
      next = await this.#records!.next();
    } catch (error) {
      // A part that neither archive nor log holds: its events are taken as they were mapped.
      if (!hasCode(error, "offset-out-of-range")) throw error;
      return false;
    }
    if (next.done === true) return false;
    const record = next.value;
    this.#held.set(record.offset, record);
    this.#bytes += record.value.length;
    this.#nextOffset = record.offset + 1;
    for (const [offset, oldest] of this.#held) {
      if (this.#bytes <= MAX_BYTES && this.#held.size <= MAX_RECORDS) break;
      this.#held.delete(offset);
      this.#bytes -= oldest.value.length;
      this.#startOffset = offset + 1;
    }
    return true;
  }
}

async function* singly(batches: AsyncIterable<readonly StoredRecord[]>): AsyncGenerator<StoredRecord> {
  for await (const batch of batches) yield* batch;
}
