import type { StatementSync } from "node:sqlite";
import { toCaudalError } from "../sqlite/failure.ts";
import { openSqlite, type Sqlite } from "../sqlite/database.ts";
import type { FetchReply, FetchRequest } from "./calls.ts";
import { corruptRecord } from "./corruption.ts";
import { frameChecksum } from "./frame.ts";
import { INDEX_STRIDE } from "./slab.ts";
import { recordsTable } from "./tables.ts";

const FIRST_BYTES = 64 * 1024;
/** Rows that are asked for before anybody knows how large they are. */
const FIRST_ROWS = 8;
/** And at a time at all: after small records large ones may come. */
const MOST_ROWS = 64;

/** A record; its frame may be something else where its page was damaged. */
type Row = readonly [offset: number, appendedAtUs: number, crc: number, frame: unknown];

/** Reads a log's file beside its writer. Synchronous; lives in a worker thread of its own. */
export class LogReader {
  readonly #db: Sqlite;
  readonly #selects = new Map<number, StatementSync>();

  constructor(path: string) {
    this.#db = openSqlite({ path, readOnly: true, cacheKib: 4 * 1024 });
  }

  /**
   * Records from `fromOffset` on up to the limits, the first whatever its size. Stops before a record that is missing or does not have
   * its checksum, and fails with "corrupt" when that is the first.
   */
  fetch(request: FetchRequest): FetchReply {
    const { partitionId, fromOffset, endOffset, maxRecords, maxBytes } = request;
    const into = new Rows(Math.min(maxRecords, endOffset - fromOffset), Math.min(maxBytes, FIRST_BYTES));
    try {
      const select = this.#select(partitionId);
      for (let from = fromOffset, asked = FIRST_ROWS; ; from = fromOffset + into.count, asked = roomFor(into, maxBytes)) {
        const most = Math.min(asked, maxRecords - into.count, endOffset - from);
        if (most <= 0) break;
        const rows = select.all(from, endOffset, most) as unknown as readonly Row[];
        if (!rows.every((row) => into.take(row, fromOffset, maxBytes)) || rows.length < most) break;
      }
    } catch (error) {
      throw toCaudalError(error, `${request.topic}/${request.partition} from ${fromOffset}`);
    }
    if (into.count === 0) throw corruptRecord({ topic: request.topic, partition: request.partition, offset: fromOffset });
    return into.finish();
  }

  close(): void {
    this.#db.close();
  }

  #select(partitionId: number): StatementSync {
    let select = this.#selects.get(partitionId);
    if (select === undefined) {
      select = this.#db.prepare(`SELECT offset, appended_at_us, crc, frame FROM ${recordsTable(partitionId)} WHERE offset >= ? AND offset < ? ORDER BY offset LIMIT ?`);
      select.setReturnArrays(true);
      this.#selects.set(partitionId, select);
    }
    return select;
  }
}

/** Rows that should fit beside those that are taken, were they as large: one at least, so that the first too large ends it. */
function roomFor({ count, bytes }: Rows, maxBytes: number): number {
  return Math.min(MOST_ROWS, Math.max(1, Math.floor(((maxBytes - bytes) * count) / Math.max(1, bytes))));
}

/** Rows packed for the other thread. */
class Rows {
  #buffer: Uint8Array<ArrayBuffer>;
  readonly #index: Uint32Array<ArrayBuffer>;
  readonly #times: Float64Array<ArrayBuffer>;
  bytes = 0;
  count = 0;

  constructor(mostRows: number, firstBytes: number) {
    this.#buffer = new Uint8Array(new ArrayBuffer(firstBytes));
    this.#index = new Uint32Array(mostRows * INDEX_STRIDE);
    this.#times = new Float64Array(mostRows);
  }

  /** False, and nothing taken, for a row that is not the next, not whole, or too large to go along. */
  take([offset, appendedAtUs, crc, frame]: Row, fromOffset: number, maxBytes: number): boolean {
    if (offset !== fromOffset + this.count || frameChecksum(frame) !== crc) return false;
    const bytes = frame as Uint8Array;
    if (this.count > 0 && this.bytes + bytes.length > maxBytes) return false;
    const start = this.bytes;
    const end = start + bytes.length;
    this.#reserve(end);
    this.#buffer.set(bytes, start);
    const at = this.count * INDEX_STRIDE;
    this.#index[at] = start;
    this.#index[at + 1] = end;
    this.#times[this.count] = appendedAtUs;
    this.bytes = end;
    this.count += 1;
    return true;
  }

  finish(): FetchReply {
    return {
      slab: { bytes: this.#buffer.slice(0, this.bytes), index: this.#index.slice(0, this.count * INDEX_STRIDE) },
      appendedAtUs: this.#times.slice(0, this.count),
    };
  }

  #reserve(bytes: number): void {
    if (bytes <= this.#buffer.length) return;
    const larger = new Uint8Array(new ArrayBuffer(Math.max(bytes, 2 * this.#buffer.length)));
    larger.set(this.#buffer.subarray(0, this.bytes));
    this.#buffer = larger;
  }
}
