import { sizeOf, unpackTable, type BucketTable } from "./bucket-table.ts";

/** Some megabytes. */
const MOST_BUCKETS = 32_768;

interface Unpacked {
  readonly blob: Uint8Array;
  readonly table: BucketTable;
  readonly buckets: number;
}

/** Tables that were read last, unpacked: an answer reads the same ones for its buckets and for its coverage, and so does whoever asks again. */
export class UnpackedTables {
  readonly #kept = new Map<string, Unpacked>();
  #buckets = 0;

  /** The table of these very bytes, not to be changed. Throws as `unpackTable` does. */
  of(id: string, blob: Uint8Array): BucketTable {
    const known = this.#kept.get(id);
    this.#forget(id);
    const unpacked = known !== undefined && Buffer.compare(known.blob, blob) === 0 ? known : unpackedOf(blob);
    this.#kept.set(id, unpacked);
    this.#buckets += unpacked.buckets;
    for (const oldest of this.#kept.keys()) {
      if (this.#buckets <= MOST_BUCKETS) break;
      this.#forget(oldest);
    }
    return unpacked.table;
  }

  clear(): void {
    this.#kept.clear();
    this.#buckets = 0;
  }

  #forget(id: string): void {
    this.#buckets -= this.#kept.get(id)?.buckets ?? 0;
    this.#kept.delete(id);
  }
}

function unpackedOf(blob: Uint8Array): Unpacked {
  const table = unpackTable(blob);
  return { blob, table, buckets: sizeOf(table) };
}
