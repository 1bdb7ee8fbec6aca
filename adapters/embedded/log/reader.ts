import { crc32 } from "node:zlib";
import type { StatementSync } from "node:sqlite";
import { toCaudalError } from "../sqlite/failure.ts";
import { openSqlite, type Sqlite } from "../sqlite/database.ts";
import type { FetchReply, FetchRequest } from "./calls.ts";
import { corruptRecord } from "./corruption.ts";
import { INDEX_STRIDE } from "./slab.ts";
import { areBytes } from "./state.ts";
import { recordsTable } from "./tables.ts";

const FIRST_BYTES = 64 * 1024;

type Row = readonly [offset: number, appendedAtUs: number, crc: number, key: Uint8Array, headers: Uint8Array | null, value: Uint8Array];

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
      for (const row of this.#select(partitionId).iterate(fromOffset, endOffset, maxRecords) as Iterable<unknown>) {
        const [offset, , crc, key, headers, value] = row as Row;
        if (!areBytes({ key, headers, value })) break;
        const size = key.length + (headers?.length ?? 0) + value.length;
        if (offset !== fromOffset + into.count || (into.count > 0 && into.bytes + size > maxBytes)) break;
        if (into.add(row as Row) === crc) continue;
        into.dropLast();
        break;
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
      select = this.#db.prepare(
        `SELECT offset, appended_at_us, crc, key, headers, value FROM ${recordsTable(partitionId)} WHERE offset >= ? AND offset < ? ORDER BY offset LIMIT ?`,
      );
      select.setReturnArrays(true);
      this.#selects.set(partitionId, select);
    }
    return select;
  }
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

  /** Returns the checksum of what was added. */
  add([, appendedAtUs, , key, headers, value]: Row): number {
    const start = this.bytes;
    const headersAt = start + key.length;
    const valueAt = headersAt + (headers?.length ?? 0);
    const end = valueAt + value.length;
    this.#reserve(end);
    this.#buffer.set(key, start);
    if (headers !== null) this.#buffer.set(headers, headersAt);
    this.#buffer.set(value, valueAt);
    const at = this.count * INDEX_STRIDE;
    this.#index[at] = start;
    this.#index[at + 1] = headersAt - start;
    this.#index[at + 2] = valueAt - headersAt;
    this.#index[at + 3] = end - valueAt;
    this.#times[this.count] = appendedAtUs;
    this.bytes = end;
    this.count += 1;
    return crc32(this.#buffer.subarray(start, end));
  }

  dropLast(): void {
    this.count -= 1;
    this.bytes = this.#index[this.count * INDEX_STRIDE] ?? 0;
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
